"""``ilo-geo analyse``: run an analysis on a study area."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ilo_geo.cli.options import AreaOption
from ilo_geo.cli.options import JsonOption
from ilo_geo.cli.options import print_json
from ilo_geo.cli.options import progress_bar
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.text import Text
from ilo_geo.core.units import peru_number
from ilo_geo.services.analyses import analysis_of
from ilo_geo.services.analyses import analysis_titles
from ilo_geo.services.areas import open_area
from ilo_geo.services.exports import export_result
from ilo_geo.services.prepare import prepare_baseline
from ilo_geo.services.results import ResultStore
from ilo_geo.services.results import result_document

analyse_app = typer.Typer(help="Run an analysis on a study area.", no_args_is_help=True)

SettingsOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="A parameter; may be given several times."),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", help="Also write the result: .gpkg .geojson .csv .png .html .pdf (A3)"),
]


@analyse_app.callback()
def group() -> None:
    """Run an analysis on a study area."""


def _register(name: str, title: Text) -> None:
    @analyse_app.command(name, help=f"{title.en}.")
    def run(
        area: AreaOption = None,
        settings: SettingsOption = None,
        out: OutOption = None,
        json: JsonOption = False,
    ) -> None:
        analysis = analysis_of(name)
        with progress_bar() as progress:
            opened = open_area(area)
            prepare_baseline(opened.catalogue, progress=progress)
            params = analysis.parameters(opened, parse_settings(settings or []))
            result = analysis.run(opened, params, progress)
        ResultStore(opened).save(result)
        if out is not None:
            fmt = out.suffix.lstrip(".").lower()
            export_result(result, fmt, out, specs=analysis.specs(opened), area=opened)
        if json:
            print_json(result_document(result))
        else:
            print_result(result, analysis.shown)


for _name, _title in analysis_titles().items():
    _register(_name, _title)


def parse_settings(settings: list[str]) -> dict[str, str]:
    """Return ``KEY=VALUE`` settings as a mapping."""
    parsed = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise ParameterError(
                "parameter.invalid", where="--set", found=repr(setting), expected="KEY=VALUE"
            )
        parsed[name.strip()] = value.strip()
    return parsed


def print_result(result: AnalysisResult, shown: tuple[str, ...]) -> None:
    """Print the key figures, and the columns ``shown`` of the finest level as a table."""
    console = Console()
    for name, value in result.summary.items():
        console.print(f"{name:28} {_written(value)}")
    level = "zones" if "zones" in result.tables else next(iter(result.tables))
    rows = result.tables[level]
    columns = [column for column in shown if column in rows]
    table = Table(*columns, title=level)
    for row in rows[columns].itertuples(index=False):
        table.add_row(*(_written(value) for value in row))
    console.print(table)
    for notice in result.warnings:
        console.print(f"! {notice.text('en')}")


def _written(value: object) -> str:
    return peru_number(value, 2) if isinstance(value, float) else str(value)
