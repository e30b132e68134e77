"""Proposals in a real workspace: kept whole, found again, stale when a layer changes."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

from ilo_geo.cli.main import main
from ilo_geo.core.errors import InputError
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Notice
from ilo_geo.core.results import Selection
from ilo_geo.io.workspace import Workspace
from ilo_geo.services.analyses import analysis_of
from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area
from ilo_geo.services.drafts import changed_layers
from ilo_geo.services.drafts import create_from
from ilo_geo.services.drafts import is_stale
from ilo_geo.services.drafts import list_drafts
from ilo_geo.services.drafts import proposal
from ilo_geo.services.results import ResultStore

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def area(toy_folder: Path, workspace: Workspace) -> Area:
    """Return the toy city with an empty workspace."""
    return open_area(toy_folder, workspace)


@pytest.fixture
def result(area: Area) -> AnalysisResult:
    """Return a result of the toy city that chose its districts."""
    rows = ({"id": "e", "reasons": ["sin parque"], "score": 1 / 3}, {"id": "w", "score": 0.25})
    return AnalysisResult(
        analysis="green",
        area="toy",
        parameters={"population_base": "census"},
        summary={"population_inhab": 460.0},
        tables={"districts": area.frame("districts").set_index("id")},
        warnings=(Notice("priority.per_inhabitant"),),
        provenance=area.refs(*analysis_of("green").layers_in_use(area)),
        configuration_sha256=area.configuration_sha256,
        selection=Selection(rows, 60.0, 61.5, 0.024, "feasible", 1.0),
    )


def folder_of(area: Area, proposal_id: str) -> Path:
    return area.catalogue.workspace.root / area.catalogue.workspace_id / "proposals" / proposal_id


def test_proposal_is_read_back_as_it_was_made(area: Area, result: AnalysisResult) -> None:
    made = create_from(area, result, "Un parque para el este", author="Ana Ñ.", created=NOON)
    read = proposal(area, made.id)
    assert read.document == made.document
    assert read.selected[0] == {"id": "e", "reasons": ["sin parque"], "score": 0.333333333}
    assert read.places.index.tolist() == ["e", "w"]
    assert read.places.crs == made.places.crs
    assert all(a.equals(b) for a, b in zip(read.places.geometry, made.places.geometry, strict=True))


def test_result_it_stands_on_is_stored_with_it(area: Area, result: AnalysisResult) -> None:
    made = create_from(area, result, "Un parque", created=NOON)
    stored = ResultStore(area).load(made.result_sha256[:16])
    assert stored.document["result_sha256"] == made.result_sha256


def test_places_open_in_other_programs(area: Area, result: AnalysisResult) -> None:
    made = create_from(area, result, "Un parque", created=NOON)
    frame = gpd.read_file(folder_of(area, made.id) / "places.gpkg")
    assert frame["id"].tolist() == ["e", "w"]
    assert frame.crs == area.crs


def test_choice_without_any_place_is_kept_too(area: Area, result: AnalysisResult) -> None:
    rows = Selection(({"id": "nowhere"},), None, None, None, "stopped", 0.0)
    made = create_from(area, dataclasses.replace(result, selection=rows), "Sin mapa", created=NOON)
    assert proposal(area, made.id).places.geometry.isna().tolist() == [True]


def test_newest_is_listed_first_and_one_made_twice_once(area: Area, result: AnalysisResult) -> None:
    assert list_drafts(area).proposals == ()
    old = create_from(area, result, "Antes", created=NOON)
    new = create_from(area, result, "Después", created=NOON + timedelta(days=1))
    create_from(area, result, "Antes", created=NOON)
    assert [one.id for one in list_drafts(area).proposals] == [new.id, old.id]


def test_proposal_made_now_bears_the_time_of_now(area: Area, result: AnalysisResult) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    assert before <= create_from(area, result, "Ahora").created <= datetime.now(UTC)


def test_changed_layer_makes_a_proposal_stale_and_is_named(
    area: Area, result: AnalysisResult
) -> None:
    made = create_from(area, result, "Un parque", created=NOON)
    assert not is_stale(area, made)
    path = area.catalogue.folder / "parks" / "data.gpkg"
    parks = gpd.read_file(path)
    parks.assign(name="Otra").to_file(path, driver="GPKG", layer="parks")
    assert is_stale(area, made)
    assert changed_layers(area, made) == ("parks",)


def test_result_of_another_city_is_refused(area: Area, result: AnalysisResult) -> None:
    with pytest.raises(InputError) as error:
        create_from(area, dataclasses.replace(result, area="lima"), "Un parque")
    assert error.value.code == "proposal.other_area"
    assert list_drafts(area).proposals == ()


@pytest.mark.parametrize("found", ["0" * 16, "../results", "", "ABC"])
def test_unknown_id_is_one_line_and_leaves_the_folder(area: Area, found: str) -> None:
    with pytest.raises(InputError) as error:
        proposal(area, found)
    assert error.value.code == "proposal.unknown"


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def other_title(path: Path) -> None:
    path.write_text(path.read_text("utf-8").replace("Un parque", "Otro parque"), "utf-8")


def other_field(path: Path) -> None:
    envelope = json.loads(path.read_text("utf-8"))
    envelope["proposal"]["votes"] = 7
    path.write_text(json.dumps(envelope), "utf-8")


def no_object(path: Path) -> None:
    path.write_text("[]", "utf-8")


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("proposal.json", cut),
        ("proposal.json", other_title),
        ("proposal.json", other_field),
        ("proposal.json", no_object),
        ("places.gpkg", cut),
        ("places.gpkg", Path.unlink),
    ],
)
def test_damaged_file_is_one_line_and_hides_no_other_proposal(
    area: Area, result: AnalysisResult, file: str, damage: Any
) -> None:
    whole = create_from(area, result, "Otra propuesta", created=NOON)
    hurt = create_from(area, result, "Un parque", created=NOON)
    damage(folder_of(area, hurt.id) / file)
    with pytest.raises(InputError) as error:
        proposal(area, hurt.id)
    assert error.value.code == "file.unreadable"
    assert file in error.value.text("es")
    listing = list_drafts(area)
    assert [one.id for one in listing.proposals] == [whole.id]
    assert [fault.code for fault in listing.faults] == ["file.unreadable"]


def run(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


def test_command_line_lists_and_shows_proposals(
    area: Area, result: AnalysisResult, capsys: pytest.CaptureFixture[str]
) -> None:
    made = create_from(area, result, "Un parque para el este", created=NOON)
    folder = ["--area", str(area.catalogue.folder)]
    assert run(["proposals", "list", *folder]) == 0
    assert f"{made.id}  2026-11-22  draft  green  fresh" in capsys.readouterr().out
    assert run(["proposals", "show", made.id, *folder]) == 0
    shown = capsys.readouterr().out
    assert "Un parque para el este" in shown
    assert "objective 60.0, bound 61.5, gap 0.024" in shown
    assert run(["proposals", "show", made.id, "--json", *folder]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["id"], document["stale"]) == (made.id, False)
    assert document["places_wkt"]["e"].startswith("POLYGON")


def test_command_line_names_an_unknown_id_in_one_line(
    area: Area, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["proposals", "show", "abc", "--area", str(area.catalogue.folder)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("ilo-geo: No proposal 'abc'")
    assert said.count("\n") == 1


def test_command_line_lists_the_others_beside_a_damaged_one(
    area: Area, result: AnalysisResult, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = create_from(area, result, "Una", created=NOON)
    hurt = create_from(area, result, "Dos", created=NOON)
    cut(folder_of(area, hurt.id) / "proposal.json")
    assert run(["proposals", "list", "--json", "--area", str(area.catalogue.folder)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in document["proposals"]] == [whole.id]
    assert len(document["damaged"]) == 1
