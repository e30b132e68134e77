"""``ilo-geo import`` and ``ilo-geo template``: the municipality's own files."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Annotated
from typing import Any

import typer

from ilo_geo.cli.analyse import parse_settings
from ilo_geo.cli.options import AreaOption
from ilo_geo.cli.options import JsonOption
from ilo_geo.cli.options import print_json
from ilo_geo.cli.options import progress_bar
from ilo_geo.core.layer import Status
from ilo_geo.core.progress import Progress
from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area
from ilo_geo.services.import_reports import examined_document
from ilo_geo.services.imports import Loaded
from ilo_geo.services.imports import examine_fix
from ilo_geo.services.imports import join
from ilo_geo.services.imports import load
from ilo_geo.services.imports import save_rejected
from ilo_geo.services.municipal_draft import ImportRequest
from ilo_geo.services.municipal_rows import Examined
from ilo_geo.services.municipal_rows import examine
from ilo_geo.services.templates import save_template

N_LISTED = 10
EXIT_ROWS = 2


CrsOption = Annotated[str | None, typer.Option(help="Reference system, e.g. EPSG:24879.")]
SourceLayerOption = Annotated[
    str | None, typer.Option("--layer", help="Which layer of a file that has several.")
]
MapOption = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="THEIRS=OURS", help="A column; repeatable."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="OURS=VALUE", help="A value for every row; repeatable."),
]
AccuracyOption = Annotated[
    float | None, typer.Option(min=0, help="Error of positions in metres, as its maker says.")
]
FixOption = Annotated[
    str | None, typer.Option(metavar="VERSION", help="Join mended rows to that load.")
]
RejectedOption = Annotated[
    Path | None, typer.Option(help="Where to write rows that fail (.csv, .xlsx).")
]


def import_command(
    file: Annotated[Path, typer.Argument(help="File of the municipality, any usual format.")],
    layer: Annotated[str, typer.Option("--as", help="Layer that it becomes.")],
    crs: CrsOption = None,
    source_layer: SourceLayerOption = None,
    mapping: MapOption = None,
    settings: SetOption = None,
    source: Annotated[str | None, typer.Option(help="Who made the data.")] = None,
    licence: Annotated[str | None, typer.Option(help="Licence of the data.")] = None,
    date: Annotated[
        str | None, typer.Option(help="Date of the data, dd/mm/yyyy or ISO 8601.")
    ] = None,
    status: Annotated[Status, typer.Option(help="How far it can be trusted.")] = Status.OBSERVED,
    accuracy_m: AccuracyOption = None,
    fix: FixOption = None,
    rejected: RejectedOption = None,
    area: AreaOption = None,
    *,
    accept_valid: Annotated[
        bool, typer.Option("--accept-valid", help="Load the valid rows although others fail.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only; load nothing.")] = False,
    json: JsonOption = False,
) -> None:
    """Bring in a file as a new version of a layer; every row that fails is listed."""
    request = ImportRequest(
        path=file,
        name=file.name,
        layer=layer,
        crs=crs,
        source_layer=source_layer,
        pairs=parse_settings(mapping or []),
        constants=parse_settings(settings or []),
        source=source,
        licence=licence,
        date=date,
        status=status,
        accuracy_m=accuracy_m,
    )
    opened, now = open_area(area), datetime.now(UTC)
    with progress_bar() as progress:
        examined = _examined(opened, request, fix, progress)
        _tell(examined, rejected, quiet=json)
        loaded = None
        if not dry_run:
            options: dict[str, Any] = {
                "made": now,
                "accept_valid": accept_valid,
                "progress": progress,
            }
            loaded = (
                load(opened, examined, **options)
                if fix is None
                else join(opened, fix, examined, **options)
            )
    if json:
        print_json(examined_document(examined, loaded))
    elif loaded is not None:
        typer.echo(_landed(loaded, layer))
    if dry_run and examined.checked.faults:
        raise typer.Exit(EXIT_ROWS)


def _examined(area: Area, request: ImportRequest, fix: str | None, progress: Progress) -> Examined:
    """Return the file as checked, its rows those of an earlier load where ``fix`` names one."""
    if fix is None:
        return examine(area, request, progress)
    return examine_fix(area, fix, request, progress)


def _tell(examined: Examined, rejected: Path | None, *, quiet: bool) -> None:
    """Print what was found, and write the rows that fail beside where one stands."""
    failed = examined.faults_by_row
    if failed:
        path = rejected or Path(f"{Path(examined.request.name).stem}-rechazadas.csv")
        save_rejected(examined, path, "es")
        typer.echo(f"{len(failed)} rows that fail written to {path}", err=True)
    if quiet:
        return
    shift = examined.shift
    accuracy = "not stated" if examined.accuracy_m is None else f"{examined.accuracy_m:.1f} m"
    moved = f", {shift.name} ±{shift.accuracy_m:g} m" if shift.is_datum_shift else ""
    typer.echo(f"{examined.request.name}: {len(examined.table)} rows, {examined.crs.to_string()}")
    typer.echo(f"accuracy {accuracy}{moved}")
    pairs = [*examined.mapping.columns.items()]
    pairs += [(theirs, what) for what, theirs in examined.mapping.coordinates.items()]
    typer.echo("columns: " + (", ".join(f"{left} = {right}" for left, right in pairs) or "none"))
    for notice in examined.notices:
        typer.echo(f"note: {notice.text('en')}")
    for fault in examined.checked.faults[:N_LISTED]:
        value = f" '{fault.value}'" if fault.value else ""
        typer.echo(f"row {fault.row}, {fault.column}{value}: {fault.reason.text('en')}")
    if len(examined.checked.faults) > N_LISTED:
        typer.echo(f"… and {len(examined.checked.faults) - N_LISTED} more faults")


def _landed(loaded: Loaded, layer: str) -> str:
    change = loaded.report.changes.get(layer)
    counts = (
        ""
        if change is None
        else f": {change.n_added} added, {change.n_removed} removed, {change.n_changed} changed"
    )
    lacking = f"; {len(loaded.missing)} rows are missing" if loaded.missing else ""
    version = loaded.report.version.id
    return f"{layer}: {loaded.n_loaded:,} rows as version {version}{counts}{lacking}"


def template(
    layer: Annotated[str, typer.Argument(help="Layer to fill.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write: .xlsx or .gpkg.")
    ] = None,
    area: AreaOption = None,
) -> None:
    """Write a file to fill for a layer: a workbook, or a GeoPackage to draw in."""
    path = out or Path(f"{layer}.xlsx")
    save_template(open_area(area), layer, path)
    typer.echo(str(path))
