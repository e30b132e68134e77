"""Geometry checks at the door: every doubtful feature is reported, none is dropped silently.

A repair is made only where it is lossless, that is where the valid geometry has exactly the
vertices of the drawn one (a hole that touches its shell, a repeated vertex). A bow-tie needs a
vertex that nobody drew, so it is set aside: kept in the report, left out of computations.
"""

from dataclasses import dataclass
from enum import StrEnum

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ilo_geo.core.schema import SHAPELY_TYPES
from ilo_geo.core.schema import GeometryKind

# a polygon thinner than this on average (area over half its perimeter) is a digitising sliver
SLIVER_WIDTH_M = 0.5


class Action(StrEnum):
    """What the door did with a reported feature."""

    KEPT = "kept"
    REPAIRED = "repaired"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True)
class QualityReport:
    """Findings of the geometry checks.

    Attributes
    ----------
    n_features
        Features read, before anything was set aside.
    findings
        One row a finding: ``row`` (label in the file), ``problem``, ``action``.
    """

    n_features: int
    findings: pd.DataFrame

    def count(self, action: Action) -> int:
        """Return how many features met ``action``."""
        return int(self.findings.loc[self.findings["action"] == action, "row"].nunique())


def check_geometries(
    frame: gpd.GeoDataFrame,
    kind: GeometryKind,
    *,
    boundary: shapely.Geometry | None = None,
) -> tuple[gpd.GeoDataFrame, QualityReport]:
    """Return the usable features of ``frame`` and the report on all of them.

    Parameters
    ----------
    frame
        Features in a metric CRS; not mutated.
    kind
        Geometry the layer declares; features of another kind are set aside.
    boundary
        Study area in the same CRS; features wholly outside are reported and kept.

    Returns
    -------
    usable, report
        ``usable`` keeps the index of ``frame`` less the rows set aside.
    """
    geometry = frame.geometry.to_numpy().copy()
    findings: list[tuple[object, str, Action]] = []

    def report(mask: np.ndarray, problem: str, action: Action) -> None:
        findings.extend((row, problem, action) for row in frame.index[mask])

    empty = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    report(empty, "empty", Action.SET_ASIDE)
    finite = np.isfinite(shapely.bounds(geometry)).all(axis=1)
    report(~empty & ~finite, "not_finite", Action.SET_ASIDE)
    wrong_kind = ~frame.geom_type.isin(SHAPELY_TYPES[kind]).to_numpy() & ~empty & finite
    report(wrong_kind, "wrong_geometry_type", Action.SET_ASIDE)
    usable = ~empty & ~wrong_kind & finite

    invalid = usable & ~shapely.is_valid(geometry)
    repaired = np.array([_lossless_repair(g) for g in geometry[invalid]], dtype=object)
    can_repair = ~shapely.is_missing(repaired)
    geometry[np.flatnonzero(invalid)[can_repair]] = repaired[can_repair]
    report(_subset(invalid, can_repair), "invalid", Action.REPAIRED)
    report(_subset(invalid, ~can_repair), "self_crossing", Action.SET_ASIDE)
    usable &= ~_subset(invalid, ~can_repair)

    if kind is GeometryKind.LINE:
        report(usable & ~shapely.is_simple(geometry), "self_crossing", Action.KEPT)
    if kind is GeometryKind.POLYGON:
        width_m = shapely.area(geometry) / np.maximum(shapely.length(geometry) / 2, 1e-9)
        report(usable & (width_m < SLIVER_WIDTH_M), "sliver", Action.KEPT)
    normal = shapely.to_wkb(shapely.normalize(geometry))
    duplicate = pd.Series(normal).duplicated().to_numpy() & usable
    report(duplicate, "duplicate", Action.KEPT)
    if boundary is not None:
        shapely.prepare(boundary)
        outside = usable.copy()
        outside[usable] = ~shapely.intersects(boundary, geometry[usable])
        report(outside, "outside_study_area", Action.KEPT)

    kept = frame.set_geometry(gpd.GeoSeries(geometry, index=frame.index, crs=frame.crs))[usable]
    table = pd.DataFrame(findings, columns=["row", "problem", "action"])
    return kept, QualityReport(n_features=len(frame), findings=table)


def _subset(mask: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return a mask of the True places of ``mask`` for which ``chosen`` holds."""
    subset = np.zeros_like(mask)
    subset[np.flatnonzero(mask)[chosen]] = True
    return subset


def _lossless_repair(geometry: shapely.Geometry) -> shapely.Geometry | None:
    """Return the valid geometry with the very same vertices, or None where there is none."""
    valid = shapely.make_valid(geometry)
    if shapely.get_dimensions(valid) != shapely.get_dimensions(geometry):
        return None
    if valid.geom_type == "GeometryCollection":
        return None
    drawn = {tuple(xy) for xy in shapely.get_coordinates(geometry)}
    made = {tuple(xy) for xy in shapely.get_coordinates(valid)}
    return valid if made == drawn else None
