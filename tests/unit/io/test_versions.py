"""Versions side by side: whole, switched in one move, never lost by an interrupted switch."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import WorkspaceError
from ilo_geo.core.layer import Origin
from ilo_geo.io.versions import LandedLayer
from ilo_geo.io.versions import Version
from ilo_geo.io.versions import VersionShelf

AT = datetime(2026, 11, 29, 8, 30, tzinfo=UTC)


def version(n: int, *layers: str) -> Version:
    return Version(
        id=f"20261129T08300{n}-osm-0123abcd",
        kind="fetch",
        source="osm",
        made=AT,
        layers={name: LandedLayer(sha256="0" * 64, n_features=n) for name in layers},
    )


def put(shelf: VersionShelf, made: Version) -> Version:
    def write(folder: Path) -> Version:
        for layer in made.layers:
            (folder / layer).mkdir()
            (folder / layer / "data.txt").write_text(made.id)
        return made

    return shelf.put(made.id, write)


def test_versions_lie_side_by_side_and_none_is_in_use_before_it_is_chosen(tmp_path: Path) -> None:
    shelf = VersionShelf(tmp_path / "versions")
    first, second = put(shelf, version(1, "parks")), put(shelf, version(2, "parks", "streets"))
    assert shelf.versions() == (second, first)
    assert shelf.in_use == {}
    assert (shelf.layer_dir(first.id, "parks") / "data.txt").read_text() == first.id
    assert shelf.origin(first.id) is Origin.FETCHED


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=6))
def test_stepping_back_is_the_inverse_of_choosing(choices: list[dict[str, str]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        shelf = VersionShelf(Path(folder))
        seen = [dict(shelf.in_use)]
        for n, choice in enumerate(choices):
            shelf.choose(choice, AT + timedelta(minutes=n))
            seen.append(dict(shelf.in_use))
        assert seen[1:] == choices
        for before in reversed(seen[:-1]):
            assert dict(shelf.step_back()) == before
        with pytest.raises(InputError, match="no switch of version"):
            shelf.step_back()


def test_a_version_that_fails_while_written_leaves_nothing(tmp_path: Path) -> None:
    shelf = VersionShelf(tmp_path / "versions")

    def write(folder: Path) -> Version:
        (folder / "half").write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(WorkspaceError, match="No space left"):
        shelf.put(version(1).id, write)
    assert list((tmp_path / "versions").iterdir()) == []


def test_what_a_killed_process_left_is_swept_by_the_next_writing(tmp_path: Path) -> None:
    shelf = VersionShelf(tmp_path / "versions")
    rest = tmp_path / "versions" / ".writing-dead"
    rest.mkdir(parents=True)
    (rest / "half").write_text("half")
    made = put(shelf, version(1, "parks"))
    assert sorted(p.name for p in (tmp_path / "versions").iterdir()) == [made.id]


@pytest.mark.parametrize("name", ["../../etc", "", "20261129T083001-osm-zzzzzzzz", "/", "in_use"])
def test_a_name_that_is_no_version_never_reaches_the_file_system(tmp_path: Path, name: str) -> None:
    shelf = VersionShelf(tmp_path / "versions")
    put(shelf, version(1, "parks"))
    with pytest.raises(InputError, match="No version"):
        shelf.version(name)


def test_a_damaged_record_of_what_is_in_use_is_told_and_answers_nothing(tmp_path: Path) -> None:
    shelf = VersionShelf(tmp_path)
    shelf.choose({"parks": "shipped"}, AT)
    shelf.in_use_path.write_text("x")
    with pytest.raises(WorkspaceError, match="take that file away"):
        _ = shelf.in_use


def test_no_two_versions_have_one_id_however_alike(tmp_path: Path) -> None:
    shelf = VersionShelf(tmp_path / "versions")
    ids = []
    for _ in range(3):
        ids.append(shelf.free_id(AT, "osm", "the same question"))
        (tmp_path / "versions" / ids[-1]).mkdir(parents=True)
    assert len(set(ids)) == 3


def test_a_damaged_description_is_one_line(tmp_path: Path) -> None:
    shelf = VersionShelf(tmp_path / "versions")
    made = put(shelf, version(1, "parks"))
    (tmp_path / "versions" / made.id / "version.json").write_text("{")
    with pytest.raises(WorkspaceError, match="record of versions is damaged") as caught:
        shelf.versions()
    assert "\n" not in str(caught.value)
