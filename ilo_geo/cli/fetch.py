"""``ilo-geo fetch``: public data of the area from the network, or a local extract."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Annotated
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from ilo_geo.cli.options import AreaOption
from ilo_geo.cli.options import JsonOption
from ilo_geo.cli.options import print_json
from ilo_geo.cli.options import progress_bar
from ilo_geo.core.errors import FetchError
from ilo_geo.core.errors import InputError
from ilo_geo.core.results import plain
from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area
from ilo_geo.services.deficit_change import Deficit
from ilo_geo.services.fetch import ALL
from ilo_geo.services.fetch import OSM
from ilo_geo.services.fetch import FetchReport
from ilo_geo.services.fetch import fetch as fetch_data
from ilo_geo.services.fetch import fetch_from_file
from ilo_geo.services.fetch import sources_of
from ilo_geo.services.fetch_plan import FetchPlan
from ilo_geo.services.fetch_plan import plan_fetch
from ilo_geo.services.versions import LandReport

EXIT_PART_FAILED = 1
Stated = Annotated[str, typer.Argument(help="osm, dem, boundaries or all.")]
FromOption = Annotated[
    Path | None, typer.Option("--from", help="Local extract (.osm.pbf), for osm; no network.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask before fetching.")]
ResumeOption = Annotated[
    bool, typer.Option("--resume/--fresh", help="Take up what broke off, or begin anew.")
]


def fetch(
    what: Stated = ALL,
    area: AreaOption = None,
    from_file: FromOption = None,
    *,
    yes: YesOption = False,
    resume: ResumeOption = True,
    json: JsonOption = False,
) -> None:
    """Fetch public data; they land beside what is there and can be undone (layers undo)."""
    opened, now = open_area(area), datetime.now(UTC)
    if from_file is not None:
        # a file holds streets and the like; elevation and districts come from elsewhere
        if what not in (OSM, ALL):
            raise InputError("file.unreadable", where=str(from_file), found=what, expected=OSM)
        with progress_bar() as progress:
            _show(fetch_from_file(opened, from_file, now=now, progress=progress), json=json)
        return
    sources = sources_of(what)
    _confirm(opened, sources, now, yes=yes)
    try:
        with progress_bar() as progress:
            report = fetch_data(opened, sources, now=now, fresh=not resume, progress=progress)
    except KeyboardInterrupt as error:
        raise FetchError("fetch.stopped") from error
    _show(report, json=json)
    if report.failures:
        raise typer.Exit(EXIT_PART_FAILED)


def _confirm(area: Area, sources: tuple[str, ...], now: datetime, *, yes: bool) -> None:
    """Say what it will weigh and whom it asks; go on only if the person agrees."""
    plan = plan_fetch(area, sources, now)
    told = _told(plan)
    Console(stderr=True).print(told, markup=False, soft_wrap=True, highlight=False)
    if not yes and not (sys.stdin.isatty() and typer.confirm("Fetch it?", err=True)):
        raise FetchError("fetch.not_confirmed", found=f"{plan.megabytes:,.1f} MB")


def _told(plan: FetchPlan) -> str:
    parts = ", ".join(
        f"{each} {plan.bytes_expected[each] / 1e6:,.1f} MB in {plan.n_requests[each]} requests"
        for each in plan.what
    )
    begun = "".join(
        f"; {each} goes on since {at:%d/%m/%Y %H:%M} UTC" for each, at in plan.begun.items()
    )
    servers = ", ".join(plan.servers)
    return f"about {plan.megabytes:,.1f} MB (estimate, NV): {parts}; from {servers}{begun}"


def _show(report: FetchReport, *, json: bool) -> None:
    if json:
        print_json(_document(report))
    elif report.landed:
        _print(report)
    console = Console(stderr=True)
    for notice in report.notices:
        console.print(f"note: {notice.text('en')}", markup=False, soft_wrap=True)
    for name, error in report.failures.items():
        console.print(f"ilo-geo: {name}: {error}", markup=False, soft_wrap=True)


def _print(report: FetchReport) -> None:
    table = Table("layer", "features", "added", "removed", "changed", "state")
    console = Console()
    for landed in report.landed.values():
        for name, layer in landed.version.layers.items():
            change = landed.changes.get(name)
            n_features = "" if layer.n_features is None else f"{layer.n_features:,}"
            moved = [""] * 3
            if change is not None:
                counts = (change.n_added, change.n_removed, change.n_changed)
                moved = [f"{count:,}" for count in counts]
            state = landed.kept.get(name, "in use")
            table.add_row(name, n_features, *moved, state)
    console.print(table)
    for landed in report.landed.values():
        console.print(f"version {landed.version.id}", highlight=False, soft_wrap=True)
        if landed.stepped_back:
            console.print(f"stepped back: {', '.join(landed.stepped_back)}", soft_wrap=True)
        if landed.deficit is not None:
            before, after = _said(landed.deficit.before), _said(landed.deficit.after)
            console.print(f"green deficit: {before} before, {after} now", highlight=False)


def _said(deficit: Deficit) -> str:
    return "not known" if deficit.deficit_ha is None else f"{deficit.deficit_ha:,.1f} ha"


def _document(report: FetchReport) -> dict[str, Any]:
    failures = {name: str(error) for name, error in report.failures.items()}
    notices = [notice.text("en") for notice in report.notices]
    landed = {name: _landed_document(each) for name, each in report.landed.items()}
    return {"landed": landed, "failures": failures, "notices": notices}


def _landed_document(landed: LandReport) -> dict[str, Any]:
    deficit = landed.deficit
    both = () if deficit is None else (deficit.before.deficit_ha, deficit.after.deficit_ha)
    return {
        "version": landed.version.model_dump(mode="json"),
        "in_use": list(landed.in_use),
        "absent": list(landed.absent),
        "kept": dict(landed.kept),
        "stepped_back": list(landed.stepped_back),
        "changes": {name: asdict(change) for name, change in landed.changes.items()},
        "deficit_ha": plain(both) or None,
    }
