"""Use case: fetch public data of the area and bring it in as versions beside what is there."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.errors import FetchError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.layer import Status
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import Notice
from ilo_geo.core.text import Text
from ilo_geo.io.fetch.dem_tiles import FetchedDem
from ilo_geo.io.fetch.dem_tiles import fetch_dem
from ilo_geo.io.fetch.nominatim import fetch_districts
from ilo_geo.io.fetch.overpass import answered_by
from ilo_geo.io.fetch.overpass import fetch_osm
from ilo_geo.io.fetch.overpass import themes
from ilo_geo.io.fetch.parts import Parts
from ilo_geo.io.fetch.parts import alone
from ilo_geo.io.fetch.parts import fetching_folder
from ilo_geo.io.fetch.parts import open_parts
from ilo_geo.io.fetch.patience import Patience
from ilo_geo.io.fetch.patience import Watch
from ilo_geo.io.fetch.settings import FetchSettings
from ilo_geo.io.fetch.settings import fetch_settings
from ilo_geo.io.osm import OsmExtract
from ilo_geo.io.osm import read_osm
from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area
from ilo_geo.services.init_layers import LayerTerms
from ilo_geo.services.init_layers import NewLayer
from ilo_geo.services.init_layers import init_table
from ilo_geo.services.init_layers import osm_layers
from ilo_geo.services.init_layers import osm_terms
from ilo_geo.services.versions import EMPTY
from ilo_geo.services.versions import LandReport
from ilo_geo.services.versions import NewVersion
from ilo_geo.services.versions import land

OSM, DEM, BOUNDARIES, ALL = "osm", "dem", "boundaries", "all"
WHAT = (OSM, DEM, BOUNDARIES)
TERRAIN, DISTRICTS = "terrain", "districts"
N_LISTED = 3
# sharing of the bar between bringing data here and switching to them
FETCHED_RATIO = 0.8
Bringer = Callable[[Parts, Progress], tuple[NewVersion, list[Notice]]]


@dataclass(frozen=True)
class FetchReport:
    """What a fetch brought: one landing for each source, what failed, what to know of it."""

    landed: Mapping[str, LandReport]
    failures: Mapping[str, FetchError | InputError]
    notices: tuple[Notice, ...]


@dataclass(frozen=True)
class Fetching:
    """What a fetch is made with; a test hands its own in."""

    settings: FetchSettings
    now: datetime
    watch: Watch


def outline_of(area: Area) -> shapely.Geometry:
    """Return the outline of the area with its margin, in WGS 84 degrees.

    Raises
    ------
    InputError
        The area has no districts.
    """
    if area.boundary is None:
        raise InputError("fetch.no_outline")
    return gpd.GeoSeries([area.boundary], crs=area.crs).to_crs(DISPLAY_CRS).iloc[0]


def sources_of(what: str) -> tuple[str, ...]:
    """Return the sources of a word that a person says.

    Raises
    ------
    ParameterError
        There is no such source.
    """
    if what == ALL:
        return WHAT
    if what not in WHAT:
        expected = ", ".join((*WHAT, ALL))
        raise ParameterError("parameter.invalid", where="fetch", found=what, expected=expected)
    return (what,)


def settings_of(area: Area) -> FetchSettings:
    """Return the settings of fetching in the area's workspace."""
    return fetch_settings(area.catalogue.workspace.root)


