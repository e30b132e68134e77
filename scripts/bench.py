"""Measures ilo-geo beside its peers on one machine, in one run, and prints a table.

Benchmarks are functions that yield `Figure`; those on a real city need ``../shared/real_city``.
Times are the best of several runs with warm kernels, unless the line says otherwise.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import networkx as nx
import numpy as np
from rich.console import Console
from rich.table import Table

from ilo_geo.city.network import Network
from ilo_geo.city.network import walking_network
from ilo_geo.city.shortest_paths import distances_to_nearest_m
from ilo_geo.io.osm import read_osm
from ilo_geo.services.init_area import init_area

REPOSITORY = Path(__file__).parents[1]
PORTO_ALEGRE = REPOSITORY.parent / "shared" / "real_city" / "porto_alegre"
METRIC_CRS = "EPSG:32722"
RUNS = 5
N_ENTRANCES = 150
SEED = 20261122
FAR_M = 100_000.0


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


def main() -> None:
    """Run every benchmark and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--peer-python",
        default=sys.executable,
        help="interpreter that has the peers which are no dependencies (pandana)",
    )
    peer_python = parser.parse_args().peer_python
    if not PORTO_ALEGRE.is_dir():
        sys.exit(f"{PORTO_ALEGRE} is absent: nothing to measure on")
    figures = [
        *walking_distances(porto_alegre_network(), peer_python),
        *area_from_files(),
    ]
    show(figures)


def porto_alegre_network() -> Network:
    """Return the walking network of the extract."""
    extract = read_osm(PORTO_ALEGRE / "poa_osm.pbf")
    return walking_network(extract.layers["streets"].to_crs(METRIC_CRS))


def walking_distances(network: Network, peer_python: str) -> Iterator[Figure]:
    """Distance of every node to the nearest of 150 entrances, from plain edge arrays.

    Ours: sorting the arcs into rows, then the search. Pandana: its network, its points of
    interest, its search. networkx: the search alone, on a graph that is there already.
    """
    source = np.random.default_rng(SEED).choice(network.n_nodes, N_ENTRANCES, replace=False)
    distances_to_nearest_m(network, source)

    def ours() -> np.ndarray:
        network.__dict__.pop("csr", None)
        return distances_to_nearest_m(network, source)[0]

    ours_s, distance_m = best_of(ours)
    size = f"{network.n_nodes} nodes, {network.n_edges} edges, {N_ENTRANCES} entrances"
    graph = nx.Graph()
    graph.add_nodes_from(range(network.n_nodes))
    edges = zip(network.edge_u, network.edge_v, network.edge_length_m, strict=True)
    for u, v, length_m in sorted(edges, key=lambda edge: -edge[2]):
        # of parallel edges the shortest is set last
        graph.add_edge(int(u), int(v), weight=float(length_m))
    sources = {int(node) for node in source}
    peer_s, reached = best_of(lambda: nx.multi_source_dijkstra_path_length(graph, sources))
    same = [reached.get(node, np.inf) for node in range(network.n_nodes)]
    np.testing.assert_allclose(distance_m, same, rtol=1e-9)
    yield Figure("walking distances", size, ours_s, "≥ 2×", f"networkx {nx.__version__}", peer_s)
    yield pandana_distances(
        network, source, peer_python, Figure("", size, ours_s, "≥ 20×"), distance_m
    )


def pandana_distances(
    network: Network, source: np.ndarray, peer_python: str, ours: Figure, distance_m: np.ndarray
) -> Figure:
    """Return the same distances by pandana, in an interpreter that has it."""
    what = "walking distances, build included"
    with tempfile.TemporaryDirectory() as folder:
        saved, answer = Path(folder) / "network.npz", Path(folder) / "distances.npy"
        np.savez(
            saved,
            node_xy=network.node_xy,
            edge_u=network.edge_u,
            edge_v=network.edge_v,
            edge_length_m=network.edge_length_m,
            source=source,
            limit_m=FAR_M,
        )
        script = Path(__file__).with_name("bench_pandana.py")
        run = subprocess.run(
            [peer_python, str(script), str(saved), str(answer)],
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            reason = run.stderr.strip().splitlines()[-1]
            return Figure(what, ours.size, ours.ours_s, ours.target, f"pandana absent ({reason})")
        peer = json.loads(run.stdout.splitlines()[-1])
        theirs_m = np.load(answer)
    reached = np.isfinite(distance_m)
    np.testing.assert_allclose(theirs_m[reached], distance_m[reached], atol=0.1)
    build_s, search_s = peer["build_s"], peer["search_s"]
    name = f"pandana {peer['version']} (build {build_s:.2f} s, search {search_s:.3f} s)"
    return Figure(
        what, ours.size, ours.ours_s, ours.target, name, build_s + search_s, peer["peak_mb"]
    )


def area_from_files() -> Iterator[Figure]:
    """Make the study area of Porto Alegre from its files, once, imports not counted."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        report = init_area(
            Path(folder) / "porto_alegre",
            osm=PORTO_ALEGRE / "poa_osm.pbf",
            dem=PORTO_ALEGRE / "poa_elevation.tif",
            population=PORTO_ALEGRE / "poa_hexgrid.csv",
        )
        elapsed_s = time.perf_counter() - start
    size = f"{report.n_features['streets']} streets, {report.population_inhab:.0f} inhab"
    yield Figure("init of Porto Alegre", size, elapsed_s, "≤ 20 s")


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


if __name__ == "__main__":
    main()
