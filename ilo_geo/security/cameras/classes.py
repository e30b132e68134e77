"""Classes of the maps of cameras, as data; those the rules already hold are not said twice."""

from __future__ import annotations

from functools import cache
from typing import Any

from ilo_geo.core.scales import CategoryScale
from ilo_geo.core.scales import Scale
from ilo_geo.core.scales import ScaleClass
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.security.cameras.rules import PACKAGE
from ilo_geo.security.cameras.rules import camera_rules
from ilo_geo.security.optics import DensityBand
from ilo_geo.security.optics import edition

EDITIONS = ("2014", "2024")


@cache
def _said() -> dict[str, Any]:
    table: dict[str, Any] = load_package_yaml(PACKAGE, "classes.yaml")
    return table


@cache
def band_scale() -> CategoryScale:
    """Return the classes of what is seen: the bands of both editions, the coarsest first."""
    said = _said()["bands"]
    bands = [band for name in EDITIONS for band in edition(name).bands]
    bands.sort(key=lambda band: band.density_px_m)
    return CategoryScale(
        id="density_band",
        title=said["title"],
        column="density_band",
        classes=tuple(_band(band, said["colours"][band.id]) for band in bands),
        missing=ScaleClass(id="no_band", title=said["masked"], colour="#BDBDBD"),
        source="; ".join(edition(name).source for name in EDITIONS),
    )


def _band(band: DensityBand, colour: str) -> ScaleClass:
    density = f"{band.density_px_m:g} px/m"
    title = Text(es=f"{band.title.es}, {density}", en=f"{band.title.en}, {density}")
    return ScaleClass(id=band.id, title=title, colour=colour)


@cache
def coverage_scale() -> CategoryScale:
    """Return the classes of an area's coverage, the worst first."""
    said, rules = _said()["coverage"], camera_rules()
    return CategoryScale(
        id="camera_coverage",
        title=said["title"],
        column="coverage_class",
        classes=tuple(
            ScaleClass(
                id=c.id, title=c.title, colour=said["colours"][c.id], pattern=said["patterns"][c.id]
            )
            for c in rules.classes
        ),
        missing=said["missing"],
        source=rules.classes_source,
    )


@cache
def deficit_scale() -> Scale:
    """Return the classes of the need in a cell that neither a camera nor a patrol reaches."""
    return Scale.model_validate(_said()["deficit"])


@cache
def masked_scale() -> Scale:
    """Return the classes of a masked façade by its distance from the camera."""
    return Scale.model_validate(_said()["masked"])


@cache
def chosen_scale() -> CategoryScale:
    """Return the one class of what was chosen."""
    return CategoryScale.model_validate(_said()["chosen"])
