"""Disk for the recordings: what a camera writes in the days that the law asks to keep.

::

    GB = Mbit/s × 86 400 s × days ÷ 8 bit/byte ÷ 1 000 MB/GB
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ilo_geo.core.units import peru_number
from ilo_geo.security.optics import CameraModel

S_PER_DAY = 86_400
BITS_PER_BYTE = 8
MB_PER_GB = 1000


def storage_gb(bitrate_mbit_s: float, days: float) -> float:
    """Return what a camera that writes without pause fills, in GB of 10⁹ bytes."""
    return bitrate_mbit_s * S_PER_DAY * days / BITS_PER_BYTE / MB_PER_GB


def storage_table(models: Sequence[CameraModel], days: float) -> pd.DataFrame:
    """Return a row a model among the chosen cameras, with the sum written out."""
    rows = {}
    for model in dict.fromkeys(models):
        n, each_gb = models.count(model), storage_gb(model.bitrate_mbit_s, days)
        rows[model.id] = {
            "title_es": model.title.es,
            "title_en": model.title.en,
            "n_cameras": n,
            "bitrate_mbit_s": model.bitrate_mbit_s,
            "days": days,
            "camera_gb": each_gb,
            "total_gb": n * each_gb,
            "arithmetic": (
                f"{n} × {model.bitrate_mbit_s:g} Mbit/s × {peru_number(S_PER_DAY)} s × {days:g} d"
                f" ÷ {BITS_PER_BYTE} ÷ {peru_number(MB_PER_GB)} = {peru_number(n * each_gb)} GB"
            ),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("model")
