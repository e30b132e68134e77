"""A study area goes out and comes back equal; nothing that is somebody else's is lost."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
import yaml
from coast_city import write_coast_city
from same_area import assert_same_area

from ilo_geo.cli.main import main
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.errors import WorkspaceError
from ilo_geo.core.layer import Origin
from ilo_geo.core.layer import Status
from ilo_geo.io.workspace import Workspace
from ilo_geo.services import area_export
from ilo_geo.services.analyses import analyse
from ilo_geo.services.area_export import export_area
from ilo_geo.services.area_read_back import read_back
from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area
from ilo_geo.services.init_area import init_area


@pytest.fixture(scope="module")
def coast(tmp_path_factory: pytest.TempPathFactory) -> Area:
    folder = write_coast_city(tmp_path_factory.mktemp("coast"))
    return open_area(folder, Workspace(tmp_path_factory.mktemp("workspace")))


@pytest.fixture(scope="module")
def package(coast: Area, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("package") / "ciudad.gpkg"
    export_area(coast, out)
    return out


@pytest.fixture
def nowhere(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "nowhere")


def figures(area: Area) -> dict[str, object]:
    result = analyse(area, "green", {})
    return {"summary": result.summary, "zones": result.tables["zones"].drop(columns="geometry")}


def test_a_package_reads_back_equal(
    coast: Area, package: Path, tmp_path: Path, nowhere: Workspace
) -> None:
    report = read_back(tmp_path / "back", package)
    back = open_area(tmp_path / "back", nowhere)
    assert_same_area(back, coast)
    assert report.n_features["streets"] == len(coast.frame("streets"))
    found, expected = figures(back), figures(coast)
    assert found["summary"] == expected["summary"]
    assert found["zones"].equals(expected["zones"])


def test_a_folder_reads_back_equal_to_the_byte(
    coast: Area, tmp_path: Path, nowhere: Workspace
) -> None:
    export_area(coast, tmp_path / "out")
    read_back(tmp_path / "back", tmp_path / "out")
    assert_same_area(open_area(tmp_path / "out", nowhere), coast)
    assert_same_area(open_area(tmp_path / "back", nowhere), coast)
    for path in (tmp_path / "out").rglob("*"):
        if path.is_file():
            again = tmp_path / "back" / path.relative_to(tmp_path / "out")
            assert again.read_bytes() == path.read_bytes()


def test_layers_leave_as_they_are_used_and_modelled_ones_stay_so(
    coast: Area, tmp_path: Path, nowhere: Workspace
) -> None:
    """An import in the workspace is stronger than the shipped layer; a baseline is data now."""
    folder = tmp_path / "city"
    shutil.copytree(coast.catalogue.folder, folder)
    workspace = Workspace(tmp_path / "workspace")
    catalogue = open_area(folder, workspace).catalogue
    for layer_id, origin in (("blocks", Origin.BASELINE), ("parks", Origin.IMPORTED)):
        place = workspace.layer_dir(catalogue.workspace_id, origin, layer_id)
        place.mkdir(parents=True)
        shutil.copy(folder / layer_id / "data.gpkg", place)
        if origin is Origin.BASELINE:
            (folder / layer_id / "data.gpkg").unlink()
        else:
            said = yaml.safe_load((folder / layer_id / "layer.yaml").read_text("utf-8"))
            text = yaml.safe_dump(said | {"status": "official", "source": "Municipio"})
            (place / "layer.yaml").write_text(text, "utf-8")
    area = open_area(folder, workspace)
    for out in (tmp_path / "out.gpkg", tmp_path / "out"):
        export_area(area, out)
        read_back(tmp_path / f"{out.name}.back", out)
        back = open_area(tmp_path / f"{out.name}.back", nowhere)
        assert_same_area(back, area)
        assert back.meta("parks").status is Status.OFFICIAL
        assert back.meta("blocks").status is Status.MODELLED


def test_what_is_nobodys_to_see_stays_unless_asked(
    coast: Area, tmp_path: Path, nowhere: Workspace
) -> None:
    workspace = Workspace(tmp_path / "workspace")
    place = workspace.layer_dir(coast.catalogue.workspace_id, Origin.IMPORTED, "incidents")
    place.mkdir(parents=True)
    at = coast.frame("streets").geometry.iloc[0].centroid
    frame = gpd.GeoDataFrame({"kind": ["robo"], "date": ["2024"]}, geometry=[at], crs=coast.crs)
    frame.to_file(place / "data.gpkg", driver="GPKG")
    said = coast.meta("streets").model_dump(mode="json", exclude={"columns"})
    said |= {"id": "incidents", "geometry": "point", "status": "official", "file": "data.gpkg"}
    (place / "layer.yaml").write_text(yaml.safe_dump(said), "utf-8")
    area = open_area(coast.catalogue.folder, workspace)
    report = export_area(area, tmp_path / "open.gpkg")
    assert [notice.code for notice in report.notices] == ["export.private"]
    assert b"robo" not in (tmp_path / "open.gpkg").read_bytes()
    assert "incidents" not in (tmp_path / "open.qgs").read_text("utf-8")
    export_area(area, tmp_path / "closed.gpkg", private=True)
    read_back(tmp_path / "back", tmp_path / "closed.gpkg")
    assert_same_area(open_area(tmp_path / "back", nowhere), area)


def test_results_join_and_do_not_come_back_as_layers(
    coast: Area, tmp_path: Path, nowhere: Workspace
) -> None:
    out = tmp_path / "with.gpkg"
    report = export_area(coast, out, analyses=["green", "green"])
    assert "green: zones" in report.layers
    found = gpd.read_file(out, layer="result_green_zones")
    expected = analyse(coast, "green", {}).tables["zones"]
    assert found["green_m2_per_inhab"].tolist() == expected["green_m2_per_inhab"].tolist()
    read_back(tmp_path / "back", out)
    assert_same_area(open_area(tmp_path / "back", nowhere), coast)
    with pytest.raises(ParameterError, match=r"OUT\.gpkg"):
        export_area(coast, tmp_path / "folder", analyses=["green"])


def test_no_path_of_this_machine_leaves(package: Path, coast: Area) -> None:
    content = package.read_bytes() + package.with_suffix(".qgs").read_bytes()
    for place in (coast.catalogue.folder, package.parent, Path.home()):
        assert str(place).encode() not in content


def test_nothing_is_replaced_unasked_nor_what_is_somebody_elses(
    coast: Area, tmp_path: Path
) -> None:
    out, project = tmp_path / "a.gpkg", tmp_path / "a.qgs"
    for path in (out, project):
        path.write_text("mine")
        with pytest.raises(InputError, match="--replace"):
            export_area(coast, out)
        with pytest.raises(InputError, match="was not written by"):
            export_area(coast, out, replace=True)
        assert path.read_text() == "mine"
        path.unlink()
    export_area(coast, out)
    export_area(coast, out, replace=True)
    project.write_text(project.read_text("utf-8").replace("ilo-geo", "our map"), "utf-8")
    with pytest.raises(InputError, match="changed since"):
        export_area(coast, out, replace=True)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "letter.txt").write_text("mine")
    with pytest.raises(InputError, match="other files"):
        export_area(coast, folder, replace=True)
    assert [path.name for path in folder.iterdir()] == ["letter.txt"]
    with pytest.raises(ParameterError, match="OUT"):
        export_area(coast, tmp_path / "a|b.gpkg")


def test_a_full_disk_leaves_what_was_there(
    coast: Area, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "a.gpkg"
    export_area(coast, out)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    for step in ("write_layer", "write_grids", "write_texts", "write_project_inside"):
        with monkeypatch.context() as patch:
            patch.setattr(area_export, step, full)
            with pytest.raises(WorkspaceError, match="No space left"):
                export_area(coast, out, replace=True)
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    with pytest.raises(WorkspaceError):
        export_area(coast, Path("/proc/a.gpkg"))


def test_a_damaged_or_hostile_export_leaves_nothing_behind(
    package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.gpkg"

    def refused(*statements: tuple[str, tuple[object, ...]]) -> str:
        shutil.copy(package, bad)
        with closing(sqlite3.connect(bad)) as database:
            for statement, values in statements:
                database.execute(statement, values)
            database.commit()
        with pytest.raises(SystemExit) as caught:
            main(["init", str(tmp_path / "new"), "--from", str(bad)])
        said = capsys.readouterr().err
        assert caught.value.code == 2
        assert said.count("\n") == 1
        assert not (tmp_path / "new").exists()
        assert ".writing" not in said
        return said

    text = "UPDATE ilo_geo_study_area SET text = ? WHERE path = ?"
    shelf = yaml.safe_dump({"themes": [], "layers": ["../../x"]})
    assert "layers.0" in refused((text, (shelf, "catalogue.yaml")))
    assert "is not YAML" in refused((text, ("{", "catalogue.yaml")))
    assert "name" in refused(("ALTER TABLE zones RENAME COLUMN name TO renamed", ()))
    assert "the file is missing" in refused(("DROP TABLE population", ()))
    moved = "INSERT INTO ilo_geo_study_area (path, text) VALUES (?, ?)"
    assert "../x.yaml" in refused((moved, ("../x.yaml", "")))


def test_a_link_out_of_an_exported_folder_is_not_followed(coast: Area, tmp_path: Path) -> None:
    out, secret = tmp_path / "out", tmp_path / "secret.gpkg"
    export_area(coast, out)
    data = out / "parks" / "data.gpkg"
    data.rename(secret)
    data.symlink_to(secret)
    with pytest.raises(InputError, match="names the file"):
        read_back(tmp_path / "back", out)
    assert not (tmp_path / "back").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--from", "x.gpkg", "--osm", "a.pbf", "--title", "T"], "--osm --title: expected --from"),
        (["--osm", "a.pbf"], "--population is missing"),
        ([], "--osm is missing"),
        (["--from", "none.gpkg"], "none.gpkg: no such file"),
    ],
)
def test_a_mix_of_options_is_refused_in_one_line(
    given: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["init", str(tmp_path / "new"), *given])
    line = capsys.readouterr().err
    assert (caught.value.code, line.count("\n")) == (2, 1)
    assert said in line


def test_the_commands_say_what_they_wrote(
    toy_folder: Path,
    tmp_path: Path,
    workspace: Workspace,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out, back = tmp_path / "toy.gpkg", tmp_path / "back"
    documents = []
    for command in (
        ["export", str(out), "--area", str(toy_folder), "--lang", "en"],
        ["init", str(back), "--from", str(out)],
        ["analyse", "green", "--area", str(toy_folder), "--json"],
        ["analyse", "green", "--area", str(back), "--json"],
    ):
        with pytest.raises(SystemExit) as caught:
            main(command)
        assert caught.value.code == 0
        documents.append(capsys.readouterr().out)
    assert "toy.qgs: QGIS project" in documents[0]
    expected, found = json.loads(documents[2]), json.loads(documents[3])
    for part in ("summary", "parameters", "zones"):
        assert found.get(part) == expected.get(part)
    assert shapely.equals(open_area(back).boundary, open_area(toy_folder).boundary)


@pytest.mark.real_city
def test_a_real_city_reads_back_equal(
    porto_alegre: Path, tmp_path: Path, nowhere: Workspace
) -> None:
    init_area(
        tmp_path / "poa",
        osm=porto_alegre / "poa_osm.pbf",
        dem=porto_alegre / "poa_elevation.tif",
        population=porto_alegre / "poa_hexgrid.csv",
    )
    area = open_area(tmp_path / "poa", nowhere)
    export_area(area, tmp_path / "poa.gpkg")
    read_back(tmp_path / "back", tmp_path / "poa.gpkg")
    assert_same_area(open_area(tmp_path / "back", nowhere), area)
