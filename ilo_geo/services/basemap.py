"""The map's own ground where there is no network: sea, relief and names.

Sea is the part of the view on the seaward side of the coastline, which is extended straight beyond
its ends; outside the study area it is scenery, not data. Relief is a shaded terrain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from pyproj import CRS
from pyproj import Transformer
from rasterio.enums import Resampling
from rasterio.io import MemoryFile
from rasterio.transform import array_bounds
from rasterio.warp import calculate_default_transform
from rasterio.warp import reproject
from scipy.ndimage import gaussian_filter
from shapely.ops import split

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.layer import RasterLayer
from ilo_geo.services.map_layers import Payload
from ilo_geo.services.map_layers import collection
from ilo_geo.services.map_layers import feature_texts
from ilo_geo.services.map_layers import payload
from ilo_geo.services.search import named_features

if TYPE_CHECKING:
    from ilo_geo.services.areas import Area

WEB_MERCATOR = CRS.from_epsg(3857)
# how far beyond the study area one may look
VIEW_MARGIN_M = 60_000.0
# long side of the relief image, kept small because it is sent with the first page
RELIEF_PIXELS = 760
# sun from the north-west, 40° high, relief doubled: what a reader's eye expects of a shaded map
AZIMUTH_DEG, ALTITUDE_DEG, EXAGGERATION = 315.0, 40.0, 2.0
# few greys keep the image small; at a quarter of full strength nobody sees the steps
GREYS = 24


@dataclass(frozen=True)
class Relief:
    """A shaded relief: PNG and the corners it is stretched between (south, west, north, east)."""

    image: Payload
    bounds_deg: tuple[float, float, float, float]


def sea_payload(area: Area) -> Payload:
    """Return the sea as one polygon, or nothing for an area without a coastline."""
    frame = sea(area)
    if frame is None:
        return collection([])
    return collection(feature_texts(frame.to_crs(DISPLAY_CRS), {}))


def sea(area: Area) -> gpd.GeoDataFrame | None:
    """Return the sea as one polygon in the area's CRS, or None without a coastline."""
    land = area.boundary
    if not area.has("coastline") or land is None:
        return None
    coast = shapely.line_merge(shapely.union_all(area.frame("coastline").geometry.to_numpy()))
    longest = max(shapely.get_parts(coast), key=shapely.length)
    view = shapely.box(*land.bounds).buffer(VIEW_MARGIN_M, join_style="mitre")
    parts = shapely.get_parts(split(view, _extended(longest, 4 * VIEW_MARGIN_M)))
    shared_m2 = shapely.area(shapely.intersection(parts, land))
    water = shapely.union_all(parts[shared_m2 < 0.5 * shapely.area(land)])
    return gpd.GeoDataFrame(geometry=[water], crs=area.crs)


def _extended(line: shapely.LineString, length_m: float) -> shapely.LineString:
    """Return ``line`` with both ends drawn out along its general direction."""
    xy = shapely.get_coordinates(line)
    direction = (xy[-1] - xy[0]) / np.hypot(*(xy[-1] - xy[0]))
    return shapely.LineString(
        np.vstack([xy[0] - direction * length_m, xy, xy[-1] + direction * length_m])
    )


def relief(area: Area) -> Relief | None:
    """Return the shaded terrain of an area, or None where it has no terrain."""
    if not area.has("terrain"):
        return None
    layer = area.layer("terrain")
    if not isinstance(layer, RasterLayer):
        return None
    height_m, transform = _to_mercator(layer)
    height_m = _smoothed(height_m, (layer.meta.accuracy_m or 0.0) / transform.a)
    west, south, east, north = array_bounds(*height_m.shape, transform)
    to_degrees = Transformer.from_crs(WEB_MERCATOR, DISPLAY_CRS, always_xy=True)
    (lon_west, lon_east), (lat_south, lat_north) = to_degrees.transform(
        [west, east], [south, north]
    )
    image = payload(_shade_png(height_m, transform), "image/png")
    return Relief(image, (lat_south, lon_west, lat_north, lon_east))


