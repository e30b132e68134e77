"""``ilo-geo site`` as a person or a script meets it: anyone's files in, sites and proof out."""

import json
import signal
from contextlib import contextmanager

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from scipy.sparse import save_npz

from ilo_geo.cli.main import main


@pytest.fixture
def run(capsys):
    """Return a function that runs ``site`` and gives (exit code, stdout, stderr)."""

    def run_command(*arguments):
        with pytest.raises(SystemExit) as caught:
            main(["site", *[str(argument) for argument in arguments]])
        captured = capsys.readouterr()
        return caught.value.code, captured.out, captured.err

    return run_command


def demand():
    """Return four places on a line, 1 km apart, the last far away."""
    return pd.DataFrame(
        {"id": [1, 2, 3, 4], "x": [0.0, 1000, 2000, 9000], "y": 0.0, "weight": [5.0, 3, 4, 9]}
    )


def candidates(**columns):
    """Return a candidate at each of the first three places."""
    table = pd.DataFrame({"id": ["a", "b", "c"], "x": [0.0, 1000, 2000], "y": [0.0, 0, 0]})
    return table.assign(**columns)


@pytest.fixture
def ask(run, tmp_path):
    """Return a function that writes the two tables and asks a question of them."""

    def ask_files(*options, places=None, sites=None):
        demand_path, sites_path = tmp_path / "demand.csv", tmp_path / "sites.csv"
        (demand() if places is None else places).to_csv(demand_path, index=False)
        (candidates() if sites is None else sites).to_csv(sites_path, index=False)
        return run("--demand", demand_path, "--candidates", sites_path, *options, "--json")

    return ask_files


def test_the_answer_holds_the_choice_and_its_proof(ask):
    code, out, _ = ask("--radius-m", 1000, "--count", 1)
    answer = json.loads(out)
    assert code == 0
    assert answer["selected"] == ["b"]
    assert (answer["objective"], answer["bound"], answer["gap_ratio"]) == (12, 12, 0)
    assert answer["status"] == "optimal"
    assert answer["solver_seconds"] >= 0
    assert (answer["n_unreached"], answer["weight_unreached"]) == (1, 9)
    assert "1 of 4 places" in answer["warnings"][0]


def test_set_cover_and_p_median(ask):
    cover = json.loads(ask("--radius-m", 999, "--problem", "lscp")[1])
    assert cover["selected"] == ["a", "b", "c"]
    median = json.loads(ask("--count", 2, "--problem", "pmedian")[1])
    # from c: 4 at 0, 9 at 7 km; from a: 5 at 0; 3 at 1 km from either
    assert (median["selected"], median["objective"]) == (["a", "c"], 66_000)


def test_cost_capacity_locked_and_forbidden_are_read(ask):
    sites = candidates(cost=[1, 5, 1], capacity=[4, None, None], locked=[True, None, False])
    answer = json.loads(ask("--radius-m", 0, "--budget", 3, sites=sites)[1])
    # a serves 4 of 5, c its 4; b is too dear
    assert (answer["selected"], answer["objective"]) == (["a", "c"], 8)
    without = candidates(forbidden=[0, 0, 1])
    assert json.loads(ask("--radius-m", 0, "--count", 1, sites=without)[1])["selected"] == ["a"]


def test_spacing_and_folds(ask):
    apart = json.loads(ask("--radius-m", 0, "--count", 3, "--spacing-m", 1001)[1])
    assert apart["selected"] == ["a", "c"]
    touching = json.loads(ask("--radius-m", 0, "--count", 3, "--spacing-m", 1000)[1])
    assert touching["selected"] == ["a", "b", "c"]
    twice = json.loads(ask("--radius-m", 1000, "--count", 2, "--folds", 2)[1])
    # a and b: places 1 and 2 twice; b and c: 2 and 3; a and c: 2
    assert (twice["selected"], twice["objective"]) == (["a", "b"], 8)


def test_ids_that_are_numbers_stay_numbers(ask):
    sites = candidates().assign(id=[7, 8, 9])
    assert json.loads(ask("--radius-m", 1000, "--count", 1, sites=sites)[1])["selected"] == [8]
    padded = candidates().assign(id=["07", "08", "09"])
    assert json.loads(ask("--radius-m", 1000, "--count", 1, sites=padded)[1])["selected"] == ["08"]


def test_a_geopackage_of_points_is_a_table_with_coordinates(run, tmp_path):
    for name, table in (("demand", demand()), ("sites", candidates())):
        points = gpd.points_from_xy(table["x"] + 250_000, table["y"] + 8_000_000)
        frame = gpd.GeoDataFrame(table.drop(columns=["x", "y"]), geometry=points, crs="EPSG:32719")
        frame.to_file(tmp_path / f"{name}.gpkg", driver="GPKG")
    options = ("--radius-m", 1000, "--count", 1, "--json")
    files = ("--demand", tmp_path / "demand.gpkg", "--candidates", tmp_path / "sites.gpkg")
    assert json.loads(run(*files, *options)[1])["selected"] == ["b"]


