"""Records of the first schema go on under this one: every row, and the log of them."""

from __future__ import annotations

import hashlib
import json

import pytest
from backup_forge import backed_up
from backup_forge import closed
from backup_forge import restore
from backup_forge import told
from council_rows import all_rows
from council_rows import first_broken
from council_sittings import called
from council_sittings import do
from sqlalchemy import text

from ilo_geo.io.schema_version import bring_up_to_date
from ilo_geo.io.schema_version import revision
from ilo_geo.proposals import audit

LATER = {"sitting": ("cancel_reason", "presided_by"), "ballot": ("casting_by",)}


def lived(town):
    """Fill a council with what a program of the first schema could write."""
    town.proposal_in("approved")
    return called(town)


def test_a_database_of_the_first_schema_is_taken_over_row_by_row(town):
    sitting = lived(town)
    before = all_rows(town.council)
    with town.council.database.writing() as connection:
        for table, columns in LATER.items():
            for column in columns:
                connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {column}"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    bring_up_to_date(town.council.database)
    assert revision(town.council.database) == "0002"
    assert all_rows(town.council) == before
    assert first_broken(town.council) is None
    do(town, "record_presiding", do(town, "open_sitting", sitting), presided_by="Ana Alcalde")
    assert first_broken(town.council) is None


def test_the_log_tells_of_a_record_what_the_first_program_told(town):
    """The fingerprint over the columns there were, computed here by hand."""
    lived(town)
    rows = all_rows(town.council)
    for table, columns in LATER.items():
        for row in rows[table]:
            then = {name: value for name, value in row.items() if name not in columns}
            latest = [one for one in rows["audit"] if one["subject_id"] == row["id"]][-1]
            by_hand = hashlib.sha256(audit.canonical(then).encode()).hexdigest()
            assert latest["after"] == by_hand


@pytest.mark.parametrize("without", [("0001", True), ("0002", False)])
def test_a_backup_of_the_first_schema_comes_back(town, tmp_path, area_id, without):
    lived(town)
    before = all_rows(town.council)
    of_revision, is_older = without

    def older(parts):
        parts = dict(parts)
        for table, columns in LATER.items() if is_older else ():
            name = f"tables/{table}.jsonl"
            rows = [json.loads(line) for line in parts[name].splitlines()]
            for row in rows:
                for column in columns:
                    assert row.pop(column) is None
            parts[name] = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
        return told(parts, revision=of_revision)

    made = backed_up(town.council, tmp_path / "a.zip")
    restore(town.council, closed(made.path, older), area_id, replace=True)
    after = all_rows(town.council)
    n_kept = len(before["audit"])
    assert after["audit"][:n_kept] == before["audit"]
    assert {**after, "audit": None} == {**before, "audit": None}
    assert first_broken(town.council) is None
