"""All measures of one small city in one run: tables and figures that must agree with each other."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from evac_graphs import CRS
from evac_graphs import random_city
from evac_graphs import streets_of

from ilo_geo.core.errors import CrsError
from ilo_geo.core.parameters import parameter_texts
from ilo_geo.hazards.evacuation.graph import People
from ilo_geo.hazards.evacuation.measures import Measures
from ilo_geo.hazards.evacuation.measures import MeasuresParams
from ilo_geo.hazards.evacuation.measures import MeasuresScene
from ilo_geo.hazards.evacuation.measures import measures
from ilo_geo.hazards.evacuation.refuges import Water
from ilo_geo.hazards.evacuation.retime import evac_tree
from ilo_geo.hazards.evacuation.retime import late_inhab

ARRIVAL_S = 120.0


def scene_of(seed: int, **changed: Any) -> tuple[MeasuresScene, People]:
    graph, people = random_city(seed)
    rng = np.random.default_rng(seed)
    corners = graph.node_xy[rng.integers(0, graph.n_nodes, 8)]
    buildings = gpd.GeoDataFrame(
        {
            "use": ["school", "residential"] * 4,
            "levels": [3] * 8,
            "height_m": [6.0] * 8,
        },
        geometry=[shapely.box(x + 4, y + 4, x + 8, y + 8) for x, y in corners],
        crs=CRS,
    )
    given = {
        "graph": graph,
        "streets": streets_of(graph),
        "buildings": buildings,
        "water": Water(2.0, 5.0),
        "arrival_s": ARRIVAL_S,
        "obstacles": (buildings, None),
    }
    return MeasuresScene(**(given | changed)), people


def run(seed: int, **params: Any) -> Measures:
    scene, people = scene_of(seed)
    return measures(scene, people, MeasuresParams(n_draws=10, **params))


def test_every_parameter_has_its_words_and_every_word_its_parameter() -> None:
    texts = parameter_texts("ilo_geo.hazards.evacuation", "measures.yaml")
    assert set(texts) == set(MeasuresParams.model_fields)
    assert [name for name, text in texts.items() if not text.advanced] == [
        "n_links",
        "n_refuges",
        "blocked_share_ratio",
    ]


@pytest.mark.parametrize("seed", range(6))
def test_tables_and_figures_agree(seed: int) -> None:
    found = run(seed)
    tables, summary = found.tables, found.summary
    assert summary["streets_in_use"] == len(tables["critical_links"])
    assert summary["new_links_saved_inhab"] == tables["new_links"]["saved_inhab"].sum()
    assert summary["refuges_saved_inhab"] == pytest.approx(tables["refuges"]["saved_inhab"].sum())
    assert summary["refuges_gap_inhab"] == 0.0
    scene, people = scene_of(seed)
    late = late_inhab(people, evac_tree(scene.graph).time_s, ARRIVAL_S)
    assert summary["free_walk_late_inhab"] == summary["cascade_base_late_inhab"] == late
    low, middle, high = (summary[f"cascade_late_inhab{end}"] for end in ("_low", "", "_high"))
    assert late <= low <= middle <= high
    assert summary["congestion_people_inhab"] == people.inhab.sum()
    curve = tables["congestion_curve"]
    assert curve["minute"].tolist() == list(range(71))
    assert (curve.drop(columns="minute").sum(axis=1) == people.inhab.sum()).all()
    for name in ("critical_links", "new_links", "refuges", "bottlenecks"):
        assert tables[name].crs == CRS


def test_asking_for_nothing_proposes_nothing() -> None:
    found = run(1, n_links=0, n_refuges=0)
    assert found.tables["new_links"].empty
    assert found.tables["refuges"].empty
    codes = {notice.code for notice in found.notices}
    assert codes.isdisjoint({"evacuation.links_greedy", "evacuation.refuges_not_certified"})


def test_the_reader_is_told_what_the_figures_are_not() -> None:
    found = run(1)
    assert len(found.tables["refuges"]) > 0
    codes = {notice.code for notice in found.notices}
    assert {"evacuation.congestion_is_lower_bound", "evacuation.refuges_not_certified"} <= codes
    assert all(notice.text("es") and notice.text("en") for notice in found.notices)
    scene, people = scene_of(1, arrival_s=1e9)
    on_net = People(
        *(values[people.node >= 0] for values in (people.node, people.inhab, people.delay_s))
    )
    tree = evac_tree(scene.graph)
    reach = np.isfinite(tree.time_s[on_net.node])
    lucky = People(on_net.node[reach], on_net.inhab[reach], on_net.delay_s[reach])
    told = measures(scene, lucky, MeasuresParams(n_draws=2)).notices
    assert "evacuation.nobody_late" in {notice.code for notice in told}


@pytest.mark.parametrize(("kinds", "expected"), [("building", {"building"}), ("site", {"site"})])
def test_only_the_kinds_of_refuge_asked_for(kinds: str, expected: set[str]) -> None:
    assert set(run(1, refuge_kinds=kinds).tables["refuges"]["kind"]) == expected


def test_nothing_is_changed_in_what_was_given() -> None:
    scene, people = scene_of(2)
    before = (
        scene.streets.copy(),
        scene.buildings.copy(),
        people.inhab.copy(),
        scene.graph.arc_s.copy(),
    )
    measures(scene, people, MeasuresParams(n_draws=3))
    after = scene.streets, scene.buildings, people.inhab, scene.graph.arc_s
    assert before[0].equals(after[0])
    assert before[1].equals(after[1])
    np.testing.assert_array_equal(before[2], after[2])
    np.testing.assert_array_equal(before[3], after[3])


def test_layers_in_other_systems_are_refused() -> None:
    scene, people = scene_of(1)
    other = scene.buildings.set_crs("EPSG:32718", allow_override=True)
    with pytest.raises(CrsError):
        measures(scene_of(1, buildings=other)[0], people, MeasuresParams(n_draws=1))
