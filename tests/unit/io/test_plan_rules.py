"""Rule files are read as far as they are YAML; what is not is told by name."""

from __future__ import annotations

import os

from ilo_geo.io.plan_rules import MAX_FILE_BYTES
from ilo_geo.io.plan_rules import plan_stamp
from ilo_geo.io.plan_rules import read_plan_files


def test_no_folder_is_no_rules(tmp_path):
    assert plan_stamp(tmp_path) == ()
    assert read_plan_files(tmp_path) == ({}, [])


def test_every_unreadable_file_is_told(tmp_path):
    folder = tmp_path / "plan"
    folder.mkdir()
    (folder / "good.yaml").write_text("title: x", "utf-8")
    (folder / "large.yaml").write_text("#" * (MAX_FILE_BYTES + 1), "utf-8")
    (folder / "code.yaml").write_text("!!python/object/apply:os.getcwd []", "utf-8")
    (folder / "deep.yaml").write_text("[" * 5000, "utf-8")
    (folder / "notes.txt").write_text("not a rule file", "utf-8")
    (folder / ".hidden.yaml").write_text("[", "utf-8")
    (folder / "folder.yaml").mkdir()
    files, faults = read_plan_files(tmp_path)
    assert files == {"good": {"title": "x"}}
    assert sorted(fault.split(":")[0] for fault in faults) == [
        "code.yaml",
        "deep.yaml",
        "folder.yaml",
        "large.yaml",
    ]
    assert all("\n" not in fault and len(fault) < 300 for fault in faults)


def test_the_stamp_changes_with_a_file(tmp_path):
    path = tmp_path / "plan" / "green.yaml"
    path.parent.mkdir()
    path.write_text("a: 1", "utf-8")
    before = plan_stamp(tmp_path)
    os.utime(path, ns=(1, 1))
    assert plan_stamp(tmp_path) != before
