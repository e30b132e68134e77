"""Stored results."""

import pytest

from ilo_geo.core.errors import InputError
from ilo_geo.services.green import analyse_green
from ilo_geo.services.green import green_parameters
from ilo_geo.services.results import ResultStore
from ilo_geo.services.results import result_document


@pytest.fixture
def result(toy):
    return analyse_green(toy, green_parameters(toy, {}))


def test_stored_result_is_fresh_until_an_input_changes(toy, toy_folder, result):
    store = ResultStore(toy)
    result_id = store.save(result)
    assert not store.load(result_id).stale
    parks = toy.frame("parks")
    parks.assign(geometry=parks.buffer(1)).to_file(
        toy_folder / "parks" / "data.gpkg", driver="GPKG", layer="parks"
    )
    stored = store.load(result_id)
    assert stored.stale
    assert stored.changed_layers == ("parks",)


def test_stored_result_is_stale_when_its_trust_or_the_configuration_changed(
    toy, toy_folder, result
):
    store = ResultStore(toy)
    result_id = store.save(result)
    described = toy_folder / "parks" / "layer.yaml"
    described.write_text(described.read_text().replace("observed", "modelled"))
    assert store.load(result_id).changed_layers == ("parks",)
    described.write_text(described.read_text().replace("modelled", "observed"))
    area = toy_folder / "area.yaml"
    area.write_text(area.read_text().replace("920", "930"))
    assert store.load(result_id).changed_layers == ("area.yaml",)


def test_document_has_what_the_command_line_promises(result):
    document = result_document(result)
    assert {"analysis", "area", "parameters", "summary", "zones", "warnings", "provenance"} < set(
        document
    )
    assert document["result_sha256"] == result.sha256
    assert {"layer", "source", "licence", "date", "status", "sha256"} <= set(
        document["provenance"][0]
    )
    west = next(row for row in document["districts"] if row["id"] == "w")
    assert west["population_inhab"] == 400


def test_saving_twice_keeps_one(toy, result):
    store = ResultStore(toy)
    assert store.save(result) == store.save(result)
    assert len(store.list()) == 1


@pytest.mark.parametrize("forged", ["../../etc/passwd", "", "zz", "abc/../../x"])
def test_forged_ids_stay_in_the_results_folder(toy, forged):
    with pytest.raises(InputError, match="No stored result") as caught:
        ResultStore(toy).load(forged)
    assert f"'{forged}'" in str(caught.value)


def test_damaged_file_is_one_clear_line(toy, result):
    store = ResultStore(toy)
    result_id = store.save(result)
    path = next(toy.catalogue.workspace.results_dir(toy.catalogue.workspace_id).glob("*.json"))
    path.write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        store.load(result_id)
