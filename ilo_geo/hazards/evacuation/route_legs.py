"""The legs of a route sheet: which street, which turn, how far, in words.

A leg goes on where the name stays or a nameless street runs on; pieces too short to be said are
walked but not told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace
from functools import cache
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
from pydantic import BaseModel
from pydantic import ConfigDict
from shapely.geometry import LineString

from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.core.parameters import Verified
from ilo_geo.core.text import LANGS
from ilo_geo.core.text import Lang
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.hazards.evacuation.graph import NO_LINK
from ilo_geo.hazards.evacuation.graph import EvacGraph

STREET, STEPS, GROUND = "street", "steps", "ground"
FULL_TURN_DEG = 360.0


class NamelessWays(BaseModel):
    """What a way without a name is called, by kind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    street: Text
    steps: Text
    ground: Text


class RouteWords(BaseModel):
    """The words of ``routes.yaml`` and what is too small to be said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    nameless: NamelessWays
    named_steps: Text
    start: Text
    straight: Text
    left: Text
    right: Text
    up: Text
    down: Text
    straight_deg: float
    shortest_leg_m: float
    least_climb_m: float
    heading_m: float
    source: str
    verified: Verified


@cache
def route_words() -> RouteWords:
    """Return the words of a route sheet."""
    table = load_package_yaml("ilo_geo.hazards.evacuation", "routes.yaml")
    return RouteWords.model_validate(table)


@dataclass(frozen=True)
class Leg:
    """A stretch along one street, stair or open ground.

    Attributes
    ----------
    kind
        ``street``, ``steps`` or ``ground``.
    way
        The street's name, or what a way without a name is called.
    turn
        ``start``, ``straight``, ``left`` or ``right``: how one comes into it.
    length_m, climb_m, seconds
        Along the way; ``climb_m`` is negative downhill.
    """

    kind: str
    way: Text
    turn: str
    length_m: float
    climb_m: float
    seconds: float

    @property
    def instruction(self) -> Text:
        """Return the sentence of the sheet."""
        words = route_words()
        sentence: Text = getattr(words, self.turn)
        metres = round(self.length_m)
        said = {
            lang: sentence.format(
                lang, way=self.way.in_(lang), metres=metres, climb=_climb_words(self.climb_m, lang)
            )
            for lang in LANGS
        }
        return Text(**said)


@dataclass(frozen=True)
class _Stretch:
    """Arcs in a row on one way; ``name`` is None where it has none."""

    kind: str
    name: str | None
    xy: Floats
    length_m: float
    climb_m: float
    seconds: float

    def then(self, other: _Stretch) -> _Stretch:
        """Return both as one stretch, called like this one."""
        return replace(
            self,
            xy=np.vstack([self.xy, other.xy[1:]]),
            length_m=self.length_m + other.length_m,
            climb_m=self.climb_m + other.climb_m,
            seconds=self.seconds + other.seconds,
        )

    @property
    def way(self) -> Text:
        """Return what it is called."""
        words = route_words()
        if self.name is None:
            nameless: Text = getattr(words.nameless, self.kind)
            return nameless
        if self.kind == STEPS:
            return Text(
                es=words.named_steps.es.format(name=self.name),
                en=words.named_steps.en.format(name=self.name),
            )
        return Text(es=self.name, en=self.name)


def legs_of(graph: EvacGraph, arcs: Ints, streets: gpd.GeoDataFrame) -> tuple[Leg, ...]:
    """Return the way as legs; one goes on where the name stays or a nameless street runs on."""
    words = route_words()
    joined: list[_Stretch] = []
    for stretch in _without_short(list(_stretches(graph, arcs, streets))):
        last = joined[-1] if joined else None
        same = last is not None and (last.kind, last.name) == (stretch.kind, stretch.name)
        if last is not None and same:
            runs_on = stretch.name is not None or stretch.kind == GROUND
            if runs_on or abs(_turn_deg(last.xy, stretch.xy)) < words.straight_deg:
                joined[-1] = last.then(stretch)
                continue
        joined.append(stretch)
    turns = ["start"]
    for before, after in pairwise(joined):
        angle_deg = _turn_deg(before.xy, after.xy)
        side = "left" if angle_deg > 0 else "right"
        turns.append("straight" if abs(angle_deg) < words.straight_deg else side)
    return tuple(
        Leg(s.kind, s.way, turn, s.length_m, s.climb_m, s.seconds)
        for s, turn in zip(joined, turns, strict=False)
    )


def _stretches(graph: EvacGraph, arcs: Ints, streets: gpd.GeoDataFrame) -> Iterator[_Stretch]:
    """Yield the arcs of ``arcs`` that follow each other on one row of the streets."""
    names, classes = streets["name"].to_numpy(), streets["street_class"].to_numpy()
    link = np.asarray(graph.arc_link)[arcs]
    bounds = np.flatnonzero(np.diff(link, prepend=NO_LINK - 1, append=NO_LINK - 1))
    for first, end in pairwise(bounds):
        part, row = arcs[first:end], int(link[first])
        nodes = np.append(graph.arc_from[part], graph.arc_to[part[-1]])
        named = row != NO_LINK and not pd.isna(names[row]) and str(names[row]).strip()
        kind = GROUND if row == NO_LINK else STEPS if classes[row] == STEPS else STREET
        yield _Stretch(
            kind=kind,
            name=str(names[row]) if named else None,
            xy=graph.node_xy[nodes],
            length_m=float(graph.arc_length_m[part].sum()),
            climb_m=float(graph.node_elevation_m[nodes[-1]] - graph.node_elevation_m[nodes[0]]),
            seconds=float(graph.arc_s[part].sum()),
        )


def _without_short(stretches: list[_Stretch]) -> list[_Stretch]:
    """Return the stretches with those too short to be said joined to the one before (or after)."""
    kept: list[_Stretch] = []
    for stretch in stretches:
        if kept and stretch.length_m < route_words().shortest_leg_m:
            kept[-1] = kept[-1].then(stretch)
        else:
            kept.append(stretch)
    if len(kept) > 1 and kept[0].length_m < route_words().shortest_leg_m:
        after = kept[1]
        both = kept[0].then(after)
        kept[:2] = [replace(both, kind=after.kind, name=after.name)]
    return kept


def _turn_deg(before: Floats, after: Floats) -> float:
    """Return by how much one turns from one line into the next: left positive, right negative."""
    reach_m = route_words().heading_m
    came, goes = LineString(before), LineString(after)
    start = came.interpolate(max(came.length - reach_m, 0.0))
    joint = goes.interpolate(0.0)
    end = goes.interpolate(min(reach_m, goes.length))
    headings = [
        np.degrees(np.arctan2(b.y - a.y, b.x - a.x)) for a, b in ((start, joint), (joint, end))
    ]
    half = FULL_TURN_DEG / 2
    return float((headings[1] - headings[0] + half) % FULL_TURN_DEG - half)


def _climb_words(climb_m: float, lang: Lang) -> str:
    words = route_words()
    if abs(climb_m) < words.least_climb_m:
        return ""
    if climb_m > 0:
        return words.up.in_(lang).format(rise=round(climb_m))
    return words.down.in_(lang).format(fall=round(-climb_m))
