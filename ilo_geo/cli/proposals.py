"""``ilo-geo proposals``: what was put forward in a study area."""

from __future__ import annotations

import typer

from ilo_geo.cli.options import AreaOption
from ilo_geo.cli.options import JsonOption
from ilo_geo.cli.options import print_json
from ilo_geo.core.units import peru_number
from ilo_geo.proposals.draft import Draft
from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area
from ilo_geo.services.drafts import changed_layers
from ilo_geo.services.drafts import list_drafts
from ilo_geo.services.drafts import proposal

proposals_app = typer.Typer(help="Stored proposals: list them, show one.", no_args_is_help=True)


@proposals_app.command("list")
def list_all(area: AreaOption = None, json: JsonOption = False) -> None:
    """List stored proposals, newest first; stale ones name the layers that changed."""
    opened = open_area(area)
    listing = list_drafts(opened)
    if json:
        rows = [_document(opened, one) for one in listing.proposals]
        print_json({"proposals": rows, "damaged": [str(fault) for fault in listing.faults]})
        return
    for one in listing.proposals:
        state = _state(opened, one)
        typer.echo(f"{one.id}  {one.created:%Y-%m-%d}  {one.status}  {one.kind}  {state}")
        typer.echo(f"  {one.title}")
    for fault in listing.faults:
        typer.echo(f"ilo-geo: {fault}", err=True)


@proposals_app.command("show")
def show(proposal_id: str, area: AreaOption = None, json: JsonOption = False) -> None:
    """Show one proposal: what is chosen and why, its figures, how good it is, its warnings."""
    opened = open_area(area)
    one = proposal(opened, proposal_id)
    if json:
        print_json(_document(opened, one))
        return
    typer.echo(f"{one.title}\n{one.kind_title.en} · {one.status_title.en} · {_state(opened, one)}")
    typer.echo(f"{one.analysis}, result {one.result_sha256}")
    for row in one.selected:
        typer.echo("  " + ", ".join(f"{key} {value}" for key, value in row.items()))
    for figure in one.figures:
        value = figure.value
        shown = peru_number(value, 2) if isinstance(value, float) else value
        typer.echo(f"{figure.name:28} {shown} {figure.unit.en if figure.unit else ''}".rstrip())
    typer.echo(f"objective {one.objective}, bound {one.bound}, gap {one.gap_ratio}")
    for warning in one.warnings:
        typer.echo(f"! {warning.en}")


def _state(area: Area, one: Draft) -> str:
    changed = changed_layers(area, one)
    return f"stale ({', '.join(changed)})" if changed else "fresh"


def _document(area: Area, one: Draft) -> dict[str, object]:
    changed = changed_layers(area, one)
    places = {str(place): shape and shape.wkt for place, shape in one.places.geometry.items()}
    crs = str(one.places.crs)
    return {
        **one.document,
        "places_wkt": places,
        "crs": crs,
        "stale": bool(changed),
        "changed_layers": list(changed),
    }
