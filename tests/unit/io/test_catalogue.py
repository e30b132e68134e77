import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import LayerNotFoundError
from ilo_geo.core.errors import SchemaError
from ilo_geo.core.layer import Origin
from ilo_geo.io.catalogue import SHIPPED_AREA
from ilo_geo.io.catalogue import load_catalogue
from ilo_geo.io.workspace import Workspace

AREA: dict[str, Any] = {
    "id": "toy",
    "title": {"es": "Ciudad", "en": "City"},
    "crs": "EPSG:32719",
    "default_base": "census",
    "population_bases": [
        {"id": "census", "title": {"es": "Censo", "en": "Census"}, "column": "n", "source": "toy"}
    ],
}
PARKS = {
    "id": "parks",
    "title": {"es": "Parques", "en": "Parks"},
    "theme": "green",
    "geometry": "polygon",
    "crs": "EPSG:4326",
    "source": "toy",
    "licence": "CC0",
    "date": 2023,
    "accuracy_m": 5,
    "status": "observed",
    "file": "parks.gpkg",
}


def put(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content), encoding="utf-8")


@pytest.fixture
def city(tmp_path: Path) -> Callable[..., Path]:
    """Return a maker of a study area folder with the given layers."""

    def make(**layers: dict[str, Any]) -> Path:
        themes = [{"id": "green", "title": {"es": "Verde", "en": "Green"}}]
        put(tmp_path / "area.yaml", AREA)
        put(tmp_path / "catalogue.yaml", {"themes": themes, "layers": list(layers)})
        for layer_id, content in layers.items():
            put(tmp_path / layer_id / "layer.yaml", content)
            (tmp_path / layer_id / "parks.gpkg").touch()
        return tmp_path

    return make


def test_a_sound_folder_is_read(city: Callable[..., Path], tmp_path: Path) -> None:
    catalogue = load_catalogue(city(parks=PARKS), Workspace(tmp_path / "ws"))
    assert catalogue.area.id == "toy"
    assert catalogue.declared["parks"].date == "2023"
    assert catalogue.source("parks").origin is Origin.SHIPPED


def test_all_faults_of_all_layers_are_listed_at_once(
    city: Callable[..., Path], tmp_path: Path
) -> None:
    folder = city(
        parks={**PARKS, "theme": "grey", "geometry": "line", "crs": None},
        tanks={**PARKS, "id": "tank", "geometry": "point"},
        water={k: v for k, v in PARKS.items() if k != "licence"} | {"status": "believed"},
        faults={**PARKS, "id": "faults", "geometry": "line", "crs": "EPSG:99999", "colour": "red"},
        streets={},
        poles={},
    )
    (folder / "streets" / "layer.yaml").write_text("id: [unclosed", encoding="utf-8")
    (folder / "poles" / "layer.yaml").unlink()
    with pytest.raises(SchemaError) as caught:
        load_catalogue(folder, Workspace(tmp_path / "ws"))
    found = "\n".join(caught.value.faults).replace("\\", "/")
    for fault in (
        "parks/layer.yaml: theme is 'grey', expected one of green",
        "parks/layer.yaml: geometry is 'line', expected 'polygon' for this id",
        "parks/layer.yaml: crs is missing, expected a code such as EPSG:4326",
        "tanks/layer.yaml: id is 'tank', expected the folder's name 'tanks'",
        "water/layer.yaml: licence: Field required",
        "water/layer.yaml: status: Input should be 'official', 'observed', 'derived' or 'modelled'",
        "faults/layer.yaml: crs: Value error, 'EPSG:99999' is not a known reference system",
        "faults/layer.yaml: colour: Extra inputs are not permitted (found 'red')",
        "streets/layer.yaml: is not YAML",
        "poles/layer.yaml: the file is missing",
    ):
        assert fault in found
    assert len(caught.value.faults) == 10


@pytest.mark.parametrize("key", sorted(set(PARKS)))
def test_each_key_of_a_layer_is_required(
    city: Callable[..., Path], tmp_path: Path, key: str
) -> None:
    folder = city(parks={k: v for k, v in PARKS.items() if k != key})
    with pytest.raises(SchemaError, match=f"{key}: Field required"):
        load_catalogue(folder, Workspace(tmp_path / "ws"))


def test_a_folder_that_is_no_city_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"area\.yaml is missing"):
        load_catalogue(tmp_path, Workspace(tmp_path / "ws"))


def test_a_stronger_source_hides_a_weaker_one(city: Callable[..., Path], tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "ws")
    folder = city(parks=PARKS)
    catalogue = load_catalogue(folder, workspace)
    (folder / "parks" / "parks.gpkg").unlink()
    assert catalogue.source("parks") is None
    name = catalogue.workspace_id
    places = {
        Origin.BASELINE: workspace.layer_dir(name, Origin.BASELINE, "parks"),
        Origin.SHIPPED: folder / "parks",
        Origin.FETCHED: workspace.layer_dir(name, Origin.FETCHED, "parks"),
        Origin.IMPORTED: workspace.layer_dir(name, Origin.IMPORTED, "parks"),
    }
    for origin, place in places.items():
        put(place / "layer.yaml", {**PARKS, "source": origin.value})
        (place / "parks.gpkg").touch()
        strongest = catalogue.source("parks")
        assert strongest is not None
        assert strongest.origin is origin
        assert strongest.path == place / "parks.gpkg"
        assert catalogue.meta("parks").source == origin.value


