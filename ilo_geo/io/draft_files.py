"""Proposals on disk: a folder each, with ``proposal.json`` and its places as a GeoPackage.

A folder is written whole or not at all. The JSON holds the fingerprint of the GeoPackage, so a
file that was changed, swapped or cut short is found out when it is read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from ilo_geo.core.errors import InputError
from ilo_geo.io.vector import file_sha256
from ilo_geo.io.vector import read_features
from ilo_geo.io.vector import write_features
from ilo_geo.io.workspace import atomic_path

FORMAT = 1
PROPOSAL_FILE, PLACES_FILE = "proposal.json", "places.gpkg"
LAYER, ID, GEOMETRY = "places", "id", "geometry"
# the newest that QGIS 3.22 reads without a warning
GPKG_VERSION = "1.3"
EXPECTED = "a stored proposal"


@dataclass(frozen=True)
class DraftFile:
    """What lies in one folder: the document, and the places on the index ``id``."""

    document: dict[str, Any]
    places: gpd.GeoDataFrame


def write_draft(folder: Path, document: Mapping[str, Any], places: gpd.GeoDataFrame) -> None:
    """Write a proposal into ``folder``, replacing what was there.

    Raises
    ------
    WorkspaceError
        The disk refused; the folder is as it was.
    """
    with atomic_path(folder) as temporary:
        temporary.mkdir()
        write_features(
            places.reset_index(),
            temporary / PLACES_FILE,
            layer=LAYER,
            layer_options={"FID": "fid", "GEOMETRY_NAME": GEOMETRY},
            dataset_options={"VERSION": GPKG_VERSION},
        )
        envelope = {
            "format": FORMAT,
            "places_sha256": file_sha256(temporary / PLACES_FILE),
            "proposal": dict(document),
        }
        text = json.dumps(envelope, ensure_ascii=False, indent=1, allow_nan=False)
        (temporary / PROPOSAL_FILE).write_text(text, encoding="utf-8")


def read_draft(folder: Path) -> DraftFile:
    """Return what `write_draft` wrote.

    Raises
    ------
    InputError
        A file is missing, damaged, of another format or not the one that was written.
    """
    path = folder / PROPOSAL_FILE
    try:
        envelope = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise _unreadable(path, "no file") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise _unreadable(path, str(error)) from error
    if not isinstance(envelope, dict) or envelope.get("format") != FORMAT:
        raise _unreadable(path, "another format")
    places_path = folder / PLACES_FILE
    if not places_path.is_file():
        raise _unreadable(places_path, "no file")
    if file_sha256(places_path) != envelope.get("places_sha256"):
        raise _unreadable(places_path, "changed since it was written")
    places = read_features(places_path)
    ids = pd.Index(places[ID].astype(str), name=ID)
    document = envelope.get("proposal")
    if not isinstance(document, dict):
        raise _unreadable(path, "no proposal in it")
    return DraftFile(document, places.set_index(ids)[[GEOMETRY]])


def _unreadable(path: Path, found: str) -> InputError:
    return InputError("file.unreadable", where=str(path), found=found, expected=EXPECTED)
