"""``ilo-geo publish``: the layers of a study area in PostGIS, and whether they equal the files."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ilo_geo.cli.options import AreaOption
from ilo_geo.cli.options import progress_bar
from ilo_geo.services.areas import open_area

EXIT_DIFFERENCES = 2


def publish(
    area: AreaOption = None,
    layer: Annotated[
        list[str] | None, typer.Option(help="Only this layer; may be repeated.")
    ] = None,
    schema: Annotated[
        str | None, typer.Option(help="Schema in the database; by default the area's name.")
    ] = None,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing: compare the database with the files.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also replace rows that somebody changed there.")
    ] = False,
) -> None:
    """Write the layers to the PostGIS database of ILO_GEO_DATABASE_URL, whole or not at all."""
    if check:
        _check(area, tuple(layer or ()), schema)
        return
    # the database driver is loaded by who publishes, and by nobody else
    from ilo_geo.services.postgis_publish import publish_area

    with progress_bar() as progress:
        report = publish_area(
            open_area(area),
            layers=tuple(layer or ()),
            schema=schema,
            replace=replace,
            progress=progress,
        )
    table = Table("layer", "table", "rows", "status")
    for name, published in report.layers.items():
        rows = "file" if published.n_rows is None else f"{published.n_rows:,}"
        table.add_row(name, published.table or "", rows, published.meta.status.value)
    Console().print(table)
    console = Console(stderr=True)
    for notice in report.notices:
        console.print(f"warning: {notice.text('en')}", markup=False, soft_wrap=True)
    n_rows = sum(published.n_rows or 0 for published in report.layers.values())
    kept = f", {len(report.kept)} layers left as they were" if report.kept else ""
    done = f"{report.where}, schema {report.schema}: {len(report.layers)} layers, {n_rows:,} rows"
    console.print(f"{done}{kept}", markup=False, soft_wrap=True)


def _check(area: AreaOption, layers: tuple[str, ...], schema: str | None) -> None:
    from ilo_geo.services.postgis_check import check_publication

    with progress_bar() as progress:
        report = check_publication(open_area(area), layers=layers, schema=schema, progress=progress)
    for difference in report.differences:
        typer.echo(difference.text("en"))
    n_rows = sum(report.n_rows.values())
    compared = f"{len(report.n_rows)} layers, {n_rows:,} rows compared"
    if report.differences:
        typer.echo(f"schema {report.schema}: NOT equal ({compared})")
        raise typer.Exit(EXIT_DIFFERENCES)
    typer.echo(f"schema {report.schema}: equal to the files ({compared})")
