"""The hazard use cases on a city that can be worked out by hand.

Land rises 2 m each 100 m from a straight coast at x = 0. 20 × 20 houses stand 30 to 45 m past every
hundred; 6,000 people live west of x = 1,000 m and 4,000 east of it. A fault runs along x = 1,500 m.
"""

from __future__ import annotations

import json

import numpy as np
import pytest
from pdf_text import PdfText
from pyproj import Transformer
from small_city import EPSG
from small_city import SOUTH_M
from small_city import WEST_M

from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.progress import silent
from ilo_geo.services.analyses import analyse
from ilo_geo.services.analyses import analyses
from ilo_geo.services.exports import export_result
from ilo_geo.services.point_hazards import hazards_at
from ilo_geo.services.results import ResultStore
from ilo_geo.services.results import result_document
from ilo_geo.services.route_sheets import route_sheet_pdf

EXACT = {"rmse_m": 0, "river_reach_m": 0}
NAMES = [name for name in analyses() if name != "green"]


@pytest.fixture(scope="module")
def coast(coast_planner):
    return coast_planner.area


def at(coast, x_m, y_m):
    to_degrees = Transformer.from_crs(EPSG, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(WEST_M + x_m, SOUTH_M + y_m)
    return lat, lon


@pytest.mark.parametrize(("level_m", "inhab"), [(10, 3_000), (19.9, 6_000), (24, 6_800)])
def test_who_stands_below_a_level_is_who_lives_that_near_the_sea(coast, level_m, inhab):
    # 300 people a column of houses in the west half, 200 in the east half
    raw = {**EXACT, "level_m": level_m, "n_draws": 20, "population_base": "plan"}
    found = analyse(coast, "tsunami", raw).summary
    assert found["exposed_inhab"] == pytest.approx(inhab, rel=0.04)


def test_more_people_stand_below_a_higher_level(coast):
    inhab = [
        analyse(coast, "tsunami", {"level_m": level_m, "n_draws": 20}).summary["exposed_inhab"]
        for level_m in (5, 8, 11, 14, 17, 20, 23, 25)
    ]
    assert np.all(np.diff(inhab) >= 0)
    assert inhab[0] < inhab[-1]


def test_the_tsunami_document_keeps_its_promise(coast):
    document = result_document(
        analyse(coast, "tsunami", {"level_m": "20", "river_reach_m": "400", "n_draws": 20})
    )
    promised = {"flooded_land_m2", "exposed_inhab", "exposed_inhab_low", "exposed_inhab_high"}
    assert promised | {"exposed_schools", "exposed_health"} <= set(document["summary"])
    low, middle, high = (
        document["summary"][f"exposed_inhab{end}"] for end in ("_low", "", "_high")
    )
    assert low <= middle <= high
    assert json.loads(json.dumps(document)) == document


def test_the_evacuation_document_keeps_its_promise(coast):
    summary = analyse(coast, "evacuation", {}).summary
    assert {"late_inhab", "arrival_min", "share_safe_ratio"} <= set(summary)
    assert summary["late_inhab_low"] <= summary["late_inhab"] <= summary["late_inhab_high"]
    evacuees, late = summary["evacuees_inhab"], summary["late_inhab"]
    assert summary["share_safe_ratio"] == pytest.approx(1 - late / evacuees)


def test_a_later_wave_and_a_quicker_walk_leave_fewer_late(coast):
    def late(**raw):
        return analyse(coast, "evacuation", raw).summary["late_inhab"]

    by_arrival = [late(arrival_min=minutes) for minutes in (10, 15, 20, 30)]
    assert np.all(np.diff(by_arrival) <= 0)
    assert by_arrival[0] > by_arrival[-1]
    by_walker = [late(walking_speed=walker) for walker in ("impaired", "slow", "fast", "jog")]
    assert np.all(np.diff(by_walker) <= 0)


def test_a_point_on_the_fault_says_so_and_is_not_called_safe_from_the_sea(coast):
    found = {item.hazard: item for item in hazards_at(coast, *at(coast, 1510, 1000), 20)}
    assert (found["fault"].level, found["fault"].certainty) == ("very_high", "certain")
    assert found["tsunami"].certainty in (None, "possible")
    assert "segur" not in " ".join(item.detail.es for item in found.values()).lower()


def test_a_point_by_the_sea_floods_from_its_own_height(coast):
    found = {item.hazard: item for item in hazards_at(coast, *at(coast, 305, 1000), 20)}
    assert found["tsunami"].level == "very_high"
    # the cell from x = 287 to 307 has its middle at 297 m
    assert "5.9 m" in found["tsunami"].detail.en


def test_a_point_off_the_earth_is_refused(coast):
    with pytest.raises(ParameterError):
        hazards_at(coast, 95, 0, 20)


@pytest.mark.parametrize("name", NAMES)
def test_every_export_says_that_it_rests_on_modelled_layers(coast, tmp_path, name):
    analysis = analyses()[name]
    result = analysis.run(coast, analysis.parameters(coast, {}), silent)
    assert result.modelled_layers
    assert result.warnings[0].code == "modelled_layers"
    csv = export_result(result, "csv", tmp_path / "r.csv", specs=analysis.specs(coast))
    rows = csv.read_text(encoding="utf-8-sig").splitlines()
    assert all("terrain" in row or "streets" in row for row in rows[1:])
    geojson = export_result(result, "geojson", tmp_path / "r.geojson", specs=analysis.specs(coast))
    assert json.loads(geojson.read_text(encoding="utf-8"))["status"] == "modelled"
    options = {"specs": analysis.specs(coast), "area": coast}
    for lang, said in (("es", "MODELADO"), ("en", "MODELLED")):
        pdf = export_result(result, "pdf", tmp_path / f"{lang}.pdf", lang=lang, **options)
        assert all(said in page.upper() for page in PdfText(pdf).pages)
    html = export_result(result, "html", tmp_path / "r.html", **options)
    assert "modelad" in html.read_text(encoding="utf-8").lower()


def test_a_changed_terrain_makes_a_stored_tsunami_stale(tmp_path):
    from coast_city import write_coast_city

    from ilo_geo.io.raster import write_raster
    from ilo_geo.io.workspace import Workspace
    from ilo_geo.services.areas import open_area

    area = open_area(write_coast_city(tmp_path / "city"), Workspace(tmp_path / "workspace"))
    store = ResultStore(area)
    stored = store.save(analyse(area, "tsunami", {"n_draws": 20}))
    assert not store.load(stored).stale
    terrain = area.raster("terrain")
    path = area.catalogue.source("terrain").path
    write_raster(terrain.values + 1, terrain.transform, terrain.crs, path)
    assert store.load(stored).changed_layers == ("terrain",)


def test_a_sheet_shows_the_way_from_a_block(coast, tmp_path):
    analysis = analyses()["evacuation"]
    params = analysis.parameters(coast, {})
    blocks = analysis.run(coast, params, silent).maps["blocks"]
    block = str(blocks["minutes_median"].idxmax())
    sheet = PdfText(route_sheet_pdf(coast, params, block, tmp_path / "route.pdf"))
    text = " ".join(sheet.pages)
    assert block in text
    assert "evacuación" in text
    with pytest.raises(InputError, match="nowhere"):
        route_sheet_pdf(coast, params, "nowhere", tmp_path / "none.pdf")
    assert not (tmp_path / "none.pdf").exists()


def test_a_city_without_faults_tanks_or_stations_still_has_its_exposure(tmp_path):
    import yaml
    from coast_city import write_coast_city

    from ilo_geo.io.workspace import Workspace
    from ilo_geo.services.areas import open_area

    folder = write_coast_city(tmp_path / "city")
    path = folder / "catalogue.yaml"
    listed = yaml.safe_load(path.read_text(encoding="utf-8"))
    listed["layers"] = [
        layer for layer in listed["layers"] if layer not in ("faults", "tanks", "fuel_stations")
    ]
    path.write_text(yaml.safe_dump(listed), encoding="utf-8")
    area = open_area(folder, Workspace(tmp_path / "workspace"))
    hazards = analyse(area, "exposure", {}).tables["exposure"]["hazard"].unique().tolist()
    assert hazards == ["tsunami"]


def test_measures_help_the_slowest_where_nobody_else_is_late(coast):
    # 30 minutes are enough for a jog, not for whoever walks slowly
    raw = {"arrival_min": 30, "walking_speed": "jog"}
    assert analyse(coast, "evacuation", raw).summary["late_inhab"] == 0
    late = analyse(coast, "evacuation", {**raw, "walking_speed": "impaired"}).summary["late_inhab"]
    result = analyse(coast, "measures", raw)
    assert result.parameters["walking_speed"] == "impaired"
    assert result.summary["free_walk_late_inhab"] == pytest.approx(late)
    assert "evacuation.measures_for_the_slowest" in [notice.code for notice in result.warnings]
