"""Fetches what ``osm_tags.yaml`` makes layers of, square by square and theme by theme."""

from __future__ import annotations

import math
from dataclasses import dataclass
from dataclasses import replace
from functools import partial
from pathlib import Path

import shapely

from ilo_geo.core.progress import Progress
from ilo_geo.io.fetch.answers import Inspector
from ilo_geo.io.fetch.answers import check_overpass
from ilo_geo.io.fetch.extract import gather
from ilo_geo.io.fetch.extract import write_extract
from ilo_geo.io.fetch.osmnx_calls import Call
from ilo_geo.io.fetch.osmnx_calls import download_features
from ilo_geo.io.fetch.osmnx_calls import download_streets
from ilo_geo.io.fetch.parts import Parts
from ilo_geo.io.fetch.patience import Patience
from ilo_geo.io.fetch.settings import FetchSettings
from ilo_geo.io.osm import OsmExtract
from ilo_geo.io.osm import read_osm
from ilo_geo.io.osm_layers import TagTable
from ilo_geo.io.osm_layers import TagValues
from ilo_geo.io.osm_layers import tag_table

STREETS, BUILDINGS = "streets", "buildings"
KM_PER_DEGREE = 111.32
# districts are fetched by name; a square's edge would bring the whole outline of a country
NOT_FETCHED = frozenset({"boundaries"})
EXTRACT_FILE = "extract.osm"
SERVER_FILE = "server.txt"
# sharing of the bar between fetching and reading
FETCHED_RATIO = 0.9
Tags = dict[str, bool | list[str]]


def themes(table: TagTable | None = None) -> dict[str, Tags]:
    """Return what is asked for by theme, all of it from the table that sorts it into layers.

    The theme ``streets`` is asked for by class of highway.
    """
    table = table or tag_table()
    green = [rule.tags for rule in table.green]
    spots = [rule.tags for rules in (table.points, table.sites) for rule in rules.values()]
    ground = [
        rule.tags
        for rules in (table.lines, table.areas)
        for layer, rule in rules.items()
        if layer not in NOT_FETCHED
    ]
    return {
        STREETS: {"highway": sorted(table.streets.classes)},
        BUILDINGS: {"building": True},
        "green": _union(green),
        "land": _union([table.lots.tags, *ground]),
        "services": _union([table.tanks.tags, *spots]),
    }


def _union(rules: list[TagValues]) -> Tags:
    keys = sorted({key for rule in rules for key in rule})
    return {key: sorted({value for rule in rules for value in rule.get(key, ())}) for key in keys}


@dataclass(frozen=True)
class Part:
    """One question: a theme in a square (WGS 84 degrees)."""

    theme: str
    square: shapely.Polygon

    @property
    def name(self) -> str:
        """Return the name of its folder: the theme and the square's south west corner."""
        west, south, _, _ = self.square.bounds
        return f"{self.theme}_{south:+.4f}_{west:+.4f}"


def squares(outline: shapely.Geometry, tile_km: float) -> list[shapely.Polygon]:
    """Return squares of about ``tile_km`` a side that cover an outline (WGS 84 degrees)."""
    west, south, east, north = outline.bounds
    km_per_degree_east = KM_PER_DEGREE * math.cos(math.radians((south + north) / 2))
    n_x = max(math.ceil((east - west) * km_per_degree_east / tile_km), 1)
    n_y = max(math.ceil((north - south) * KM_PER_DEGREE / tile_km), 1)
    width, height = (east - west) / n_x, (north - south) / n_y
    shapely.prepare(outline)
    cells = (
        shapely.box(
            west + x * width, south + y * height, west + (x + 1) * width, south + (y + 1) * height
        )
        for y in range(n_y)
        for x in range(n_x)
    )
    return [cell for cell in cells if outline.intersects(cell)]


def parts_of(outline: shapely.Geometry, tile_km: float) -> list[Part]:
    """Return every question a fetch asks, in their order."""
    return [Part(theme, square) for square in squares(outline, tile_km) for theme in themes()]


def fetch_osm(
    outline: shapely.Geometry,
    parts: Parts,
    settings: FetchSettings,
    patience: Patience,
    progress: Progress,
) -> OsmExtract:
    """Return the layers of OpenStreetMap within ``outline`` (WGS 84 degrees).

    Parts that are there already are not asked for again.

    Raises
    ------
    FetchError
        The servers failed; the parts so far are kept.
    WorkspaceError
        The disk refused.
    """
    wanted = parts_of(outline, settings.overpass.tile_km)
    for done, part in enumerate(wanted):
        share = partial(_shared, progress, FETCHED_RATIO * done / len(wanted))
        share("progress.fetch_osm", 0.0)
        if not parts.has(part.name):
            _fetch(part, parts, settings, patience, share)
    progress("progress.read_osm", FETCHED_RATIO)
    answers = [path for part in wanted for path in _answers(parts, part)]
    file = parts.folder / EXTRACT_FILE
    found = gather(answers)
    write_extract(found, file)
    # squares reach beyond the area, and streets are asked for half a kilometre around each
    return replace(read_osm(file, clip=outline), date=found.date)


def answered_by(outline: shapely.Geometry, parts: Parts, settings: FetchSettings) -> list[str]:
    """Return the servers that the parts of a fetch came from."""
    files = [parts.path(p.name) / SERVER_FILE for p in parts_of(outline, settings.overpass.tile_km)]
    return sorted({file.read_text(encoding="utf-8") for file in files if file.is_file()})


def _answers(parts: Parts, part: Part) -> list[Path]:
    return sorted(parts.path(part.name).glob("*.json"))


def _shared(
    progress: Progress, done_ratio: float, code: str, _ratio: float, /, **_figures: float
) -> None:
    """Tell a step of one part as a step of the whole."""
    progress(code, done_ratio)


def _fetch(
    part: Part, parts: Parts, settings: FetchSettings, patience: Patience, progress: Progress
) -> None:
    def heard(_n_bytes: int) -> None:
        progress("progress.fetch_osm", 0.0)

    inspector = Inspector(check_overpass, settings.overpass.max_answer_bytes, heard)
    call = Call(settings.manners, inspector)
    tags = themes()[part.theme]

    def attempt(endpoint: str) -> None:
        with parts.making(part.name) as folder:
            if part.theme == STREETS:
                classes = tuple(tag_table().streets.classes)
                download_streets(part.square, classes, endpoint, folder, call)
            else:
                download_features(part.square, tags, endpoint, folder, call)
            (folder / SERVER_FILE).write_text(endpoint, encoding="utf-8")

    patience.ask(settings.overpass.endpoints, attempt, progress)
