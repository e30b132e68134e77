"""Times pandana on a network that ``bench.py`` saved; run by an interpreter that has pandana.

Pandana is AGPL: it is a peer to measure against, never a dependency.
"""

import json
import resource
import sys
import time

import numpy as np
import pandana
import pandas as pd

RUNS = 3


def main(saved: str, answer: str) -> None:
    """Time building the network and finding the nearest source; write the distances."""
    data = np.load(saved)
    edge_u, edge_v = pd.Series(data["edge_u"]), pd.Series(data["edge_v"])
    weight = pd.DataFrame({"length_m": data["edge_length_m"]})
    node_x, node_y = (pd.Series(data["node_xy"][:, axis]) for axis in (0, 1))
    source_x, source_y = (node_x[data["source"]], node_y[data["source"]])

    runs_s = []
    for _ in range(RUNS):
        start = time.perf_counter()
        network = pandana.Network(node_x, node_y, edge_u, edge_v, weight, twoway=True)
        built = time.perf_counter()
        network.set_pois("entrance", float(data["limit_m"]), 1, source_x, source_y)
        found = network.nearest_pois(float(data["limit_m"]), "entrance", num_pois=1)
        runs_s.append((built - start, time.perf_counter() - built))
    build_s, search_s = min(runs_s, key=sum)

    np.save(answer, found[1].to_numpy())
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {
                "version": pandana.__version__,
                "build_s": build_s,
                "search_s": search_s,
                "peak_mb": peak_mb,
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
