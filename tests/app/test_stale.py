"""A layer that is replaced while the planner runs: nothing computed before passes for fresh."""

from __future__ import annotations

import json

import geopandas as gpd
import pytest
from dash.exceptions import PreventUpdate
from signed_in import client_for
from small_city import write_small_city

from dash_app import ids
from dash_app.planner import Planner
from ilo_geo.io.workspace import Workspace
from ilo_geo.services.areas import open_area

KNOWN = {"lang": "es"}


@pytest.fixture
def own_planner(tmp_path):
    """Return a planner of a city whose files a test may change."""
    planner = Planner(open_area(write_small_city(tmp_path / "city"), Workspace(tmp_path / "ws")))
    yield planner
    planner.jobs.close()


def _lose_a_park(planner):
    """Write the parks again without the second, which is green today; return the area lost."""
    path = planner.area.catalogue.source("parks").path
    parks = gpd.read_file(path)
    parks.drop(index=1).to_file(path, driver="GPKG")
    return parks.geometry.iloc[1].area


def _run(planner):
    params = planner.parse({})
    result = planner.result("green", params)
    asked = params.model_dump(mode="json")
    stamp = planner.stamp("green")
    return result, {"analysis": "green", "params": asked, "job": None, "stamp": stamp}


def _said(planner, fire_on, run):
    ask = fire_on(client_for(planner))
    values = {f"{ids.RUN}.data": run, f"{ids.KNOWN}.data": KNOWN}
    return json.dumps(ask(f"{ids.STALE}.children", values).get_json(), ensure_ascii=False)


def test_a_result_is_computed_again_once_a_layer_has_changed(own_planner):
    before, _ = _run(own_planner)
    lost_m2 = _lose_a_park(own_planner)
    params = own_planner.parse({})
    assert own_planner.at_hand("green", params) is None
    after = own_planner.result("green", params)
    green_m2 = "green_area_m2"
    assert after.summary[green_m2] == pytest.approx(before.summary[green_m2] - lost_m2, rel=1e-6)


def test_what_was_computed_with_earlier_data_is_shown_nowhere(own_planner):
    _, run = _run(own_planner)
    assert own_planner.ready(run).analysis == "green"
    _lose_a_park(own_planner)
    with pytest.raises(PreventUpdate):
        own_planner.ready(run)


def test_the_page_says_that_the_data_have_changed_and_offers_to_compute_again(own_planner, fire_on):
    _, run = _run(own_planner)
    assert "Recalcular" not in _said(own_planner, fire_on, run)
    _lose_a_park(own_planner)
    said = _said(own_planner, fire_on, run)
    assert "Calculado con datos anteriores" in said
    assert "Recalcular" in said


def test_a_layer_that_an_analysis_does_not_read_leaves_it_fresh(own_planner):
    _, run = _run(own_planner)
    used = own_planner.analysis("green").layers_in_use(own_planner.area)
    catalogue = own_planner.area.catalogue
    others = [name for name in catalogue.declared if name not in used and catalogue.source(name)]
    catalogue.source(others[0]).path.touch()
    assert not own_planner.is_stale(run)
