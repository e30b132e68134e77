"""Layers as the map wants them: WGS 84, six decimals, short properties, gzipped once.

A feature is written to text once; a window of a large layer joins the texts of the features that
meet it. A payload carries an ETag made of its content, so a browser that has it is told so.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.errors import LayerNotFoundError
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.layer import VectorLayer
from ilo_geo.core.results import plain
from ilo_geo.core.schema import GeometryKind
from ilo_geo.core.text import load_package_yaml

if TYPE_CHECKING:
    from ilo_geo.services.areas import Area

GEOJSON = "application/geo+json"
DECIMALS = 6
DRAWABLE = (GeometryKind.POINT, GeometryKind.LINE, GeometryKind.POLYGON)
# a window wider than this is a request for the whole layer in disguise
MAX_WINDOW_DEG = 0.12
MAX_WINDOW_FEATURES = 20_000


class Overview(BaseModel):
    """The part of a large layer that is worth seeing from afar."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    values: tuple[str, ...]


class MapSpec(BaseModel):
    """How one layer is sent to the map; ``columns`` maps short names to the layer's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    drawn: bool = True
    columns: dict[str, str] = {}
    window_from_zoom: int | None = None
    overview: Overview | None = None


@dataclass(frozen=True)
class Payload:
    """A gzipped body and what HTTP says about it."""

    body: bytes
    etag: str
    media_type: str = GEOJSON


@dataclass(frozen=True)
class _Written:
    """The features of a layer as text, and an index of where they lie (WGS 84)."""

    texts: np.ndarray
    tree: shapely.STRtree
    frame: gpd.GeoDataFrame


@cache
def _specs() -> dict[str, MapSpec]:
    table = load_package_yaml("ilo_geo.services", "map_layers.yaml")
    return {layer_id: MapSpec.model_validate(spec) for layer_id, spec in table.items()}


def map_spec(layer_id: str) -> MapSpec:
    """Return how a layer is sent; layers nobody described send their name."""
    return _specs().get(layer_id, _specs()["default"])


class MapLayers:
    """The payloads of one study area, each made once however many ask at the same time."""

    def __init__(self, area: Area) -> None:
        self._area = area
        self._payloads: dict[str, Payload] = {}
        self._written: dict[str, _Written] = {}
        # writing one payload may need the texts of another
        self._lock = RLock()

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Return the layers with features to draw, in the catalogue's order."""
        declared = self._area.catalogue.declared
        return tuple(
            layer_id
            for layer_id, meta in declared.items()
            if meta.geometry in DRAWABLE and map_spec(layer_id).drawn and self._area.has(layer_id)
        )

    def layer(self, layer_id: str) -> Payload:
        """Return a whole layer, or the overview of one that is sent window by window."""
        spec = map_spec(layer_id)
        if spec.window_from_zoom is not None and spec.overview is None:
            return self.once("empty", lambda: collection([]))
        return self.once(f"layer/{layer_id}", lambda: self._overview(layer_id, spec))

    def window(self, layer_id: str, bounds_deg: Sequence[float]) -> Payload:
        """Return the features that meet a window.

        Parameters
        ----------
        layer_id
            Layer of the area.
        bounds_deg
            West, south, east, north in WGS 84 degrees, at most `MAX_WINDOW_DEG` wide and high.

        Raises
        ------
        ParameterError
            The window is no window or too large.
        """
        west, south, east, north = bounds_deg
        width, height = east - west, north - south
        if not (0 < width <= MAX_WINDOW_DEG and 0 < height <= MAX_WINDOW_DEG):
            expected = f"west,south,east,north, at most {MAX_WINDOW_DEG}° wide"
            found = ",".join(f"{value:g}" for value in bounds_deg)
            raise ParameterError("parameter.invalid", where="bbox", found=found, expected=expected)
        written = self._features(layer_id)
        found_rows = np.sort(written.tree.query(shapely.box(west, south, east, north)))
        return collection(written.texts[found_rows[:MAX_WINDOW_FEATURES]])

    def once(self, key: str, make: Callable[[], Payload]) -> Payload:
        """Return the payload kept under ``key``, made by ``make`` the first time."""
        if key not in self._payloads:
            with self._lock:
                if key not in self._payloads:
                    self._payloads[key] = make()
        return self._payloads[key]

    def kept(self, key: str) -> Payload | None:
        """Return the payload kept under ``key``, if any."""
        return self._payloads.get(key)

    def _overview(self, layer_id: str, spec: MapSpec) -> Payload:
        written = self._features(layer_id)
        if spec.overview is None:
            return collection(written.texts)
        seen = written.frame[spec.overview.column].isin(spec.overview.values)
        return collection(written.texts[seen.to_numpy()])

    def _features(self, layer_id: str) -> _Written:
        if layer_id not in self._written:
            self._written[layer_id] = self._write(layer_id)
        return self._written[layer_id]

    def _write(self, layer_id: str) -> _Written:
        layer = self._area.layer(layer_id)
        if not isinstance(layer, VectorLayer):
            raise LayerNotFoundError(
                "layer.unknown",
                found=layer_id,
                where=self._area.config.id,
                expected=", ".join(self.ids),
            )
        frame = layer.data.to_crs(DISPLAY_CRS)
        columns = {k: c for k, c in map_spec(layer_id).columns.items() if c in frame.columns}
        texts = feature_texts(frame, columns)
        return _Written(texts, shapely.STRtree(frame.geometry.to_numpy()), frame)


