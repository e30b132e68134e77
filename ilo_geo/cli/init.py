"""``ilo-geo init``: make a study area of any city from local files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ilo_geo.cli.options import progress_bar
from ilo_geo.core.errors import InputError
from ilo_geo.services.init_area import InitReport
from ilo_geo.services.init_area import init_area
from ilo_geo.services.init_layers import Stated


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
    if from_database is not None:
        _from_database(path, from_database, replace=replace)
        return
    if osm is None or population is None:
        raise InputError("init.nothing_given", expected="--osm, --population")
    with progress_bar() as progress:
        report = init_area(
            path,
            osm=osm,
            population=population,
            dem=dem,
            crs=crs,
            title=title,
            population_stated=Stated(source, licence, date),
            dem_stated=Stated(dem_source, dem_licence, dem_date),
            replace=replace,
            progress=progress,
        )
    _show(report)


def _show(report: InitReport) -> None:
    table = Table("layer", "features")
    for layer, n_features in report.n_features.items():
        table.add_row(layer, str(n_features))
    Console().print(table)
    console = Console(stderr=True)
    for notice in report.notices:
        console.print(f"warning: {notice.text('en')}", markup=False, soft_wrap=True)
    console.print(
        f"{report.folder}: {report.population_inhab:.0f} inhabitants, {report.crs}", markup=False
    )


def _from_database(path: Path, schema: str, *, replace: bool) -> None:
    # the database driver is loaded by who needs it, and by nobody else
    from ilo_geo.services.init_database import init_from_database

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
