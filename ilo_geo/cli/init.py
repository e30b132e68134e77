"""``ilo-geo init``: make a study area of any city from local files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ilo_geo.cli.options import progress_bar
from ilo_geo.core.errors import ParameterError
from ilo_geo.services.area_read_back import read_back
from ilo_geo.services.init_area import InitReport
from ilo_geo.services.init_area import init_area
from ilo_geo.services.init_layers import Stated

FILES_EXPECTED = "--osm FILE and --population FILE, or --from EXPORT, or --from-database SCHEMA"
# what cannot stand beside --from, in the order of `init`
OTHERS = (
    "--osm",
    "--population",
    "--dem",
    "--crs",
    "--title",
    "--source",
    "--licence",
    "--date",
    "--dem-source",
    "--dem-licence",
    "--dem-date",
    "--from-database",
)


def init(
    path: Annotated[Path, typer.Argument(help="Folder of the study area to make.")],
    osm: Annotated[
        Path | None, typer.Option(help="OpenStreetMap extract (.osm.pbf or .osm).")
    ] = None,
    population: Annotated[
        Path | None,
        typer.Option(help="Inhabitants: H3 cells (.csv) or polygons (.gpkg), column 'population'."),
    ] = None,
    dem: Annotated[Path | None, typer.Option(help="Elevation in metres (.tif).")] = None,
    crs: Annotated[
        str | None, typer.Option(help="Metric CRS, e.g. EPSG:32719; by default the UTM zone.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Name of the city.")] = None,
    source: Annotated[str | None, typer.Option(help="Who made the population data.")] = None,
    licence: Annotated[str | None, typer.Option(help="Licence of the population data.")] = None,
    date: Annotated[str | None, typer.Option(help="Date of the population data, ISO 8601.")] = None,
    dem_source: Annotated[str | None, typer.Option(help="Who made the elevation.")] = None,
    dem_licence: Annotated[str | None, typer.Option(help="Licence of the elevation.")] = None,
    dem_date: Annotated[str | None, typer.Option(help="Date of the elevation, ISO 8601.")] = None,
    export: Annotated[
        Path | None,
        typer.Option("--from", help="Read back what 'ilo-geo export' wrote, nothing else given."),
    ] = None,
    from_database: Annotated[
        str | None,
        typer.Option(help="Instead: what 'ilo-geo publish' wrote to this schema of PostGIS."),
    ] = None,
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace a study area that nobody changed.")
    ] = False,
) -> None:
    """Make a study area of any city from local files, without network."""
    files = (osm, population, dem, crs, title)
    stated = (source, licence, date), (dem_source, dem_licence, dem_date)
    if export is not None:
        _require_alone("--from", *files, *stated[0], *stated[1], from_database)
        _read_back(path, export, replace=replace)
        return
    if from_database is not None:
        _require_alone("--from-database", *files, *stated[0], *stated[1], None)
        _from_database(path, from_database, replace=replace)
        return
    if osm is None or population is None:
        missing = "--osm" if osm is None else "--population"
        raise ParameterError("read_back.incomplete", found=missing, expected=FILES_EXPECTED)
    with progress_bar() as progress:
        report = init_area(
            path,
            osm=osm,
            population=population,
            dem=dem,
            crs=crs,
            title=title,
            population_stated=Stated(*stated[0]),
            dem_stated=Stated(*stated[1]),
            replace=replace,
            progress=progress,
        )
    _show(report)


def _require_alone(option: str, *others: object) -> None:
    """Refuse anything beside ``option``: a study area is read back as it is."""
    if any(other is not None for other in others):
        found = " ".join(f"{name}" for name, x in zip(OTHERS, others, strict=True) if x is not None)
        raise ParameterError("read_back.mixed", found=found, expected=f"{option} [--replace]")


def _read_back(path: Path, export: Path, *, replace: bool) -> None:
    with progress_bar() as progress:
        report = read_back(path, export, replace=replace, progress=progress)
    _show_layers(report.n_features)
    Console(stderr=True).print(f"{report.folder}: {report.crs}", markup=False, soft_wrap=True)


def _show_layers(n_features: Mapping[str, int]) -> None:
    table = Table("layer", "features")
    for layer, n in n_features.items():
        table.add_row(layer, str(n))
    Console().print(table)


def _show(report: InitReport) -> None:
    _show_layers(report.n_features)
    console = Console(stderr=True)
    for notice in report.notices:
        console.print(f"warning: {notice.text('en')}", markup=False, soft_wrap=True)
    console.print(
        f"{report.folder}: {report.population_inhab:.0f} inhabitants, {report.crs}", markup=False
    )


def _from_database(path: Path, schema: str, *, replace: bool) -> None:
    # the database driver is loaded by who needs it, and by nobody else
    from ilo_geo.services.postgis_init import init_from_database

    with progress_bar() as progress:
        report = init_from_database(path, schema, replace=replace, progress=progress)
    table = Table("layer", "features")
    for layer, n_rows in report.n_rows.items():
        table.add_row(layer, str(n_rows))
    Console().print(table)
    console = Console(stderr=True)
    for difference in report.differences:
        console.print(f"warning: {difference.text('en')}", markup=False, soft_wrap=True)
    console.print(f"{report.folder}: from schema {schema}", markup=False, soft_wrap=True)
