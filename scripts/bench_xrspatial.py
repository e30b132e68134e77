"""Times xarray-spatial's viewshed on surfaces that ``bench_visibility.py`` saved.

Run by an interpreter that has it: xarray-spatial is a peer to measure against, not a dependency.
"""

import json
import resource
import sys
import time

import numpy as np
import xarray as xr
import xrspatial


def main(saved: str, answer: str) -> None:
    """Time the viewshed from the middle of each surface; write which cells are seen."""
    data = np.load(saved)
    surfaces, cell_m = data["surfaces"], float(data["cell_m"])
    axis = (np.arange(surfaces.shape[1]) - surfaces.shape[1] // 2) * cell_m
    heights = {"observer_elev": float(data["pole_m"]), "target_elev": float(data["target_m"])}
    seen, elapsed_s = [], []
    for surface in [surfaces[0], *surfaces]:
        raster = xr.DataArray(surface.copy(), {"y": axis[::-1], "x": axis}, ("y", "x"))
        start = time.perf_counter()
        angles = xrspatial.viewshed(raster, x=0.0, y=0.0, **heights)
        elapsed_s.append(time.perf_counter() - start)
        seen.append(angles.to_numpy() >= 0)
    np.save(answer, np.array(seen[1:]))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    # the first run compiles
    mean_s = float(np.mean(elapsed_s[1:]))
    print(json.dumps({"version": xrspatial.__version__, "elapsed_s": mean_s, "peak_mb": peak_mb}))


if __name__ == "__main__":
    main(*sys.argv[1:])
