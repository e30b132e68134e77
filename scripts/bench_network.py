"""Walking distances on a real city's network, beside networkx and pandana."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import numpy as np
from bench_figures import Figure
from bench_figures import best_of

from ilo_geo.city.network import Network
from ilo_geo.city.network import walking_network
from ilo_geo.city.shortest_paths import distances_to_nearest_m
from ilo_geo.io.osm import read_osm

METRIC_CRS = "EPSG:32722"
N_ENTRANCES = 150
SEED = 20261122
FAR_M = 100_000.0


def walking_network_of(osm: Path) -> Network:
    """Return the walking network of the extract."""
    extract = read_osm(osm)
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