def fetch(
    area: Area,
    what: tuple[str, ...],
    *,
    now: datetime,
    fresh: bool = False,
    settings: FetchSettings | None = None,
    watch: Watch | None = None,
    progress: Progress = silent,
) -> FetchReport:
    """Fetch sources, land each as a version and report.

    What one source lacks does not hold the others back, and each that failed is told. Parts of a
    fetch that broke off are taken up again unless it shall be ``fresh``.

    Raises
    ------
    FetchError
        Another fetch is under way, or the only source asked for failed.
    CancelledError
        The user stopped; the parts so far are kept.
    """
    fetching = Fetching(settings or settings_of(area), now, watch or Watch())
    landed: dict[str, LandReport] = {}
    failures: dict[str, FetchError | InputError] = {}
    notices: list[Notice] = []
    bringers = _bringers(area, fetching)
    with alone(area.catalogue.workspace, area.catalogue.workspace_id, now):
        for done, each in enumerate(what):
            share = partial(_shared, progress, done / len(what), 1 / len(what))
            parts = _parts(area, each, fetching, fresh=fresh)
            try:
                version, known = bringers[each](parts, partial(_shared, share, 0.0, FETCHED_RATIO))
                rest = partial(_shared, share, FETCHED_RATIO, 1 - FETCHED_RATIO)
                # what landed before is in use by now
                now_in_use = open_area(area.catalogue.folder, area.catalogue.workspace)
                landed[each] = land(now_in_use, version, progress=rest)
            except (FetchError, InputError) as error:
                failures[each] = error
            else:
                parts.sweep()
                notices += [*known, *_landing_notices(area, landed[each])]
    if failures and len(what) == 1:
        raise failures[what[0]]
    if failures:
        notices.append(Notice("fetch.unchanged", {"n": len(failures)}))
    return FetchReport(landed, failures, tuple(notices))


def _parts(area: Area, source: str, fetching: Fetching, *, fresh: bool) -> Parts:
    settings = fetching.settings
    folder = fetching_folder(area.catalogue.workspace, area.catalogue.workspace_id) / source
    keep_days = -1.0 if fresh else settings.keep_parts_days
    return open_parts(folder, asked_of(area, settings)[source], fetching.now, keep_days)


def fetch_from_file(
    area: Area, path: Path, *, now: datetime, progress: Progress = silent
) -> FetchReport:
    """Bring in what a local extract (.osm.pbf, also of a whole country) has of the area.

    Raises
    ------
    InputError
        The file is faulty or has nothing of the area.
    """
    outline = outline_of(area)
    with alone(area.catalogue.workspace, area.catalogue.workspace_id, now):
        reading = partial(_shared, progress, 0.0, FETCHED_RATIO)
        extract = read_osm(path, clip=outline, progress=reading)
        terms = osm_terms(extract, path)
        version = _osm_version(extract, terms, now, path.name, None, _bounds(outline))
        rest = partial(_shared, progress, FETCHED_RATIO, 1 - FETCHED_RATIO)
        report = land(area, version, progress=rest)
    notices = [*_osm_notices(extract), *_landing_notices(area, report)]
    return FetchReport({OSM: report}, {}, tuple(notices))


def _shared(
    progress: Progress, start: float, span: float, code: str, ratio: float, /, **_figures: float
) -> None:
    """Tell a step of a part as a step of the whole."""
    progress(code, start + span * ratio)


def asked_of(area: Area, settings: FetchSettings) -> dict[str, dict[str, Any]]:
    """Return what each source is asked; parts that answer something else are of no use."""
    bounds = [round(value, 6) for value in outline_of(area).bounds]
    names = [str(name) for name in area.frame(DISTRICTS)["name"]]
    return {
        OSM: {"bounds": bounds, "themes": themes(), "tile_km": settings.overpass.tile_km},
        DEM: {"bounds": bounds, "sources": [source.url for source in settings.dem.sources]},
        BOUNDARIES: {"query": settings.nominatim.query, "names": names},
    }


def _bringers(area: Area, fetching: Fetching) -> dict[str, Bringer]:
    outline = outline_of(area)
    known = area.frame(DISTRICTS)[["id", "name", "geometry"]].to_crs(DISPLAY_CRS)
    return {
        OSM: partial(_bring_osm, outline, fetching),
        DEM: partial(_bring_dem, outline, shapely.union_all(known.geometry), fetching),
        BOUNDARIES: partial(_bring_boundaries, known, area.config.title.es, fetching),
    }


def _patience(fetching: Fetching) -> Patience:
    return Patience(fetching.settings.manners, fetching.watch)


def _bring_osm(
    outline: shapely.Geometry, fetching: Fetching, parts: Parts, progress: Progress
) -> tuple[NewVersion, list[Notice]]:
    extract = fetch_osm(outline, parts, fetching.settings, _patience(fetching), progress)
    servers = ", ".join(answered_by(outline, parts, fetching.settings))
    osm = init_table().osm
    terms = LayerTerms(
        source=f"OpenStreetMap, {servers}",
        licence=osm.licence,
        date=extract.date or fetching.now.date().isoformat(),
        status=Status.OBSERVED,
        accuracy_m=osm.accuracy_m,
    )
    asked = f"{', '.join(themes())} ({_bounds(outline)})"
    version = _osm_version(extract, terms, fetching.now, asked, servers, servers)
    return version, list(_osm_notices(extract))