@pytest.mark.parametrize("is_sparse", [True, False])
def test_a_cost_matrix_takes_the_place_of_distances(ask, tmp_path, is_sparse):
    costs = np.array([[0.0, 9, 9], [9, 9, 2], [9, 9, 2], [np.inf, 1, np.inf]])
    path = tmp_path / "costs.npz"
    if is_sparse:
        row, column = np.nonzero(np.isfinite(costs))
        save_npz(path, csr_array((costs[row, column], (row, column)), shape=costs.shape))
    else:
        np.savez(path, matrix=costs)
    median = json.loads(ask("--cost-matrix", path, "--count", 3, "--problem", "pmedian")[1])
    assert median["objective"] == 0 * 5 + 2 * 3 + 2 * 4 + 1 * 9
    cover = json.loads(ask("--cost-matrix", path, "--radius-m", 2, "--count", 2)[1])
    assert (cover["selected"], cover["objective"]) == (["b", "c"], 16)


def warnings_of(answered):
    code, out, err = answered
    assert (code, err) == (0, "")
    return " | ".join(json.loads(out)["warnings"])


def test_a_set_cover_says_that_it_disregards_count_and_budget_and_by_how_much(ask):
    cover = ("--radius-m", 999, "--problem", "lscp")
    over = warnings_of(ask(*cover, "--count", 2, "--budget", 2.5))
    assert "disregards --count 2, --budget 2.5" in over
    assert "has 3 sites and 2 were given" in over
    assert "costs 3 and the budget given is 2.5" in over
    within = warnings_of(ask(*cover, "--count", 3))
    assert "disregards --count 3." in within
    assert "were given" not in within
    assert "disregards" not in warnings_of(ask(*cover))
    assert "disregards" not in warnings_of(ask("--radius-m", 999, "--count", 2))


@pytest.mark.parametrize("kind", ["mclp", "lscp", "pmedian"])
def test_candidates_that_reach_nobody_are_counted_and_named(ask, kind):
    sites = candidates(x=[0.0, 900_000, 2000], y=[0.0, 9_900_000, 0])
    options = ("--problem", kind, "--radius-m", 1000, "--count", 2)
    said = warnings_of(ask(*options, sites=sites))
    assert "1 of 3 candidates reach no demand and cannot serve (b)" in said
    assert "candidates" not in warnings_of(ask(*options)).replace("too few candidates", "")


def test_a_p_median_tells_candidates_farther_than_the_demand_is_wide(ask):
    # the demand is 9,000 m wide: 9,001 m beyond its last place is out of proportion, 8,999 is not
    options = ("--problem", "pmedian", "--count", 1)
    said = warnings_of(ask(*options, sites=candidates(x=[0.0, 18_001, -9001])))
    assert "2 of 3 candidates lie farther" in said
    assert "(b, c)" in said
    assert "9,000 m" in said
    assert warnings_of(ask(*options, sites=candidates(x=[0.0, 17_999, -8999]))) == ""


@pytest.mark.parametrize(
    ("kind", "own"),
    [
        ("mclp", "the most that can be covered is 12"),
        ("lscp", "the set cover does not require them"),
        ("pmedian", "do not count in the p-median's objective"),
    ],
)
def test_unreached_demand_is_told_in_the_words_of_the_problem_asked(ask, kind, own):
    limit = () if kind == "lscp" else ("--count", 2)
    said = warnings_of(ask("--problem", kind, "--radius-m", 1000, *limit))
    assert "1 of 4 places (weight 9)" in said
    assert own in said
    assert ("p-median" in said, "set cover" in said) == (kind == "pmedian", kind == "lscp")


def test_without_json_there_is_a_table(run, tmp_path):
    demand().to_csv(tmp_path / "d.csv", index=False)
    candidates().to_csv(tmp_path / "c.csv", index=False)
    files = ("--demand", tmp_path / "d.csv", "--candidates", tmp_path / "c.csv")
    code, out, _ = run(*files, "--radius-m", 1000, "--count", 1)
    assert code == 0
    assert "optimal" in out
    assert "1 of 4 places" in out


