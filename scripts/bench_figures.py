"""What a benchmark yields, how it is timed and how the table is printed."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

RUNS = 5


@dataclass(frozen=True)
class Figure:
    """One line of the table; ``target`` is what the project asks of the ratio or of the time."""

    what: str
    size: str
    ours_s: float
    target: str
    peer: str = ""
    peer_s: float | None = None
    peer_mb: float | None = None


def best_of(work: Callable[[], object], runs: int = RUNS) -> tuple[float, object]:
    """Return the shortest time of several runs, in seconds, and the last answer."""
    shortest_s, answer = float("inf"), None
    for _ in range(runs):
        start = time.perf_counter()
        answer = work()
        shortest_s = min(shortest_s, time.perf_counter() - start)
    return shortest_s, answer


def show(figures: list[Figure]) -> None:
    """Print the figures, and the peak memory of this process and of its peers."""
    table = Table("benchmark", "size", "ours", "peer", "peer's", "ratio", "target")
    for f in figures:
        theirs = "–" if f.peer_s is None else f"{f.peer_s:.4f} s"
        ratio = "–" if f.peer_s is None else f"{f.peer_s / f.ours_s:.1f}×"
        table.add_row(f.what, f.size, f"{f.ours_s:.4f} s", f.peer, theirs, ratio, f.target)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    peers_mb = max((f.peer_mb for f in figures if f.peer_mb is not None), default=None)
    console = Console(width=160)
    console.print(table)
    console.print(f"peak memory: this process {peak_mb:.0f} MB (target ≤ 1500 MB)")
    if peers_mb is not None:
        console.print(f"peak memory of the peer's process: {peers_mb:.0f} MB")
