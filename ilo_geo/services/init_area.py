"""Use case: make a study area folder of any city from local files; whole, or not at all."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError as ProjCrsError

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.crs import crs_name
from ilo_geo.core.crs import require_metric
from ilo_geo.core.crs import require_true_to_scale
from ilo_geo.core.errors import CrsError
from ilo_geo.core.errors import InputError
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import Notice
from ilo_geo.core.study_area import AgeGroup
from ilo_geo.core.study_area import AreaConfig
from ilo_geo.core.study_area import PopulationBase
from ilo_geo.core.text import Text
from ilo_geo.io.catalogue import AREA_FILE
from ilo_geo.io.catalogue import CATALOGUE_FILE
from ilo_geo.io.catalogue import CatalogueFile
from ilo_geo.io.dem import Dem
from ilo_geo.io.dem import bare_inhab_ratio
from ilo_geo.io.dem import read_dem
from ilo_geo.io.osm import OsmExtract
from ilo_geo.io.osm import read_osm
from ilo_geo.io.population_file import POPULATION
from ilo_geo.io.population_file import age_columns
from ilo_geo.io.population_file import read_population_file
from ilo_geo.io.workspace import atomic_path
from ilo_geo.services.init_folder import require_replaceable
from ilo_geo.services.init_folder import write_manifest
from ilo_geo.services.init_layers import LEVELS
from ilo_geo.services.init_layers import LayerTerms
from ilo_geo.services.init_layers import NewLayer
from ilo_geo.services.init_layers import Stated
from ilo_geo.services.init_layers import given_terms
from ilo_geo.services.init_layers import init_table
from ilo_geo.services.init_layers import layer_meta
from ilo_geo.services.init_layers import osm_layers
from ilo_geo.services.init_layers import osm_terms
from ilo_geo.services.init_layers import stated_date
from ilo_geo.services.init_layers import unit_layers
from ilo_geo.services.layer_folders import write_description
from ilo_geo.services.layer_folders import write_layer

BASE_ID = "loaded"
NOT_STATED = Stated()
# fewer dwellings than this a person means that most are not drawn
MIN_DWELLINGS_PER_INHAB = 0.02


@dataclass(frozen=True)
class InitReport:
    """What was made: the folder, its CRS, rows a layer, inhabitants, and what to know of it."""

    folder: Path
    crs: str
    n_features: Mapping[str, int]
    population_inhab: float
    notices: tuple[Notice, ...]


def init_area(
    folder: Path,
    *,
    osm: Path,
    population: Path,
    dem: Path | None = None,
    crs: str | None = None,
    title: str | None = None,
    population_stated: Stated = NOT_STATED,
    dem_stated: Stated = NOT_STATED,
    replace: bool = False,
    progress: Progress = silent,
) -> InitReport:
    """Make a study area folder from an OpenStreetMap extract and a population file.

    Parameters
    ----------
    folder
        New or empty folder, or with ``replace`` a study area that this made and nobody changed.
    osm
        Extract (.osm.pbf, .osm); a country's will do, what is around the population is read of it.
    population
        Units with inhabitants; see `ilo_geo.io.population_file`.
    dem
        Elevation in metres; without it the area has no terrain.
    crs
        Metric CRS to work in, true to scale in the city; by default the UTM zone of the
        population's centre.
    title
        Name of the city; by default that of the folder.
    population_stated, dem_stated
        Source, licence and date of those files; the descriptions say what was not stated.

    Raises
    ------
    InputError
        A file is faulty, the files are of different cities, or the folder holds something else.
    WorkspaceError
        The disk refused; the folder is as it was.
    """
    require_replaceable(folder, replace=replace)
    population_terms = _terms(population, population_stated)
    progress("progress.read_population", 0.0)
    units = read_population_file(population)
    work_crs = _work_crs(crs, units, population)
    inhab = units[POPULATION]
    if inhab.sum() <= 0:
        raise InputError("population.no_people", where=str(population), found=POPULATION)
    clip = _around(units, work_crs)
    extract = read_osm(osm, clip=clip, progress=_part(progress, 0.1, 0.5))
    _require_overlap(extract, units, osm)
    name = title or folder.resolve().name
    config = _config(name, work_crs, population_terms.source, units)
    terms = osm_terms(extract, osm)
    layers = osm_layers(extract, terms)
    layers |= unit_layers(units, extract, config, given=population_terms, osm=terms)
    if dem is not None:
        progress("progress.read_terrain", 0.5)
        elevation = _elevation(dem, units.to_crs(work_crs), inhab)
        layers["terrain"] = NewLayer(elevation, _terms(dem, dem_stated))
    _write(folder, config, layers, progress)
    n_features = {name: len(x.data) for name, x in layers.items() if not isinstance(x.data, Dem)}
    notices = tuple(_notices(extract, float(inhab.sum())))
    return InitReport(folder, config.crs, n_features, float(inhab.sum()), notices)


def _terms(path: Path, stated: Stated) -> LayerTerms:
    if stated.date:
        # before the file, which may be large, is opened
        stated_date(stated.date, path.name)
    if not path.is_file():
        raise InputError("file.not_found", where=str(path))
    return given_terms(path, stated)


def _elevation(dem: Path, metric_units: gpd.GeoDataFrame, inhab: pd.Series) -> Dem:
    elevation = read_dem(dem, metric_units)
    bare = bare_inhab_ratio(elevation, metric_units, inhab)
    if bare > 0:
        raise InputError("raster.nodata", where=str(dem), found=f"{bare:.1%}")
    return elevation


def _work_crs(name: str | None, units: gpd.GeoDataFrame, population: Path) -> CRS:
    bounds_deg = units.total_bounds
    if name is None:
        try:
            return CRS.from_user_input(units.estimate_utm_crs())
        except RuntimeError as error:
            found = ", ".join(f"{value:.3f}" for value in bounds_deg)
            raise CrsError("crs.no_utm", where=str(population), found=found) from error
    try:
        crs = CRS.from_user_input(name)
    except ProjCrsError as error:
        expected = "a code such as EPSG:32719"
        raise CrsError("crs.unknown", where="crs", found=name, expected=expected) from error
    return require_true_to_scale(require_metric(crs, where="crs"), bounds_deg, where="crs")


def _around(units: gpd.GeoDataFrame, work_crs: CRS) -> shapely.Geometry:
    """Return the box of the units and a margin, in degrees: all that is read of a country."""
    box = shapely.box(*units.to_crs(work_crs).total_bounds).buffer(init_table().osm.margin_m)
    return shapely.box(*gpd.GeoSeries([box], crs=work_crs).to_crs(DISPLAY_CRS).total_bounds)


def _part(progress: Progress, start: float, end: float) -> Progress:
    """Return the progress of a step that takes the work from one share to another."""

    def told(code: str, done_ratio: float, /, **figures: float) -> None:
        progress(code, start + (end - start) * done_ratio, **figures)

    return told


def _require_overlap(extract: OsmExtract, units: gpd.GeoDataFrame, osm: Path) -> None:
    streets = shapely.STRtree(extract.layers["streets"].geometry.to_numpy())
    if not streets.query(units.geometry.to_numpy(), predicate="intersects").size:
        raise InputError("init.no_overlap", where=str(osm))


def _config(name: str, crs: CRS, source: str, units: gpd.GeoDataFrame) -> AreaConfig:
    ages = age_columns(units)
    return AreaConfig(
        id=_slug(name),
        title=Text(es=name, en=name),
        crs=crs_name(crs),
        population_bases=(
            PopulationBase(
                id=BASE_ID,
                title=init_table().population_base,
                column=POPULATION,
                source=source,
            ),
        ),
        default_base=BASE_ID,
        levels=LEVELS,
        age_groups=tuple(
            AgeGroup(id=age, title=Text(es=age, en=age), column=age, source=source) for age in ages
        ),
    )


def _slug(name: str) -> str:
    """Return ``name`` as an id: lower-case letters without accents, digits and underscores."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or "area"