FAULTS = {
    "no count": ((), {}, "count of sites, a budget"),
    "count 0": (("--count", 0), {}, "1 or more"),
    "budget below the cheapest": (("--budget", 0.5), {}, "cheapest candidate, which costs 1"),
    "no reach": (("--count", 1), {"sites": candidates(y=50_000.0)}, "Enlarge the distance"),
    "all forbidden": (("--count", 1), {"sites": candidates(forbidden=True)}, "3 are forbidden"),
    "locked and forbidden": (
        ("--count", 1),
        {"sites": candidates(locked=[1, 0, 0], forbidden=[1, 0, 0])},
        "both locked and forbidden (1): a.",
    ),
    "locked over count": (("--count", 1), {"sites": candidates(locked=[1, 1, 0])}, "2 sites are"),
    "locked over budget": (
        ("--budget", 3), {"sites": candidates(locked=[1, 1, 0], cost=2)}, "cost 4 but the budget",
    ),
    "locked too near": (
        ("--count", 3, "--spacing-m", 1500),
        {"sites": candidates(locked=[1, 1, 0])},
        "1 (the first: a, b)",
    ),
    "negative weight": (("--count", 1), {"places": demand().assign(weight=[1, -2, 3, 4])}, "row 3"),
    "negative cost": (("--count", 1), {"sites": candidates(cost=[1, -1, 1])}, "'cost' is below 0"),
    "negative capacity": (("--count", 1), {"sites": candidates(capacity=-1.0)}, "'capacity'"),
    "no coordinate": (("--count", 1), {"places": demand().assign(x=[0, None, 1, 2])}, "'x' has no"),
    "words": (("--count", 1), {"places": demand().assign(weight="many")}, "'weight' is not a num"),
    "infinite": (("--count", 1), {"places": demand().assign(weight=np.inf)}, "infinite"),
    "same ids": (("--count", 1), {"sites": candidates().assign(id="a")}, "'id' repeats"),
    "missing column": (
        ("--count", 1), {"places": demand().drop(columns="weight")}, "'weight' is missing",
    ),
    "degrees": (
        ("--count", 1),
        {
            "places": demand().assign(x=-71.3, y=-17.6),
            "sites": candidates().assign(x=-71.34, y=-17.6),
        },
        "look like degrees",
    ),
    "empty": (("--count", 1), {"places": demand().iloc[:0]}, "holds no rows"),
    "folds 0": (("--count", 1, "--folds", 0), {}, "expected 1 or more sites a place"),
    "folds of a p-median": (
        ("--count", 1, "--folds", 2, "--problem", "pmedian"), {}, "serves each place from one",
    ),
    "negative radius": (("--radius-m", -5, "--count", 1), {}, "--radius-m"),
    "capacity short": (
        ("--count", 2, "--problem", "pmedian"), {"sites": candidates(capacity=2.0)}, "serve 4 at",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_bad_input_is_one_clear_line(ask, fault):
    options, tables, said = FAULTS[fault]
    radius = () if "--radius-m" in options else ("--radius-m", 10_000)
    code, out, err = ask(*radius, *options, **tables)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_coverage_without_a_reach_is_refused(ask, tmp_path):
    assert "--radius-m" in ask("--count", 1)[2]
    np.savez(tmp_path / "m.npz", matrix=np.ones((4, 3)))
    code, _, err = ask("--count", 1, "--cost-matrix", tmp_path / "m.npz")
    assert (code, "--radius-m" in err) == (2, True)


def test_a_faulty_matrix_is_refused(ask, tmp_path):
    path = tmp_path / "m.npz"
    options = ("--radius-m", 5, "--count", 1, "--cost-matrix", path)
    np.savez(path, matrix=np.ones((3, 4)))
    code, _, err = ask(*options)
    assert code == 2
    assert "3 × 4; expected 4 × 3" in err
    np.savez(path, matrix=-np.ones((4, 3)))
    assert "12 values negative" in ask(*options)[2]
    path.write_bytes(b"no archive")
    code, _, err = ask(*options)
    assert code == 2
    assert "cannot be read" in err
    path.unlink()
    assert "no such file" in ask(*options)[2]


def test_an_unreadable_table_is_refused(run, tmp_path):
    demand().to_csv(tmp_path / "d.csv", index=False)
    (tmp_path / "c.csv").write_bytes(b"\xff\xfe\x00id")
    (tmp_path / "c.gpkg").write_bytes(b"nothing")
    for name in ("c.csv", "c.gpkg", "absent.csv"):
        files = ("--demand", tmp_path / "d.csv", "--candidates", tmp_path / name)
        code, _, err = run(*files, "--radius-m", 5, "--count", 1)
        assert code == 2
        assert err.count("\n") == 1


def test_an_interrupt_gives_the_best_so_far(ask, monkeypatch):
    rng = np.random.default_rng(0)
    places = pd.DataFrame(rng.uniform(0, 9000, (800, 2)), columns=["x", "y"])
    places = places.assign(id=range(800), weight=rng.integers(1, 60, 800))
    told = []

    @contextmanager
    def bar_that_the_user_interrupts():
        def progress(_code, _ratio, /, **figures):
            if figures and not told:
                signal.raise_signal(signal.SIGINT)
            told.append(figures)

        yield progress

    monkeypatch.setattr("ilo_geo.cli.site.progress_bar", bar_that_the_user_interrupts)
    before = signal.getsignal(signal.SIGINT)
    options = ("--radius-m", 700, "--problem", "lscp", "--folds", 2, "--time-limit", 600)
    code, out, _ = ask(*options, places=places, sites=places.drop(columns="weight"))
    answer = json.loads(out)
    assert (code, answer["status"], len(told)) == (0, "stopped", 1)
    assert answer["objective"] >= answer["bound"] > 0
    assert signal.getsignal(signal.SIGINT) is before
