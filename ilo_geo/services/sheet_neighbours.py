"""The other proposals a sheet is held against: those in a box in which a conflict can lie."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.sheet_conflicts import Other
from ilo_geo.proposals.sheet_conflicts import lots_under
from ilo_geo.proposals.sheet_rules import sheet_rules
from ilo_geo.proposals.tables import proposal
from ilo_geo.services.areas import Area
from ilo_geo.services.sheet_conflicts import lots_of


def others_near(repo: Repository, area: Area, found: Record) -> list[Other]:
    """Return the live proposals that may stand in a proposal's way, all but itself."""
    west, south, east, north = _reach_box(area, shape_of_record(found))
    at = proposal.c
    rows = repo.find(
        proposal,
        at.state.in_(sheet_rules().live_states),
        at.id != found["id"],
        at.max_x >= west,
        at.min_x <= east,
        at.max_y >= south,
        at.min_y <= north,
        order=(at.number,),
    )
    return [Other(row["number"], row["title"], shape_of_record(row)) for row in rows]


def in_reach(area: Area, shape: shapely.Geometry, proposals: Sequence[Other]) -> list[Other]:
    """Return the proposals that touch the box in which a conflict can lie, by number."""
    west, south, east, north = _reach_box(area, shape)
    held = [
        one
        for one in proposals
        if (box := one.shape.bounds)[0] <= east
        and box[2] >= west
        and box[1] <= north
        and box[3] >= south
    ]
    return sorted(held, key=lambda one: one.number)


def _reach_box(area: Area, shape: shapely.Geometry) -> tuple[float, float, float, float]:
    """Return the box of a shape and of the lots it lies on, widened by how far one looks."""
    lots, given = lots_of(area), sheet_rules().parameters
    under = lots_under(shape, lots, overlap_m2=given["overlap_m2"].value)
    boxes = [shape.bounds]
    if lots is not None and under:
        boxes.append(tuple(lots.loc[under].total_bounds))
    edges, near_m = np.array(boxes), given["near_m"].value
    west, south = edges[:, :2].min(axis=0) - near_m
    east, north = edges[:, 2:].max(axis=0) + near_m
    return float(west), float(south), float(east), float(north)


def neighbours_sha256(others: Sequence[Other]) -> str:
    """Return the fingerprint of the proposals near one."""
    listed = [(one.number, one.title, shapely.to_wkb(one.shape, hex=True)) for one in others]
    return content_sha256(listed)


def shape_of_record(found: Record) -> shapely.Geometry:
    """Return the shape of a proposal, in the metric CRS it was written in."""
    return shapely.from_wkb(bytes(found["geometry"]))


def content_sha256(value: Any) -> str:
    """Return the fingerprint of JSON's own types."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