def feature_texts(frame: gpd.GeoDataFrame, columns: dict[str, str]) -> np.ndarray:
    """Return each feature of a WGS 84 frame as GeoJSON text.

    ``columns`` maps the property names to columns; properties without a value are left out.
    """
    rounded = shapely.transform(frame.geometry.to_numpy(), lambda xy: np.round(xy, DECIMALS))
    geometries = shapely.to_geojson(rounded)
    values = {key: plain(frame[column].tolist()) for key, column in columns.items()}
    texts = []
    for row, geometry in enumerate(geometries):
        properties = {k: v[row] for k, v in values.items() if v[row] is not None}
        texts.append(
            f'{{"type":"Feature","properties":{_json(properties)},"geometry":{_dense(geometry)}}}'
        )
    return np.array(texts, dtype=object)


def collection(texts: Sequence[str] | np.ndarray) -> Payload:
    """Return a FeatureCollection of already written features."""
    return payload(f'{{"type":"FeatureCollection","features":[{",".join(texts)}]}}'.encode())


def payload(content: bytes, media_type: str = GEOJSON) -> Payload:
    """Return ``content`` gzipped, with the ETag of what it says."""
    etag = hashlib.sha256(content).hexdigest()[:20]
    # no time stamp inside, so that equal content is equal to the byte
    return Payload(gzip.compress(content, compresslevel=6, mtime=0), etag, media_type)


def level_payload(table: gpd.GeoDataFrame) -> Payload:
    """Return the polygons of a result table with id (``i``) and name (``n``), without values.

    Values travel apart, so that a change of parameter recolours what the browser already has.
    """
    frame = table[["name", table.geometry.name]].to_crs(DISPLAY_CRS)
    frame = frame.assign(label=frame.index.astype(str))
    return collection(feature_texts(frame, {"i": "label", "n": "name"}))


def outline_payload(table: gpd.GeoDataFrame, unit_id: str) -> Payload:
    """Return one polygon twice, ``casing`` under ``line``: how a selection is drawn."""
    one = table.loc[[unit_id], [table.geometry.name]].to_crs(DISPLAY_CRS)
    twice = gpd.GeoDataFrame(
        {"part": ["casing", "line"]}, geometry=list(one.geometry) * 2, crs=DISPLAY_CRS
    )
    return collection(feature_texts(twice, {"part": "part"}))


def _dense(geometry: str) -> str:
    # GEOS writes a blank after some commas; on many vertices it shows
    return geometry.replace(", ", ",").replace(": ", ":")


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