def _write(
    folder: Path, config: AreaConfig, layers: Mapping[str, NewLayer], progress: Progress
) -> None:
    """Write the study area whole, or leave what was there."""
    table = init_table()
    order = tuple(name for name in table.layers if name in layers)
    with atomic_path(folder.resolve()) as temporary:
        for done, name in enumerate(order):
            progress("progress.write_layers", 0.6 + 0.4 * done / len(order))
            write_layer(temporary / name, layer_meta(name, layers[name]), layers[name].data)
        write_description(temporary / AREA_FILE, config)
        shelf = CatalogueFile(themes=table.themes, layers=order)
        write_description(temporary / CATALOGUE_FILE, shelf)
        write_manifest(temporary)


def _notices(extract: OsmExtract, inhab: float) -> Iterator[Notice]:
    if not len(extract.layers["parks"]):
        yield Notice("init.no_parks")
    dwellings = int(extract.layers["buildings"]["residential"].sum())
    if dwellings < MIN_DWELLINGS_PER_INHAB * inhab:
        yield Notice("init.few_dwellings", {"n": dwellings, "inhab": f"{inhab:.0f}"})
    if extract.incomplete:
        first = ", ".join(extract.incomplete[:3])
        yield Notice("init.osm_incomplete", {"n": len(extract.incomplete), "first": first})