def _osm_version(
    extract: OsmExtract,
    terms: LayerTerms,
    now: datetime,
    query: str,
    endpoint: str | None,
    where: str,
) -> NewVersion:
    layers = osm_layers(extract, terms)
    if not any(
        len(layer.data) for layer in layers.values() if isinstance(layer.data, gpd.GeoDataFrame)
    ):
        raise FetchError("fetch.nothing", where=where)
    return NewVersion("fetch", OSM, now, layers, query, endpoint)


def _bring_dem(
    outline: shapely.Geometry,
    land_shape: shapely.Geometry,
    fetching: Fetching,
    parts: Parts,
    progress: Progress,
) -> tuple[NewVersion, list[Notice]]:
    patience = _patience(fetching)
    fetched = fetch_dem(outline.bounds, land_shape, parts, fetching.settings, patience, progress)
    source = fetched.source
    rmse = f"{source.vertical_rmse_m:g}"
    terms = LayerTerms(
        source=source.title,
        licence=source.licence,
        date=source.date,
        status=Status.OBSERVED,
        accuracy_m=source.accuracy_m,
        note=_filled(fetching.settings.dem.note, rmse=rmse),
    )
    layers = {TERRAIN: NewLayer(fetched.dem, terms)}
    version = NewVersion("fetch", DEM, fetching.now, layers, _bounds(outline), source.url)
    return version, list(_dem_notices(fetched))


def _bring_boundaries(
    known: gpd.GeoDataFrame, title: str, fetching: Fetching, parts: Parts, progress: Progress
) -> tuple[NewVersion, list[Notice]]:
    settings = fetching.settings
    frame = fetch_districts(known, title, parts, settings, _patience(fetching), progress)
    endpoint, osm = settings.nominatim.endpoint, init_table().osm
    terms = LayerTerms(
        source=f"OpenStreetMap, {endpoint}",
        licence=osm.licence,
        date=fetching.now.date().isoformat(),
        status=Status.OBSERVED,
        accuracy_m=osm.accuracy_m,
    )
    layers = {DISTRICTS: NewLayer(frame, terms)}
    query = ", ".join(known["name"])
    return NewVersion("fetch", BOUNDARIES, fetching.now, layers, query, endpoint), []


def _filled(text: Text, **fields: str) -> Text:
    return Text(es=text.format("es", **fields), en=text.format("en", **fields))


def _bounds(outline: shapely.Geometry) -> str:
    return " ".join(f"{value:.4f}" for value in outline.bounds)


def _osm_notices(extract: OsmExtract) -> Iterator[Notice]:
    if extract.incomplete:
        first = ", ".join(extract.incomplete[:N_LISTED])
        yield Notice("fetch.osm_incomplete", {"n": len(extract.incomplete), "first": first})


def _dem_notices(fetched: FetchedDem) -> Iterator[Notice]:
    if fetched.n_sea_tiles:
        yield Notice("fetch.sea", {"n": fetched.n_sea_tiles, "total": fetched.n_tiles})
    if fetched.failed is not None:
        found, source = fetched.failed, fetched.source.title
        yield Notice("fetch.second_source", {"found": found, "source": source})


def _landing_notices(area: Area, report: LandReport) -> Iterator[Notice]:
    """Yield what became of layers that are not in use, or in use without features."""
    # what came with this landing is declared by now
    declared = open_area(area.catalogue.folder, area.catalogue.workspace).catalogue.declared
    groups = {
        "fetch.kept_stronger": [n for n, reason in report.kept.items() if reason != EMPTY],
        "fetch.none_there": [n for n, reason in report.kept.items() if reason == EMPTY],
        "fetch.absent": report.absent,
    }
    for code, names in groups.items():
        if names:
            yield Notice(code, {"layers": tuple(declared[name].title for name in names)})
