import errno
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine

from ilo_geo.city.model.build import City
from ilo_geo.core.errors import SchemaError
from ilo_geo.core.errors import WorkspaceError
from ilo_geo.core.layer import Origin
from ilo_geo.io.catalogue import load_catalogue
from ilo_geo.io.workspace import Workspace
from ilo_geo.services import prepare
from ilo_geo.services.areas import SHIPPED_AREA

CRS = "EPSG:32719"


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(SHIPPED_AREA, tmp_path / "area"))


@pytest.fixture
def catalogue(folder, tmp_path):
    return load_catalogue(folder, Workspace(tmp_path / "workspace"))


@pytest.fixture
def builds(monkeypatch):
    """Replace the model by a village of one street and count how often it is built."""
    calls = []

    def village(anchors, model, *, progress):
        calls.append((anchors, model, progress))
        street = gpd.GeoDataFrame(
            {"seed": [model.seed]}, geometry=[shapely.LineString([(0, 0), (1, 1)])], crs=CRS
        )
        return City({"streets": street}, np.zeros((16, 16)), Affine(30, 0, 0, 0, -30, 0))

    monkeypatch.setattr("ilo_geo.city.model.build.build_city", village)
    return calls


def street_bytes(catalogue):
    return catalogue.source("streets").path.read_bytes()


def change_seed(folder):
    path = folder / "city_model.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("seed: 180301", "seed: 7"), "utf-8")


def test_the_baseline_is_written_where_the_catalogue_looks_for_it(catalogue, builds):
    assert not prepare.baseline_is_ready(catalogue)
    prepare.prepare_baseline(catalogue)
    assert prepare.baseline_is_ready(catalogue)
    assert catalogue.source("streets").origin is Origin.BASELINE
    assert catalogue.source("terrain").origin is Origin.BASELINE
    assert len(builds) == 1


def test_a_second_start_does_nothing(catalogue, builds):
    prepare.prepare_baseline(catalogue)
    prepare.prepare_baseline(catalogue)
    assert len(builds) == 1


@pytest.mark.parametrize(
    "changed", ["city_model.yaml", "health/data.geojson", "neighbourhoods/data.csv"]
)
def test_a_changed_input_asks_for_a_new_baseline(catalogue, folder, builds, changed):
    prepare.prepare_baseline(catalogue)
    with (folder / changed).open("a", encoding="utf-8") as stream:
        stream.write("\n")
    assert not prepare.baseline_is_ready(catalogue)
    prepare.prepare_baseline(catalogue)
    assert len(builds) == 2


def test_another_version_of_the_model_asks_for_a_new_baseline(catalogue, builds, monkeypatch):
    prepare.prepare_baseline(catalogue)
    monkeypatch.setattr(prepare, "MODEL_VERSION", "next")
    assert not prepare.baseline_is_ready(catalogue)
    assert len(builds) == 1


def test_a_full_disk_leaves_the_previous_baseline(catalogue, folder, builds, monkeypatch):
    prepare.prepare_baseline(catalogue)
    before = street_bytes(catalogue)
    change_seed(folder)

    def full(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(prepare, "write_raster", full)
    with pytest.raises(WorkspaceError, match="No space left"):
        prepare.prepare_baseline(catalogue)
    assert street_bytes(catalogue) == before
    assert not list(catalogue.workspace.root.rglob(".writing-*"))
    monkeypatch.undo()


def test_an_area_without_a_model_is_ready_as_it_is(catalogue, folder, builds):
    (folder / "city_model.yaml").unlink()
    assert prepare.baseline_is_ready(catalogue)
    prepare.prepare_baseline(catalogue)
    assert builds == []
    assert not catalogue.workspace.root.exists()


def test_a_faulty_model_is_refused_with_every_fault(catalogue, folder):
    change = folder / "city_model.yaml"
    text = change.read_text(encoding="utf-8").replace("seed: 180301", "seed: -1")
    change.write_text(text.replace("storey_height_m: 2.8", "storey_height_m: tall"), "utf-8")
    with pytest.raises(SchemaError) as caught:
        prepare.prepare_baseline(catalogue)
    assert {fault.split(":")[0] for fault in caught.value.faults} == {"seed", "storey_height_m"}


def test_a_municipal_import_does_not_move_the_model(catalogue, builds, tmp_path):
    imported = catalogue.workspace.layer_dir(catalogue.workspace_id, Origin.IMPORTED, "health")
    shutil.copytree(SHIPPED_AREA / "health", imported)
    (imported / "data.geojson").write_text("not even a layer", encoding="utf-8")
    prepare.prepare_baseline(catalogue)
    anchors, _, _ = builds[0]
    assert len(anchors.health) == 27


def test_progress_tells_the_stages(catalogue, builds):
    told = []
    prepare.prepare_baseline(catalogue, progress=lambda code, ratio: told.append((code, ratio)))
    assert told[-1] == ("progress.write_layers", 1.0)
    assert [ratio for _, ratio in told] == sorted(ratio for _, ratio in told)
