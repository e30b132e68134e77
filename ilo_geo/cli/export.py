"""``ilo-geo export``: the whole study area for QGIS, or to carry elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ilo_geo.cli.options import AreaOption
from ilo_geo.cli.options import progress_bar
from ilo_geo.core.text import Lang
from ilo_geo.services.area_export import export_area
from ilo_geo.services.areas import open_area
from ilo_geo.services.prepare import prepare_baseline


def export(
    out: Annotated[
        Path,
        typer.Argument(help="FILE.gpkg with its QGIS project beside it, or a folder."),
    ],
    area: AreaOption = None,
    lang: Annotated[Lang, typer.Option(help="Language of names and styles.")] = "es",
    analyses: Annotated[
        list[str] | None,
        typer.Option(
            "--with", metavar="ANALYSIS", help="Add its result (GeoPackage only); repeatable."
        ),
    ] = None,
    *,
    private: Annotated[
        bool, typer.Option("--private", help="Also layers that are not for publishing.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace what an export wrote there before.")
    ] = False,
) -> None:
    """Write the whole study area as one GeoPackage with a QGIS project, or as a folder."""
    with progress_bar() as progress:
        opened = open_area(area)
        prepare_baseline(opened.catalogue, progress=progress)
        report = export_area(
            opened,
            out,
            lang=lang,
            analyses=analyses or [],
            private=private,
            replace=replace,
            progress=progress,
        )
    console = Console(stderr=True)
    for notice in report.notices:
        console.print(f"warning: {notice.text('en')}", markup=False, soft_wrap=True)
    typer.echo(f"{report.path}: {len(report.layers)} layers")
    if report.project is not None:
        typer.echo(f"{report.project}: QGIS project")
