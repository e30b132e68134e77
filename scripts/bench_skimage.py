"""Times scikit-image on ground that ``bench.py`` saved; run by an interpreter that has it.

scikit-image is a peer to measure against, not a dependency.
"""

import json
import resource
import sys
import time

import numpy as np
import skimage
from skimage.graph import MCP_Geometric


def main(saved: str, answer: str) -> None:
    """Time the costs from every source; write them."""
    data = np.load(saved)
    start = time.perf_counter()
    costs = MCP_Geometric(data["slowness"]).find_costs(data["sources"])[0]
    elapsed_s = time.perf_counter() - start
    np.save(answer, costs)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"version": skimage.__version__, "elapsed_s": elapsed_s, "peak_mb": peak_mb}))


if __name__ == "__main__":
    main(*sys.argv[1:])
