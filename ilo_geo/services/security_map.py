"""What the maps of patrols and hot spots show: pins and areas made from the tables of a result."""

from __future__ import annotations

import string

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ilo_geo.core.results import AnalysisResult

MIN_PER_H = 60.0
MARK, RANK = "mark", "rank"
FIRST, AGAIN = "first", "again"
# what stands on the pin of a base that would be left
LEFT = "×"


def base_pins(result: AnalysisResult, *, proposed: bool) -> gpd.GeoDataFrame:
    """Return the bases there are (A, B …) and, if asked for, those proposed (1, 2 …).

    Where there is none the minutes are from those proposed, which are returned in any case.
    """
    bases = result.maps["bases"]
    there = bases["existing"].to_numpy(dtype=bool)
    letters = _letters(int(there.sum()))
    if proposed:
        kept = bases["chosen"].to_numpy(dtype=bool)[there]
        letters = [sign if stays else LEFT for sign, stays in zip(letters, kept, strict=True)]
    sign = pd.Series("", index=bases.index, dtype=object)
    sign[there] = letters
    sign[~there] = [str(n) for n in range(1, int((~there).sum()) + 1)]
    pins = bases.assign(**{RANK: sign})
    return pins if proposed or not there.any() else pins[there]


def sector_lines(result: AnalysisResult) -> gpd.GeoDataFrame:
    """Return the streets of each patrol sector, its name as ``sector``."""
    table = result.maps["patrol_sectors"]
    named = table.assign(sector=table["name"])
    return named.set_axis([f"sector_{name}" for name in table["name"]])


def sector_numbers(result: AnalysisResult) -> gpd.GeoDataFrame:
    """Return a mark with the number of each sector, on the street amid its streets."""
    table = sector_lines(result)
    places = gpd.GeoSeries([_amid(line) for line in table.geometry], table.index, crs=table.crs)
    marked = table.assign(**{RANK: range(1, len(table) + 1), MARK: "sector_number"})
    return marked.set_geometry(places)


def loop_lines(result: AnalysisResult) -> gpd.GeoDataFrame:
    """Return the streets of the loop, each once: ``passed`` for the first time or ``again``.

    A street passed more than once is drawn as at its first pass.
    """
    table = result.maps["loop"]
    watched = np.where(table["first_pass"].to_numpy(dtype=bool), FIRST, AGAIN)
    drawn = table.assign(passed=watched).set_axis([f"loop_{i}" for i in table.index])
    return drawn.sort_values("passed", kind="stable")


def loop_hours(result: AnalysisResult) -> gpd.GeoDataFrame:
    """Return where the patrol is at each full hour of its round."""
    table = result.maps["loop"]
    hour = (table["arrival_min"] // MIN_PER_H).to_numpy(dtype=int)
    reached = np.diff(hour, prepend=0) > 0
    marks = table[reached].assign(**{RANK: hour[reached], MARK: "hour"})
    places = marks.geometry.representative_point()
    return marks.set_geometry(places).set_axis([f"hour_{n}" for n in hour[reached]])


def density_table(result: AnalysisResult) -> gpd.GeoDataFrame:
    """Return the streets or cells with a density of some class; nothing is drawn of the others."""
    name = "segments" if "segments" in result.maps else "cells"
    table = result.maps[name]
    # the densest is drawn last, over the others
    return table[table["density_class"] > 0].sort_values("density_class", kind="stable")


def cluster_outlines(result: AnalysisResult) -> gpd.GeoDataFrame | None:
    """Return the outlines of clusters, the largest cluster first; None where there are none."""
    table = result.maps.get("clusters")
    if table is None or table.empty:
        return None
    marked = table.assign(**{MARK: "cluster", RANK: range(1, len(table) + 1)})
    return marked.set_axis([f"cluster_{n}" for n in marked[RANK]])


def cluster_marks(result: AnalysisResult) -> gpd.GeoDataFrame | None:
    """Return a mark with the number of each cluster, None where there are none."""
    outlines = cluster_outlines(result)
    if outlines is None:
        return None
    return outlines.set_geometry(outlines.geometry.representative_point())


def _amid(lines: shapely.Geometry) -> shapely.Point:
    """Return the middle of the part nearest to where half of the length lies either way."""
    parts = shapely.get_parts(lines)
    middles = shapely.line_interpolate_point(parts, 0.5, normalized=True)
    xy, length_m = shapely.get_coordinates(middles), shapely.length(parts)
    center = [_weighted_median(xy[:, axis], length_m) for axis in (0, 1)]
    return middles[int(np.argmin(((xy - center) ** 2).sum(axis=1)))]


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values, kind="stable")
    passed = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(passed, passed[-1] / 2)])


def _letters(n: int) -> list[str]:
    """Return the first ``n`` of A, B … Z, A2, B2 and so on."""
    letters = string.ascii_uppercase
    rounds = [f"{letter}{k + 1 if k else ''}" for k in range(n) for letter in letters]
    return rounds[:n]
