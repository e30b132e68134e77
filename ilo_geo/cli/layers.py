"""``ilo-geo layers``: the catalogue of a study area."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ilo_geo.cli.options import AreaOption
from ilo_geo.cli.options import JsonOption
from ilo_geo.cli.options import print_json
from ilo_geo.core.results import plain
from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area
from ilo_geo.services.layer_reports import LayerReport
from ilo_geo.services.layer_reports import check_layers
from ilo_geo.services.layer_reports import list_layers
from ilo_geo.services.layer_reports import report_layer
from ilo_geo.services.versions import history
from ilo_geo.services.versions import undo
from ilo_geo.services.versions import use
from ilo_geo.services.watch import Watch
from ilo_geo.services.watch import watch

layers_app = typer.Typer(help="The layer catalogue: list, show, check.", no_args_is_help=True)
EXIT_FAULTS = 2


@layers_app.command("list")
def list_command(area: AreaOption = None, json: JsonOption = False) -> None:
    """List every layer with its status, source, licence and date."""
    opened = open_area(area)
    entries = list_layers(opened)
    if json:
        layers = [
            {**e.meta.model_dump(mode="json"), "origin": e.origin or "absent"} for e in entries
        ]
        print_json(_all(opened, layers))
        return
    table = Table("id", "title", "status", "origin", "date", "accuracy_m", "licence")
    for entry in entries:
        meta = entry.meta
        accuracy = "" if meta.accuracy_m is None else f"{meta.accuracy_m:g}"
        table.add_row(
            meta.id,
            meta.title.en,
            meta.status.value,
            entry.origin.value if entry.origin else "absent",
            meta.date,
            accuracy,
            meta.licence,
        )
    Console().print(table)


@layers_app.command()
def show(layer_id: str, area: AreaOption = None) -> None:
    """Print one layer's description, fingerprint and findings as JSON."""
    print_json(_document(report_layer(open_area(area), layer_id)))


@layers_app.command()
def check(area: AreaOption = None, json: JsonOption = False) -> None:
    """Read every layer through the door; exit code 2 when one is refused."""
    opened = open_area(area)
    reports = check_layers(opened)
    if json:
        layers = [_document(report) for report in reports]
        print_json(_all(opened, layers))
    else:
        for report in reports:
            typer.echo(_line(report))
    if any(report.error for report in reports):
        raise typer.Exit(EXIT_FAULTS)


@layers_app.command("watch")
def watch_command(area: AreaOption = None, json: JsonOption = False) -> None:
    """Tell how fresh and complete the data are, and what is missing most, in order."""
    found = watch(open_area(area), datetime.now().astimezone().date())
    if json:
        print_json(_watched(found))
        return
    for one in found.complete:
        typer.echo(f"{one.known.title.en}: {one.n_real} real of {one.known.value} known to exist")
    table = Table("missing most", "now", "score", "analyses that turn on it")
    for one_missing in found.missing:
        turns = ", ".join(text.en for text in one_missing.turns)
        table.add_row(one_missing.layer, one_missing.state, f"{one_missing.score:g}", turns)
    Console().print(table)


@layers_app.command("history")
def history_command(area: AreaOption = None, json: JsonOption = False) -> None:
    """List every version that was brought in, newest first, and what is in use of it."""
    opened = open_area(area)
    entries, missing = history(opened), opened.catalogue.versions.missing
    if json:
        rows = [
            {**entry.version.model_dump(mode="json"), "in_use": list(entry.in_use)}
            for entry in entries
        ]
        print_json({"versions": rows, "missing": dict(missing)})
        return
    for layer, lost in missing.items():
        typer.echo(f"{layer}: version {lost} was chosen and is not there any more", err=True)
    for entry in entries:
        version, n_used = entry.version, len(entry.in_use)
        endpoint = f"  {version.endpoint}" if version.endpoint else ""
        typer.echo(f"{version.id}  {version.kind}  {version.source}{endpoint}")
        for name, landed in version.layers.items():
            state = "in use" if name in entry.in_use else "beside"
            size = "" if landed.n_features is None else f"  {landed.n_features:,} features"
            typer.echo(f"  {name:18} {state}{size}  {landed.sha256[:16]}")
        typer.echo(f"  {n_used} of {len(version.layers)} layers in use")
    if not entries:
        typer.echo("no version was brought in yet; see 'ilo-geo fetch' and 'ilo-geo import'")


@layers_app.command("use")
def use_command(
    version: Annotated[str, typer.Argument(help="Version; or shipped, baseline … or strongest.")],
    layer: Annotated[
        list[str] | None, typer.Option(help="Only this layer; may be repeated.")
    ] = None,
    area: AreaOption = None,
) -> None:
    """Switch to a version, all its layers or those named; results on the old ones turn stale."""
    switched = use(open_area(area), version, tuple(layer or ()), datetime.now(UTC))
    typer.echo(f"in use from {version}: {', '.join(switched)}")


@layers_app.command("undo")
def undo_command(area: AreaOption = None) -> None:
    """Take back the last switch of version."""
    switched = undo(open_area(area))
    typer.echo(f"taken back: {', '.join(switched)}")


def _watched(found: Watch) -> dict[str, object]:
    document: dict[str, object] = plain(
        {
            "layers": [
                {
                    "id": one.meta.id,
                    "status": one.meta.status.value,
                    "origin": one.origin,
                    "date": one.meta.date,
                    "age_years": one.age_years,
                    "freshness": one.freshness,
                    "n_zones_with": one.n_zones_with,
                    "n_zones": one.n_zones,
                }
                for one in found.layers
            ],
            "complete": [
                {
                    "layer": one.known.layer,
                    "title": one.known.title.en,
                    "known": one.known.value,
                    "source": one.known.source,
                    "n_found": one.n_found,
                    "n_real": one.n_real,
                }
                for one in found.complete
            ],
            "missing": [
                {
                    "layer": one.layer,
                    "state": one.state,
                    "score": one.score,
                    "analyses": [text.en for text in one.analyses],
                    "turns": [text.en for text in one.turns],
                }
                for one in found.missing
            ],
        }
    )
    return document


def _all(area: Area, layers: list[dict[str, object]]) -> dict[str, object]:
    folder = area.catalogue.workspace.root / area.catalogue.workspace_id
    return {"area": area.config.id, "workspace": str(folder), "layers": layers}


def _line(report: LayerReport) -> str:
    meta = report.entry.meta
    if report.error is not None:
        return f"{meta.id}: REFUSED {report.error}"
    if report.entry.origin is None:
        return f"{meta.id}: no data yet"
    counts = report.findings.groupby(["problem", "action"], observed=True).size()
    found = ", ".join(f"{n} {problem} ({action})" for (problem, action), n in counts.items())
    size = "" if report.n_features is None else f" {report.n_features:,} features"
    return f"{meta.id}: ok{size}{'; ' + found if found else ''}"


def _document(report: LayerReport) -> dict[str, object]:
    document: dict[str, object] = plain(
        {
            **report.entry.meta.model_dump(mode="json"),
            "origin": report.entry.origin,
            "n_features": report.n_features,
            "sha256": report.sha256,
            "findings": report.findings.to_dict(orient="records"),
            "error": None if report.error is None else str(report.error),
        }
    )
    return document