def _smoothed(height_m: np.ndarray, sigma_pixels: float) -> np.ndarray:
    """Return the terrain without the detail that is finer than its accuracy; NaN stays NaN."""
    known = ~np.isnan(height_m)
    if sigma_pixels < 0.5 or not known.any():
        return height_m
    total = gaussian_filter(np.where(known, height_m, 0.0), sigma_pixels)
    weight = gaussian_filter(known.astype(np.float32), sigma_pixels)
    return np.where(known, total / np.maximum(weight, 1e-6), np.nan)


def _to_mercator(layer: RasterLayer) -> tuple[np.ndarray, rasterio.Affine]:
    heights_m = layer.values  # noqa: PD011 - an array, not a frame
    rows, columns = heights_m.shape
    bounds = array_bounds(rows, columns, layer.transform)
    scale = min(1.0, RELIEF_PIXELS / max(rows, columns))
    transform, width, height = calculate_default_transform(
        layer.crs,
        WEB_MERCATOR,
        columns,
        rows,
        *bounds,
        dst_width=max(2, round(columns * scale)),
        dst_height=max(2, round(rows * scale)),
    )
    target = np.full((height, width), np.nan, dtype=np.float32)
    reproject(
        heights_m,
        target,
        src_transform=layer.transform,
        src_crs=layer.crs,
        src_nodata=np.nan,
        dst_transform=transform,
        dst_crs=WEB_MERCATOR,
        dst_nodata=np.nan,
        resampling=Resampling.average,
    )
    return target, transform


def _shade_png(height_m: np.ndarray, transform: rasterio.Affine) -> bytes:
    """Return shadow as black of varying transparency (Lambert: cosine of sun and slope normal)."""
    to_north, to_east = np.gradient(height_m * EXAGGERATION, transform.e, transform.a)
    azimuth, altitude = np.radians([AZIMUTH_DEG, ALTITUDE_DEG])
    light = (
        np.sin(altitude)
        - np.cos(altitude) * (to_east * np.sin(azimuth) + to_north * np.cos(azimuth))
    ) / np.sqrt(1.0 + to_east**2 + to_north**2)
    shadow = np.clip(1.0 - np.nan_to_num(light, nan=1.0) / np.sin(altitude), 0.0, 1.0)
    # the sea and flat ground stay as they are
    flat = np.isnan(height_m) | (height_m <= 0)
    alpha = np.where(flat, 0, np.round(shadow * GREYS) * (255 / GREYS)).astype(np.uint8)
    rows, columns = alpha.shape
    shape = {"width": columns, "height": rows, "count": 2, "dtype": "uint8"}
    with MemoryFile() as memory:
        with memory.open(driver="PNG", transform=transform, **shape) as png:
            png.write(np.zeros_like(alpha), 1)
            png.write(alpha, 2)
        return bytes(memory.read())


def label_payload(area: Area) -> Payload:
    """Return names as points: text (``n``), rank (``r``, 0 first) and first zoom (``z``)."""
    names = [_names(area, *row) for row in LABELLED if area.has(row[0])]
    if not names:
        return collection([])
    every = pd.concat(names, ignore_index=True)
    # a zone may be called like its district, whose name stands far away; two alike places may not
    again = every.assign(district=every["rank"] == 0).duplicated(["text", "district"])
    table = gpd.GeoDataFrame(every[~again], crs=area.crs)
    frame = table.to_crs(DISPLAY_CRS)
    return collection(feature_texts(frame, {"n": "text", "r": "rank", "z": "from_zoom"}))


# layer, rank, first zoom: what is named first and from which zoom on
LABELLED = (
    ("districts", 0, 9),
    ("zones", 1, 12),
    ("places", 2, 14),
    ("settlements", 3, 13),
)


def _names(area: Area, layer_id: str, rank: int, from_zoom: int) -> pd.DataFrame:
    frame = named_features(area, layer_id)
    # what stands in brackets or after a comma explains; on the map the name is enough
    text = frame["name"].astype(str).str.split(r"[(,;]", regex=True).str[0].str.strip()
    text = text.map(_in_lower_case)
    points = frame.geometry.representative_point()
    return pd.DataFrame({"text": text, "rank": rank, "from_zoom": from_zoom, "geometry": points})


def _in_lower_case(name: str) -> str:
    """Return a name that a register writes in capitals as one writes it on a map."""
    if not name.isupper():
        return name
    small = ("De", "Del", "La", "Las", "Los", "El", "Y")
    first, *rest = name.title().split()
    return " ".join([first, *(word.lower() if word in small else word for word in rest)])
