"""Where to begin, in a city on disk: raw values beside sums over its people one by one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
import yaml

from ilo_geo.cli.main import main
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.results import AnalysisResult
from ilo_geo.io.workspace import Workspace
from ilo_geo.security.need import NeedParams
from ilo_geo.services.analyses import analyse
from ilo_geo.services.analyses import analysis_of
from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area
from ilo_geo.services.city import residents
from ilo_geo.services.need import need_of
from ilo_geo.services.results import result_document


@pytest.fixture(scope="module")
def coast(tmp_path_factory: pytest.TempPathFactory) -> Area:
    """Return the small city by the sea, with every hazard and no patrol base."""
    from coast_city import write_coast_city

    folder = write_coast_city(tmp_path_factory.mktemp("priority_city"))
    return open_area(folder, Workspace(tmp_path_factory.mktemp("priority_workspace")))


@pytest.fixture(scope="module")
def found(coast: Area) -> AnalysisResult:
    return analyse(coast, "priority", {})


def mean_of_people(area: Area, zone: shapely.Geometry, value_at: Callable) -> float:
    """Return the mean over the people of a zone, one point after the other."""
    people = residents(area, "plan").points
    told = [
        (inhab, value)
        for point, inhab in zip(people.geometry, people["inhab"], strict=True)
        if zone.intersects(point) and (value := value_at(point)) is not None
    ]
    return sum(i * v for i, v in told) / sum(i for i, _ in told)


def test_green_part_is_what_the_green_analysis_lacks_to_its_standard(
    coast: Area, found: AnalysisResult
) -> None:
    green = analyse(coast, "green", {}).tables["zones"]["green_m2_per_inhab"]
    lacking = np.clip(9.0 - green, 0, None)
    assert found.tables["zones"]["green_raw"].tolist() == pytest.approx(lacking.tolist())


def test_risk_is_counted_person_by_person_and_unknown_vulnerability_is_an_interval(
    coast: Area, found: AnalysisResult
) -> None:
    cells = analyse(coast, "multihazard", {}).tables["cells"]
    rows = list(cells.itertuples())
    tree = shapely.STRtree(cells.geometry.to_numpy())
    zone = coast.frame("zones").set_index("id").geometry["z1"]

    def row_at(point: shapely.Point) -> object:
        near = tree.query(point, predicate="intersects")
        return rows[min(near)] if len(near) else rows[tree.nearest(point)]

    row = found.tables["zones"].loc["z1"]
    for end, column in {"_low": "risk_class_low", "": "risk_class"}.items():
        high = mean_of_people(
            coast, zone, lambda p, c=column: getattr(row_at(p), c) in ("high", "very_high")
        )
        assert row[f"risk_raw{end}"] == pytest.approx(high)
    # no layer of this city tells of construction, age or income
    assert mean_of_people(coast, zone, lambda p: row_at(p).vulnerability_known_ratio) == 0
    assert np.isnan(row["vulnerability_raw"])
    assert (row["vulnerability_scaled_low"], row["vulnerability_scaled_high"]) == (0, 1)


def test_insecurity_is_the_share_of_need_over_the_share_of_people(
    coast: Area, found: AnalysisResult
) -> None:
    """No base is known, so need may be reached in time or late: once to twice the need."""
    zones = coast.frame("zones").geometry.to_list()
    need = need_of(coast, NeedParams(population_base="plan"))
    people = residents(coast, "plan").points

    def in_third(points: gpd.GeoSeries, amount: np.ndarray) -> float:
        # a street on the limit of two zones belongs to the first of them
        first = [next((n for n, z in enumerate(zones) if z.intersects(p)), -1) for p in points]
        return float(amount[np.array(first) == 2].sum() / amount.sum())

    share = in_third(need.points.geometry, need.weight)
    lived = in_third(people.geometry, people["inhab"].to_numpy())
    row = found.tables["zones"].loc["z3"]
    assert row["insecurity_raw_low"] == pytest.approx(share / lived)
    assert row["insecurity_raw_high"] == pytest.approx(2 * row["insecurity_raw_low"])
    assert row["insecurity_raw"] == pytest.approx(1.5 * row["insecurity_raw_low"])


def test_proxy_and_unknown_response_are_told(found: AnalysisResult) -> None:
    said = " ".join(notice.text("es") for notice in found.warnings)
    assert "Inseguridad: es un sustituto declarado" in said
    assert "Tiempo de respuesta del serenazgo no se pudo calcular" in said
    assert found.summary["insecurity_is_proxy"] is True


def test_response_that_is_not_asked_for_leaves_no_interval(coast: Area) -> None:
    table = analyse(coast, "priority", {"late_weight": 0}).tables["zones"]
    assert table["insecurity_raw_low"].tolist() == table["insecurity_raw_high"].tolist()


def test_index_works_for_every_level_and_every_population_base(coast: Area) -> None:
    result = analyse(coast, "priority", {"population_base": "census"})
    assert set(result.tables) == {"districts", "zones", "weights", "scales"}
    assert result.tables["districts"]["population_inhab"].tolist() == pytest.approx([5000, 3500])
    assert result.tables["zones"]["rank"].notna().all()


def test_every_layer_of_the_analyses_it_stands_on_is_in_its_provenance(
    coast: Area, found: AnalysisResult
) -> None:
    used = {ref.layer for ref in found.provenance}
    for name in ("green", "multihazard"):
        assert {
            layer for layer in analysis_of(name).layers_in_use(coast) if coast.has(layer)
        } <= used
    assert used == set(analysis_of("priority").layers_in_use(coast))


def test_what_the_analyses_warn_of_is_said_once(found: AnalysisResult) -> None:
    said = [notice.text("en") for notice in found.warnings]
    assert len(said) == len(set(said))
    assert sum(notice.code == "modelled_layers" for notice in found.warnings) == 1


def test_document_opens_every_score_and_is_plain_json(found: AnalysisResult) -> None:
    document = json.loads(json.dumps(result_document(found), allow_nan=False))
    parts = [row["part"] for row in document["weights"]]
    for row in document["zones"]:
        assert sum(row[f"{part}_contribution"] for part in parts) == pytest.approx(
            row["priority_index"]
        )


def test_city_without_terrain_or_parks_has_intervals_and_a_reason_for_each(
    toy_folder: Path, workspace: Workspace
) -> None:
    shutil.rmtree(toy_folder / "parks")
    catalogue = toy_folder / "catalogue.yaml"
    listed = yaml.safe_load(catalogue.read_text("utf-8"))
    listed["layers"].remove("parks")
    catalogue.write_text(yaml.safe_dump(listed), "utf-8")
    result = analyse(open_area(toy_folder, workspace), "priority", {})
    absent = [n.text("en") for n in result.warnings if n.code == "priority.part_absent"]
    assert any(line.startswith("Green deficit could not be computed") for line in absent)
    assert any(line.startswith("Risk, Vulnerability could not be computed") for line in absent)
    table = result.tables["districts"]
    assert (table["high"] - table["low"]).min() >= 0.75
    assert table["known_ratio"].tolist() == pytest.approx([0.25, 0.25])


def test_damaged_layer_is_an_error_and_not_missing_data(
    toy_folder: Path, workspace: Workspace
) -> None:
    (toy_folder / "parks" / "data.gpkg").write_bytes(b"SQLite format 3\x00 cut short")
    with pytest.raises(InputError) as error:
        analyse(open_area(toy_folder, workspace), "priority", {})
    assert error.value.code == "file.unreadable"


def test_weights_that_are_all_zero_are_refused_before_anything_is_computed(coast: Area) -> None:
    parts = ("green", "risk", "insecurity", "vulnerability")
    with pytest.raises(ParameterError, match="all weights are zero"):
        analyse(coast, "priority", {f"{part}_weight": 0 for part in parts})


def test_command_line_prints_the_index_as_one_json_object(
    toy_folder: Path, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["analyse", "priority", "--area", str(toy_folder), "--json", "--set", "top_k=1"])
    assert not ended.value.code
    document = json.loads(capsys.readouterr().out)
    assert (document["analysis"], document["summary"]["top_k"]) == ("priority", 1)
    assert {row["id"] for row in document["districts"]} == {"w", "e"}
