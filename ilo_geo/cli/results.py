"""``ilo-geo results``: the stored results of a study area."""

from __future__ import annotations

import typer

from ilo_geo.cli.options import AreaOption
from ilo_geo.cli.options import print_json
from ilo_geo.services.areas import open_area
from ilo_geo.services.results import ResultStore

results_app = typer.Typer(help="Stored results: list them, show one.", no_args_is_help=True)


@results_app.command("list")
def list_results(area: AreaOption = None) -> None:
    """List stored results, newest first; stale ones name the layers that changed."""
    for stored in ResultStore(open_area(area)).list():
        state = f"stale ({', '.join(stored.changed_layers)})" if stored.stale else "fresh"
        typer.echo(f"{stored.id}  {stored.document['analysis']}  {state}")


@results_app.command("show")
def show_result(result_id: str, area: AreaOption = None) -> None:
    """Print one stored result as JSON, with what changed since."""
    stored = ResultStore(open_area(area)).load(result_id)
    print_json({**stored.document, "stale": stored.stale, "changed_layers": stored.changed_layers})
