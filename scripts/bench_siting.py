"""Choice of sites beside spopt with CBC: time to the proof, gap after a minute, memory."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from bench_figures import Figure
from scipy.sparse import csr_array
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from ilo_geo.core.progress import silent
from ilo_geo.siting.answer import Limits
from ilo_geo.siting.answer import SitingAnswer
from ilo_geo.siting.mclp.search import search_mclp
from ilo_geo.siting.problem import Candidates
from ilo_geo.siting.problem import Kind
from ilo_geo.siting.problem import SitingProblem

TOWN_M = (8000, 5000)
N_CENTRES = 12
SPREAD_M = 500
RADIUS_M = 400
SEED = 20261123
SMALL = (1000, 200, 10)
PROVED = (5000, 1000, 20)
LARGE = (20_000, 2000, 30)
HUGE = (100_000, 5000, 40)
MINUTE_S = 60.0
GAP_TARGET_RATIO = 0.01
MEMORY_TARGET_MB = 2000
SEEDS = 3
PEAK = (
    "import json, resource, bench_siting as b; a = b.searched(b.problem_of(*b.town(b.HUGE)));"
    "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024;"
    "print(json.dumps([a.objective, a.bound, a.gap_ratio, a.solver_seconds, peak]))"
)
PEER = (
    "import sys, warnings; warnings.simplefilter('ignore');"
    "import bench_siting as b; b.print_peer(*map(float, sys.argv[1:]))"
)

Town = tuple[np.ndarray, np.ndarray, np.ndarray, int]


def town(size: tuple[int, int, int], seed: int = SEED) -> Town:
    """Return homes about 12 centres, their people (1 to 59), sites all over town and the count."""
    n_homes, n_sites, count = size
    rng = np.random.default_rng(seed)
    centre = rng.uniform((0, 0), TOWN_M, (N_CENTRES, 2))
    home = centre[rng.integers(0, N_CENTRES, n_homes)]
    home += rng.normal(0, SPREAD_M, (n_homes, 2))
    people = rng.integers(1, 60, n_homes).astype(np.float64)
    return home, people, rng.uniform((0, 0), TOWN_M, (n_sites, 2)), count


def problem_of(home: np.ndarray, people: np.ndarray, site: np.ndarray, count: int) -> SitingProblem:
    """Return the town as a question to the engine."""
    within = cKDTree(home).query_ball_point(site, RADIUS_M)
    start = np.concatenate([[0], np.cumsum([len(homes) for homes in within])])
    index = np.concatenate([np.asarray(homes, dtype=np.int64) for homes in within])
    reach = csr_array((np.ones(len(index)), index, start), shape=(len(site), len(home)))
    return SitingProblem(Kind.MCLP, people, reach, Candidates.plain(len(site)), count=count)


def searched(problem: SitingProblem) -> SitingAnswer:
    """Return what a minute of search finds."""
    return search_mclp(problem, Limits(seconds=MINUTE_S), silent)


def print_peer(*figures: float) -> None:
    """Solve the town of ``figures`` (size, time limit) with spopt; print objective and seconds."""
    import pulp
    from spopt.locate import MCLP

    *size, limit_s = figures
    home, people, site, count = town(tuple(int(n) for n in size))
    start_s = time.perf_counter()
    distance_m = cdist(home, site)
    model = MCLP.from_cost_matrix(distance_m, people, RADIUS_M, p_facilities=count)
    solver = pulp.PULP_CBC_CMD(msg=False, timeLimit=limit_s or None)
    try:
        model.solve(solver)
        served = (distance_m[:, [bool(c) for c in model.fac2cli]] <= RADIUS_M).any(axis=1)
        objective = float(people[served].sum())
    except RuntimeError:
        objective = float("nan")
    print(json.dumps([objective, time.perf_counter() - start_s]))


def choice_of_sites(peer_python: str, large_peer_limit_s: float | None = None) -> Iterator[Figure]:
    """Return the proofs beside spopt's, the gaps after a minute, and the memory of a large town.

    ``large_peer_limit_s`` gives spopt so long on 20,000 homes; it is left out by default.
    """
    searched(problem_of(*town(SMALL)))
    for size, target in ((SMALL, "equal optimum"), (PROVED, "≥ 3×")):
        answer = searched(problem_of(*town(size)))
        theirs, theirs_s = _peer(peer_python, size, 0.0)
        if answer.gap_ratio == 0.0:
            np.testing.assert_allclose(theirs, answer.objective)
        yield _figure("sites proved best", size, answer, target, "spopt + CBC", theirs_s)
    for seed in range(SEED, SEED + SEEDS):
        answer = searched(problem_of(*town(LARGE, seed)))
        target = f"gap ≤ {GAP_TARGET_RATIO:.0%} in {MINUTE_S:.0f} s"
        yield _figure("sites of a large town", LARGE, answer, target)
    if large_peer_limit_s is not None:
        theirs, theirs_s = _peer(peer_python, LARGE, large_peer_limit_s)
        peer = f"spopt + CBC: {theirs:.0f}"
        yield _figure("sites of a large town", LARGE, answer, "", peer, theirs_s)
    yield _peak_memory()


def _peer(python: str, size: tuple[int, int, int], limit_s: float) -> tuple[float, float]:
    objective, seconds = _printed(python, PEER, *map(str, (*size, limit_s)))
    return objective, seconds


def _figure(
    what: str,
    size: tuple[int, int, int],
    answer: SitingAnswer,
    target: str,
    peer: str = "",
    peer_s: float | None = None,
) -> Figure:
    text = f"{size[0]} × {size[1]}, p {size[2]}: {answer.objective:.0f} of at most "
    text += f"{answer.bound:.0f}, gap {answer.gap_ratio:.2%}"
    return Figure(what, text, answer.solver_seconds, target, peer, peer_s)


def _peak_memory() -> Figure:
    """Return the peak memory of a process of its own that searches 100,000 × 5,000."""
    objective, bound, gap, seconds, peak_mb = _printed(sys.executable, PEAK)
    size = f"{HUGE[0]} × {HUGE[1]}, p {HUGE[2]}: {objective:.0f} of at most {bound:.0f}, "
    size += f"gap {gap:.2%}, {peak_mb:.0f} MB"
    return Figure("sites of a huge town, memory", size, seconds, f"≤ {MEMORY_TARGET_MB} MB")


def _printed(python: str, code: str, *arguments: str) -> list[float]:
    run = subprocess.run(
        [python, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent,
    )
    return list(json.loads(run.stdout))
