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
from ilo_geo.core.units import peru_number
from ilo_geo.services.areas import open_area
from ilo_geo.services.exports import export_result
from ilo_geo.services.green import analyse_green
from ilo_geo.services.green import green_parameter_specs
from ilo_geo.services.green import green_parameters
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
    typer.Option("--out", help="Also write the result: .gpkg, .geojson, .csv, .png or .html."),
]


@analyse_app.callback()
def group() -> None:
    """Run an analysis on a study area."""


@analyse_app.command()
def green(
    area: AreaOption = None,
    settings: SettingsOption = None,
    out: OutOption = None,
    json: JsonOption = False,
) -> None:
    """Public green: m2 per inhabitant, deficit and access on foot."""
    with progress_bar() as progress:
        opened = open_area(area)
        prepare_baseline(opened.catalogue, progress=progress)
        params = green_parameters(opened, parse_settings(settings or []))
        result = analyse_green(opened, params, progress=progress)
    ResultStore(opened).save(result)
    if out is not None:
        fmt = out.suffix.lstrip(".").lower()
        export_result(result, fmt, out, specs=green_parameter_specs(opened))
    if json:
        print_json(result_document(result))
    else:
        print_result(result)


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


def print_result(result: AnalysisResult) -> None:
    """Print the key figures and the finest level as a table."""
    console = Console()
    for name, value in result.summary.items():
        shown = peru_number(value, 2) if isinstance(value, float) else str(value)
        console.print(f"{name:28} {shown}")
    level = "zones" if "zones" in result.tables else next(iter(result.tables))
    shown_columns = ["name", "population_inhab", "green_m2_per_inhab", "deficit_ha"]
    table = Table(*shown_columns, title=level)
    for row in result.tables[level][shown_columns].itertuples(index=False):
        name, inhab, supply, deficit_ha = row
        table.add_row(name, peru_number(inhab), peru_number(supply, 2), peru_number(deficit_ha, 2))
    console.print(table)
    for notice in result.warnings:
        console.print(f"! {notice.text('en')}")
