"""``ilo-geo site``: choose sites for anyone's demand and candidates."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ilo_geo.cli.options import JsonOption
from ilo_geo.cli.options import print_json
from ilo_geo.cli.options import progress_bar
from ilo_geo.core.progress import EnoughError
from ilo_geo.core.progress import Progress
from ilo_geo.core.units import peru_number
from ilo_geo.services.siting import SiteFiles
from ilo_geo.services.siting import SiteOutcome
from ilo_geo.services.siting import SiteQuestion
from ilo_geo.services.siting import site as choose_sites
from ilo_geo.siting.answer import Limits
from ilo_geo.siting.problem import Kind

DemandOption = Annotated[
    Path, typer.Option("--demand", help="CSV or GPKG: id, x, y (metres), weight.")
]
CandidatesOption = Annotated[
    Path,
    typer.Option(
        "--candidates",
        help="CSV or GPKG: id, x, y; optionally cost, capacity, locked, forbidden.",
    ),
]
RadiusOption = Annotated[float | None, typer.Option("--radius-m", help="Reach in metres.")]
MatrixOption = Annotated[
    Path | None,
    typer.Option(
        "--cost-matrix",
        help="NPZ (scipy.sparse, or an array named 'matrix'): rows demand, columns candidates.",
    ),
]
CountOption = Annotated[int | None, typer.Option("--count", help="Most sites.")]
BudgetOption = Annotated[float | None, typer.Option("--budget", help="Most cost.")]
KindOption = Annotated[
    Kind,
    typer.Option(
        "--problem",
        help="mclp: most demand covered; lscp: cheapest cover of all; pmedian: least distance.",
    ),
]
SecondsOption = Annotated[
    float, typer.Option("--time-limit", min=0.0, help="Seconds until the best found is given.")
]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="Of all that is random.")]
SpacingOption = Annotated[
    float, typer.Option("--spacing-m", help="Least distance between two sites, metres.")
]
FoldsOption = Annotated[
    int, typer.Option("--folds", help="Sites that must reach a place before it counts.")
]


def site(
    demand: DemandOption,
    candidates: CandidatesOption,
    radius_m: RadiusOption = None,
    cost_matrix: MatrixOption = None,
    count: CountOption = None,
    budget: BudgetOption = None,
    problem: KindOption = Kind.MCLP,
    time_limit: SecondsOption = 60.0,
    seed: SeedOption = 0,
    spacing_m: SpacingOption = 0.0,
    folds: FoldsOption = 1,
    json: JsonOption = False,
) -> None:
    """Choose the best sites, with the proof of how good they are. Ctrl-C gives the best so far."""
    files = SiteFiles(demand, candidates, cost_matrix)
    question = SiteQuestion(problem, radius_m, count, budget, spacing_m, folds)
    limits = Limits(seconds=time_limit, seed=seed)
    with progress_bar() as bar, until_interrupted(bar) as progress:
        outcome = choose_sites(files, question, limits, progress)
    if json:
        print_json(outcome.document)
    else:
        _print(outcome)


@contextmanager
def until_interrupted(progress: Progress) -> Iterator[Progress]:
    """Yield ``progress`` that answers Ctrl-C with "enough"; a second Ctrl-C ends the program."""
    asked = threading.Event()

    def on_interrupt(_number: int, _frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    def heard(code: str, done_ratio: float, /, **figures: float) -> None:
        progress(code, done_ratio, **figures)
        if asked.is_set() and figures:
            raise EnoughError
        if asked.is_set():
            # nothing found yet that could be given
            raise KeyboardInterrupt

    # only the main thread hears signals
    if threading.current_thread() is not threading.main_thread():
        yield heard
        return
    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield heard
    finally:
        signal.signal(signal.SIGINT, before)


def _print(outcome: SiteOutcome) -> None:
    console = Console()
    document = outcome.document
    for name in ("problem", "status", "objective", "bound", "gap_ratio", "solver_seconds", "cost"):
        console.print(f"{name:16} {_written(document[name])}")
    served, unreached = document["n_served"], document["n_unreached"]
    console.print(f"{'n_served':16} {served} of {document['n_demand']} ({unreached} out of reach)")
    answer, weight = outcome.answer, outcome.problem.weight
    table = Table("id", "cost", "n_served", "weight_served", title="selected")
    for at in answer.selected:
        mine = answer.assigned == at
        cost = float(outcome.problem.candidates.cost[at])
        figures = (_written(cost), str(int(mine.sum())), _written(float(weight[mine].sum())))
        table.add_row(str(outcome.candidate_ids[at]), *figures)
    console.print(table)
    for notice in outcome.notices:
        console.print(f"! {notice.text('en')}")


def _written(value: object) -> str:
    return peru_number(value, 3) if isinstance(value, float) else str(value)