def test_an_unknown_layer_names_the_known_ones(city: Callable[..., Path], tmp_path: Path) -> None:
    catalogue = load_catalogue(city(parks=PARKS), Workspace(tmp_path / "ws"))
    with pytest.raises(LayerNotFoundError, match=r"No layer 'trees'.*Layers there: parks"):
        catalogue.source("trees")


def faults_of(folder: Path, workspace: Workspace) -> list[str]:
    with pytest.raises(SchemaError) as caught:
        load_catalogue(folder, workspace)
    assert caught.value.code == "catalogue.invalid"
    return [fault.replace("\\", "/") for fault in caught.value.faults]


def test_faults_of_the_area_itself_come_at_once(city: Callable[..., Path], tmp_path: Path) -> None:
    folder = city(parks=PARKS)
    partial = {**AREA["population_bases"][0], "id": "partial", "partial": True}
    bases = [*AREA["population_bases"], partial]
    wrong = {"crs": "EPSG:99999999", "default_base": "partial", "levels": ["parks", "zones"]}
    put(folder / "area.yaml", {**AREA, "population_bases": bases, **wrong})
    assert faults_of(folder, Workspace(tmp_path / "ws")) == [
        "area.yaml: crs: 'EPSG:99999999' is not a known reference system",
        "area.yaml: default_base is 'partial', expected one of census",
        "area.yaml: levels: 'zones' is no layer of catalogue.yaml",
    ]


def test_an_area_in_degrees_is_a_fault(city: Callable[..., Path], tmp_path: Path) -> None:
    folder = city(parks=PARKS)
    put(folder / "area.yaml", {**AREA, "crs": "EPSG:4326"})
    (fault,) = faults_of(folder, Workspace(tmp_path / "ws"))
    assert "crs: the reference system is EPSG:4326; expected a projected one" in fault


def test_two_folders_of_one_id_have_each_their_workspace(
    city: Callable[..., Path], tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path / "ws")
    first = load_catalogue(city(parks=PARKS), workspace)
    other = Path(shutil.copytree(tmp_path / "parks", tmp_path / "other" / "parks")).parent
    for name in ("area.yaml", "catalogue.yaml"):
        shutil.copy(first.folder / name, other)
    second = load_catalogue(other, workspace)
    assert first.area.id == second.area.id == "toy"
    assert first.workspace_id != second.workspace_id
    assert first.workspace_id == load_catalogue(other / "..", workspace).workspace_id
    assert re.fullmatch(r"toy-[0-9a-f]{8}", first.workspace_id)
    assert load_catalogue(SHIPPED_AREA, workspace).workspace_id == "ilo"


def test_what_was_imported_is_checked_at_once_and_never_ignored(
    city: Callable[..., Path], tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path / "ws")
    folder = city(parks=PARKS, water={**PARKS, "id": "water"}, tanks={**PARKS, "id": "tanks"})
    put(folder / "tanks" / "layer.yaml", {**PARKS, "id": "tanks", "geometry": "point"})
    name = load_catalogue(folder, workspace).workspace_id

    def place(origin: Origin, layer_id: str) -> Path:
        return workspace.layer_dir(name, origin, layer_id)

    put(place(Origin.IMPORTED, "parks") / "layer.yaml", {**PARKS, "id": "streets", "theme": "x"})
    (place(Origin.IMPORTED, "parks") / "parks.gpkg").touch()
    place(Origin.FETCHED, "water").mkdir(parents=True)
    (place(Origin.FETCHED, "water") / "data.gpkg").touch()
    put(place(Origin.FETCHED, "tanks") / "layer.yaml", {**PARKS, "id": "tanks", "crs": "nowhere"})
    place(Origin.IMPORTED, "trees").mkdir()
    place(Origin.IMPORTED, ".writing-x").mkdir()
    found = "\n".join(faults_of(folder, workspace))
    for fault in (
        "imported/parks/layer.yaml: id is 'streets', expected the folder's name 'parks'",
        "imported/parks/layer.yaml: theme is 'x', expected one of green",
        "imported/trees: is no layer of catalogue.yaml",
        "fetched/tanks/layer.yaml: crs: Value error, 'nowhere' is not a known reference system",
        "fetched/water/layer.yaml: the file is missing",
    ):
        assert fault in found
    assert ".writing" not in found


def test_a_layer_without_data_is_a_fault_unless_it_is_modelled(
    city: Callable[..., Path], tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path / "ws")
    folder = city(parks=PARKS, water={**PARKS, "id": "water", "status": "modelled"})
    (folder / "water" / "parks.gpkg").unlink()
    catalogue = load_catalogue(folder, workspace)
    assert catalogue.source("water") is None
    (folder / "parks" / "parks.gpkg").unlink()
    assert faults_of(folder, workspace) == ["parks/parks.gpkg: the file is missing"]
    imported = workspace.layer_dir(catalogue.workspace_id, Origin.IMPORTED, "parks")
    put(imported / "layer.yaml", PARKS)
    (imported / "parks.gpkg").touch()
    assert load_catalogue(folder, workspace).meta("parks").id == "parks"
