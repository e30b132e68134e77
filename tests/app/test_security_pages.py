"""The pages of patrols and hot spots without a browser: figures, maps, marks and refusals."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point
from signed_in import asked_by

from dash_app import ids
from dash_app.components.drawn import found_look
from dash_app.components.patrol_parts import percent
from dash_app.i18n import translator
from dash_app.pages import hotspots
from dash_app.pages import patrol
from dash_app.planner import Planner
from ilo_geo.core.units import peru_number
from ilo_geo.io.workspace import Workspace
from ilo_geo.security.classes import density_scale
from ilo_geo.security.classes import time_scale
from ilo_geo.services.areas import open_area

KNOWN = {"lang": "es"}
QUICK = {"new_bases": 1, "time_limit_s": 5}


def run_of(planner, analysis, **asked):
    params = planner.parse(asked, analysis)
    result = planner.result(analysis, params)
    return result, {"analysis": analysis, "params": params.model_dump(mode="json"), "job": None}


@pytest.fixture(scope="module")
def responses(planner):
    return run_of(planner, "patrol", **QUICK)


@pytest.fixture(scope="module")
def proxy(planner):
    return run_of(planner, "hotspots")


@pytest.fixture(scope="module")
def reported(planner, tmp_path_factory):
    """Return the planner of the small city with 30 incidents at two corners and 3 far from them."""
    from small_city import SOUTH_M
    from small_city import WEST_M
    from small_city import write_small_city

    folder = write_small_city(tmp_path_factory.mktemp("reported") / "city")
    rng = np.random.default_rng(1)
    one, other = rng.normal((300, 300), 20, (30, 2)), rng.normal((700, 1700), 20, (30, 2))
    spots = [*one, *other, (1500, 1500), (1510, 1500), (1500, 1510)]
    points = [Point(WEST_M + x, SOUTH_M + y) for x, y in spots]
    kinds = ["robo"] * 40 + ["hurto"] * 20 + ["robo"] * 3
    times = [f"{21 + n % 2}:30" for n in range(len(points))]
    frame = gpd.GeoDataFrame(
        {"kind": kinds, "date": "2025-03-01", "time": times}, geometry=points, crs="EPSG:32719"
    )
    (folder / "incidents").mkdir()
    frame.to_file(folder / "incidents" / "data.gpkg", driver="GPKG")
    meta = (folder / "health" / "layer.yaml").read_text(encoding="utf-8")
    described = meta.replace("health", "incidents")
    (folder / "incidents" / "layer.yaml").write_text(described, encoding="utf-8")
    catalogue = folder / "catalogue.yaml"
    listed = catalogue.read_text(encoding="utf-8").replace("- health", "- health\n- incidents")
    catalogue.write_text(listed, encoding="utf-8")
    planner = Planner(open_area(folder, Workspace(tmp_path_factory.mktemp("reported_workspace"))))
    yield planner
    planner.jobs.close()


def said(components):
    return json.dumps(
        [c.to_plotly_json() for c in components],
        default=lambda o: o.to_plotly_json(),
        ensure_ascii=False,
    )


def test_the_headline_is_the_share_of_people_within_the_first_goal(fire, responses):
    result, run = responses
    answer = fire("found-result.children", {"run.data": run, "known.data": KNOWN})
    text = answer.get_data(as_text=True)
    text = json.dumps(json.loads(text), ensure_ascii=False)
    assert percent(result.summary["people_within_green_ratio"]) in text
    assert percent(result.summary["people_within_green_ratio_low"]) in text
    assert "No hay estándar legal" in text
    assert "PROXY" in text


def test_a_city_without_known_bases_says_that_minutes_are_from_those_proposed(planner, responses):
    text = said(patrol.result_block(translator("es"), planner, responses[0]))
    assert "PROPUESTAS" in text


def test_new_bases_come_with_their_proof_and_a_way_to_propose_them(planner, responses):
    result, _ = responses
    with asked_by("planner"):
        text = said(patrol.more_blocks(translator("es"), planner, result))
    assert "Óptimo demostrado" in text
    assert f'"id": "{ids.PROPOSE}"' in text
    after = result.tables["before_after"].loc["p90_min", "after"]
    assert peru_number(after, 1) in text


def test_without_new_bases_the_page_says_that_none_was_sought(planner, responses):
    text = said(
        patrol.more_blocks(translator("es"), planner, replace(responses[0], selection=None))
    )
    assert "No se pidió ninguna base nueva" in text
    assert ids.PROPOSE not in text


def test_every_step_of_the_agents_is_shown_with_its_sum(planner, responses):
    result, _ = responses
    text = said(patrol.more_blocks(translator("en"), planner, result))
    for formula in result.tables["roster"]["formula"]:
        assert formula in text


def test_the_loop_is_said_to_be_heuristic_beside_its_bound(planner, responses):
    result, _ = responses
    text = said(patrol.more_blocks(translator("es"), planner, result))
    assert "Heurístico" in text
    assert percent(result.summary["loop_need_bound_ratio"], 1) in text


@pytest.mark.parametrize(
    ("mode", "areas"),
    [("time", "cells"), ("bases", "cells"), ("sectors", "patrol_sectors"), ("loop", "loop")],
)
def test_each_look_at_the_patrols_draws_its_own_table(fire, client, responses, mode, areas):
    result, run = responses
    values = {"run.data": run, "mode.data": mode, "known.data": KNOWN}
    answer = fire("found-areas.url", values).get_json()["response"]
    url = answer["found-areas"]["url"]
    assert url.startswith(f"/results/patrol/{areas}/")
    features = json.loads(gzip.decompress(client.get(url).data))["features"]
    assert len(features) == len(result.maps[areas])
    classes = answer["found-areas"]["hideout"]["classes"]
    assert {f["properties"]["l"] for f in features} <= set(classes)


def test_minutes_are_told_apart_by_more_than_colour():
    patterns = [c.pattern for c in time_scale((5, 8, 10)).classes[:4]]
    assert len(set(patterns)) == 4


def test_the_goals_asked_for_name_the_classes():
    titles = [c.title.es for c in time_scale((4, 7.5, 12)).classes]
    assert titles[:4] == [
        "Hasta 4 min",
        "Más de 4 y hasta 7.5 min",
        "Más de 7.5 y hasta 12 min",
        "Más de 12 min",
    ]


def test_the_sheet_of_a_cell_and_of_a_sector_open_and_of_nothing_does_not(responses):
    result, _ = responses
    t = translator("es")
    cell = result.maps["cells"].iloc[0]
    assert peru_number(cell["minutes"], 1) in said(patrol.sheet(t, result, str(cell.name)))
    assert "S1" in said(patrol.sheet(t, result, "sector_S1"))
    assert patrol.sheet(t, result, "nothing") == []


def test_without_incidents_the_page_opens_with_the_proxy_and_how_to_load_them(planner, proxy):
    block = hotspots.result_block(translator("es"), planner, proxy[0])
    assert "PROXY: esto no muestra delitos" in said(block[:1])
    assert "/datos/cargar" in str(block[0].to_plotly_json())


def test_streets_without_any_sign_are_not_drawn_and_wider_is_denser(proxy):
    result, _ = proxy
    table = result.maps["segments"].copy()
    table.iloc[:10, table.columns.get_loc("density_class")] = 0
    silent = replace(result, tables={**result.tables, "segments": table})
    drawn = hotspots.drawn(translator("es"), silent, "density")
    assert set(drawn.areas.table.index) == set(table.index[10:])
    look = found_look(translator("es"), drawn.areas, silent)["classes"]
    widths = [look[c.id]["width"] for c in drawn.areas.scale.classes]
    assert widths == sorted(set(widths))


def test_classes_of_density_are_those_of_the_analysis(proxy):
    result, _ = proxy
    drawn = hotspots.drawn(translator("es"), result, "density").areas
    order = [c.id for c in drawn.scale.classes]
    own = drawn.table["density_class"] - 1
    drawn_as = drawn.classes.map(order.index)
    # a run is drawn by its mean, which lies within the limits of its class
    assert (own == drawn_as).mean() > 0.99


def test_limits_that_coincide_leave_classes_out():
    scale = density_scale("incidents_per_km", [0.0, 2.0, 2.0, 5.0])
    assert scale.breaks == (2.0, 5.0)
    assert [c.id for c in scale.classes] == ["middle", "high", "very_high"]


def test_loaded_incidents_show_clusters_and_hours_and_hide_the_few(reported):
    result, _ = run_of(reported, "hotspots")
    t = translator("es")
    text = said(hotspots.result_block(t, reported, result))
    assert "PROXY" not in text
    more = said(hotspots.more_blocks(t, reported, result))
    assert "robo" in more
    assert "< 5" in more
    drawn = hotspots.drawn(t, result, "clusters")
    assert len(drawn.areas.table) == len(drawn.pins.table) == result.summary["n_clusters"] == 2
    # the quarter with three incidents must not tell how many
    zones = result.maps["zones"].set_index("name")
    assert pd.isna(zones.loc["Los Ángeles", "n_incidents"])


@pytest.mark.parametrize("analysis", ["patrol", "hotspots"])
@pytest.mark.parametrize("fmt", ["gpkg", "csv", "geojson", "html"])
def test_every_file_can_be_taken_along(client, responses, proxy, analysis, fmt):
    run = (responses if analysis == "patrol" else proxy)[1]
    query = {name: value for name, value in run["params"].items() if value is not None}
    answer = client.get(f"/descargas/{analysis}.{fmt}", query_string=query)
    assert answer.status_code == 200


@pytest.mark.parametrize("run_fixture", ["responses", "proxy"])
def test_shares_in_the_drawer_are_read_as_per_cent(fire, request, run_fixture):
    run = request.getfixturevalue(run_fixture)[1]
    values = {
        "drawer-open.data": True,
        "run.data": run,
        "level.value": "zones",
        "url.pathname": "/seguridad",
        "known.data": KNOWN,
    }
    answer = fire("drawer-body.children", values).get_json()["response"]
    columns = answer["drawer-body"]["children"]["props"]["columnDefs"]
    shares = [c for c in columns if "_ratio" in c["field"]]
    assert shares
    assert all("%" in c["valueFormatter"]["function"] for c in shares)
