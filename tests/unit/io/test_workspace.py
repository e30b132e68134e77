import errno
import os
import subprocess
import sys
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from affine import Affine
from pyproj import CRS

from ilo_geo.core.errors import WorkspaceError
from ilo_geo.core.layer import Origin
from ilo_geo.io.raster import write_raster
from ilo_geo.io.vector import write_gpkg
from ilo_geo.io.workspace import Workspace
from ilo_geo.io.workspace import atomic_path

N_TURNS = 200


def test_workspace_is_where_the_variable_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ILO_GEO_WORKSPACE", str(tmp_path))
    folder = Workspace.default().layer_dir("ilo", Origin.IMPORTED, "parks")
    assert folder == tmp_path / "ilo" / "imported" / "parks"
    monkeypatch.delenv("ILO_GEO_WORKSPACE")
    assert Workspace.default().root.name == "ilo-geo"


def test_a_failed_write_keeps_what_was_there_and_leaves_no_rest(tmp_path: Path) -> None:
    target = tmp_path / "new" / "data.csv"
    with atomic_path(target) as temporary:
        temporary.write_text("first")
    with pytest.raises(ZeroDivisionError), atomic_path(target) as temporary:
        temporary.write_text("half of the sec")
        1 / 0  # noqa: B018 - stands for any fault while writing
    assert target.read_text() == "first"
    assert [p.name for p in target.parent.iterdir()] == ["data.csv"]


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "layer"
    for content in ("old", "new"):
        with atomic_path(target) as temporary:
            temporary.mkdir()
            (temporary / content).write_text(content)
    assert [p.name for p in target.iterdir()] == ["new"]
    assert [p.name for p in tmp_path.iterdir()] == ["layer"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 256 kB, where this user may."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if sys.platform != "linux" or os.geteuid() != 0 or subprocess.run(mount).returncode:  # noqa: S603
        pytest.skip("only root on Linux can mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)  # noqa: S603, S607


def points(n: int) -> gpd.GeoDataFrame:
    xy = np.random.default_rng(1).uniform(0, 1000, (2, n))
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xy), crs="EPSG:32719")


def write_large_gpkg(target: Path) -> None:
    write_gpkg(points(20_000), target, layer="points")


def write_large_raster(target: Path) -> None:
    values = np.random.default_rng(1).normal(size=(600, 600))
    write_raster(values, Affine(30, 0, 0, 0, -30, 0), CRS("EPSG:32719"), target)


def write_large_text(target: Path) -> None:
    with atomic_path(target) as temporary:
        temporary.write_text("x" * 500_000)


@pytest.mark.parametrize(
    ("write", "name"),
    [(write_large_gpkg, "a.gpkg"), (write_large_raster, "a.tif"), (write_large_text, "a.csv")],
)
def test_a_full_disk_is_told_and_the_previous_file_is_kept(
    small_disk: Path,
    write: Callable[[Path], None],
    name: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    target = small_disk / name
    target.write_bytes(b"previous")
    with pytest.raises(WorkspaceError, match=r"\(No space left on device\)\. What was there"):
        write(target)
    assert capfd.readouterr().err == ""
    assert target.read_bytes() == b"previous"
    assert [p.name for p in small_disk.iterdir()] == [name]


def test_a_refusing_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with (
        pytest.raises(WorkspaceError, match="No space left on device"),
        atomic_path(tmp_path / "data.csv") as temporary,
    ):
        temporary.write_text("x")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_comes_back_when_the_new_one_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "layer"
    target.mkdir()
    (target / "only copy").touch()

    def refuse(*_: object) -> None:
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(WorkspaceError, match="Permission denied"), atomic_path(target) as temporary:
        temporary.mkdir()
    assert [p.name for p in target.iterdir()] == ["only copy"]
    assert list(tmp_path.iterdir()) == [target]


def test_what_was_there_survives_even_where_it_cannot_be_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "layer"
    target.mkdir()
    (target / "only copy").touch()
    rename = Path.rename

    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    def rename_once(path: Path, other: Path) -> Path:
        monkeypatch.setattr(Path, "rename", refuse)
        return rename(path, other)

    monkeypatch.setattr(Path, "replace", refuse)
    monkeypatch.setattr(Path, "rename", rename_once)
    with pytest.raises(WorkspaceError), atomic_path(target) as temporary:
        temporary.mkdir()
    assert [p.name for p in tmp_path.rglob("only copy")] == ["only copy"]


def test_a_failure_inside_a_folder_names_the_folder_once(tmp_path: Path) -> None:
    with (
        pytest.raises(WorkspaceError) as caught,
        atomic_path(tmp_path / "city") as temporary,
        atomic_path(temporary / "parks" / "data.csv"),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert caught.value.fields == {
        "where": str(tmp_path / "city"),
        "found": "No space left on device",
    }


# reads, adds one and writes, many times; without turns some additions are lost
COUNT_UP = """
import sys
from pathlib import Path
from ilo_geo.io.workspace import Workspace, atomic_path
root = Path(sys.argv[1])
counter = root / "counter"
for _ in range(int(sys.argv[2])):
    with Workspace(root).lock("prepare"):
        n = int(counter.read_text())
        with atomic_path(counter) as temporary:
            temporary.write_text(str(n + 1))
"""


def test_two_processes_take_turns(tmp_path: Path) -> None:
    (tmp_path / "counter").write_text("0")
    command = [sys.executable, "-c", COUNT_UP, str(tmp_path), str(N_TURNS)]
    processes = [subprocess.Popen(command) for _ in range(2)]  # noqa: S603 - this interpreter
    assert [process.wait() for process in processes] == [0, 0]
    assert (tmp_path / "counter").read_text() == str(2 * N_TURNS)


def test_a_lock_held_elsewhere_is_named_after_the_wait(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with (
        workspace.lock("prepare"),
        pytest.raises(WorkspaceError) as caught,
        Workspace(tmp_path).lock("prepare", wait_s=0.05),
    ):
        pass
    assert caught.value.code == "workspace.locked"
    with workspace.lock("prepare", wait_s=0.05):
        assert (tmp_path / ".prepare.lock").exists()
