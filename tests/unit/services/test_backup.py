"""A backup is everything at one moment, comes back row by row on either database, or not at all."""

from __future__ import annotations

import hashlib
import json
import threading
import zipfile

import pytest
from backup_forge import NOW
from backup_forge import backed_up
from backup_forge import restore
from council_rows import all_rows
from council_rows import fill
from council_rows import first_broken
from council_rows import png
from sqlalchemy import text

from ilo_geo.core.errors import AuditError
from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import IloGeoError
from ilo_geo.core.errors import InputError
from ilo_geo.io.backup_file import MANIFEST
from ilo_geo.proposals.people import system
from ilo_geo.proposals.tables import attempt
from ilo_geo.proposals.tables import document
from ilo_geo.proposals.tables import login_session
from ilo_geo.services.audit_head import read_head
from ilo_geo.services.audit_head import signed_head
from ilo_geo.services.backup import write_backup
from ilo_geo.services.document_store import document_files


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_an_empty_workspace_gets_every_row_and_file_back(
    town, council_url, elsewhere, kind, tmp_path, area_id
):
    fill(town)
    before = all_rows(town.council)
    assert min(map(len, before.values())) > 0
    report = backed_up(town.council, tmp_path / "a.zip")
    assert report.sha256 == hashlib.sha256(report.path.read_bytes()).hexdigest()
    assert report.path.stat().st_mode & 0o077 == 0

    other = elsewhere(kind)
    restore(other, report.path, area_id)
    assert all_rows(other) == before
    assert first_broken(other) is None
    for record in before["document"]:
        kept = document_files(other).read(record["sha256"])
        assert hashlib.sha256(kept).hexdigest() == record["sha256"]
    # the head that was signed there is in the log here
    assert read_head(report.head.text).hash == signed_head(other).hash


def test_keys_that_count_up_by_themselves_go_on(town, tmp_path, area_id):
    fill(town)
    report = backed_up(town.council, tmp_path / "a.zip")
    restore(town.council, report.path, area_id)
    with town.council.writing(system) as repo:
        assert repo.count(attempt) == repo.count(login_session) == 0
        for n in range(3):
            repo.connection.execute(attempt.insert(), {"key": str(n), "at": repo.now})
        assert repo.count(attempt) == 3
    found = town.draft()
    assert found["number"] == 3
    assert first_broken(town.council) is None


def test_who_signed_in_is_not_in_the_file(town, tmp_path):
    fill(town)
    report = backed_up(town.council, tmp_path / "a.zip")
    with zipfile.ZipFile(report.path) as packed:
        names = packed.namelist()
        manifest = json.loads(packed.read(MANIFEST))
        content = b"".join(map(packed.read, names))
    assert manifest["left_out"] == ["login_session", "attempt"]
    assert not [name for name in names if "session" in name or "attempt" in name]
    assert b"PRIVATE KEY" not in content


def test_what_was_written_since_is_lost_only_on_demand(town, tmp_path, area_id):
    town.draft()
    report = backed_up(town.council, tmp_path / "a.zip")
    # the same log: nothing to lose
    restore(town.council, report.path, area_id)
    old = all_rows(town.council)
    town.draft()
    new = all_rows(town.council)
    with pytest.raises(ConflictError):
        restore(town.council, report.path, area_id)
    assert all_rows(town.council) == new
    restore(town.council, report.path, area_id, replace=True)
    now = all_rows(town.council)
    # the log says itself that it happened, and over what
    *log, told = now.pop("audit")
    assert {**now, "audit": log} == old
    assert (told["verb"], told["role"]) == ("restore", "system")
    assert told["subject_id"] == new["audit"][-1]["hash"][:16]
    assert first_broken(town.council) is None
    # a log of the same length that says something else is lost as well
    town.draft(title="Otra")
    same_length = backed_up(town.council, tmp_path / "b.zip")
    restore(town.council, report.path, area_id, replace=True)
    town.draft(title="Una")
    with pytest.raises(ConflictError):
        restore(town.council, same_length.path, area_id)


def test_a_backup_that_another_key_signed_is_refused_unless_its_key_is_named(
    town, elsewhere, tmp_path, area_id
):
    town.draft()
    report = backed_up(town.council, tmp_path / "a.zip")
    other = elsewhere("sqlite")
    theirs = signed_head(other).public_key_fingerprint
    key = report.head.public_key_fingerprint
    for trusted in (None, theirs, "0" * 64):
        with pytest.raises(AuditError) as caught:
            restore(other, report.path, area_id, replace=True, trusted=trusted)
        assert caught.value.code == "backup.other_key"
    assert all_rows(other)["proposal"] == []
    restore(other, report.path, area_id, trusted=key.upper())
    assert len(all_rows(other)["proposal"]) == 1


def test_a_backup_taken_while_writers_write_is_one_moment(town, elsewhere, tmp_path, area_id):
    """Supports come in pairs of one transaction: a moment between two shows as an odd number."""
    stop, failures = threading.Event(), []

    def write(name):
        while not stop.is_set():
            try:
                with town.council.writing(town.actors[name]) as repo:
                    for _ in range(2):
                        repo.add(
                            document, "attach", proposal_id=found["id"], name=name,
                            media_type="image/png", size_bytes=1, sha256="0" * 64, at=repo.now,
                            actor=name, removed_reason="",
                        )  # fmt: skip
            except IloGeoError as error:
                failures.append(error)

    found = town.draft()
    threads = [threading.Thread(target=write, args=(name,)) for name in ("planner", "secretary")]
    for thread in threads:
        thread.start()
    try:
        reports = [backed_up(town.council, tmp_path / "0.zip")]
        # on a busy machine writers get less done meanwhile
        while len(reports) < 4 or reports[-1].head.seq <= reports[0].head.seq + 10:
            reports.append(backed_up(town.council, tmp_path / f"{len(reports)}.zip"))
            assert len(reports) < 40
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failures == []
    lengths = [report.head.seq for report in reports]
    assert lengths == sorted(lengths)
    assert lengths[-1] > lengths[0] + 10
    other = elsewhere("sqlite")
    for report in reports:
        restore(other, report.path, area_id)
        rows = all_rows(other)
        assert len(rows["audit"]) == report.head.seq
        assert len(rows["document"]) % 2 == 0
        assert first_broken(other) is None


def test_a_document_that_is_gone_is_told_and_the_rest_is_backed_up(
    one, tmp_path, elsewhere, area_id
):
    town, _ = one
    files = document_files(town.council)
    gone, changed = (hashlib.sha256(png(n)).hexdigest() for n in (1, 2))
    files.path(gone).unlink()
    files.path(changed).write_bytes(b"<script>")
    report = backed_up(town.council, tmp_path / "b.zip")
    assert set(report.missing_documents) == {gone, changed}
    other = elsewhere("sqlite")
    assert set(restore(other, report.path, area_id).missing_documents) == {gone, changed}
    assert all_rows(other) == all_rows(town.council)


def test_a_backup_takes_nobodys_place_and_a_full_disk_leaves_nothing(one, tmp_path, monkeypatch):
    town, report = one
    kept = report.path.read_bytes()
    with pytest.raises(InputError):
        backed_up(town.council, report.path)
    monkeypatch.setattr("os.fsync", _full)
    with pytest.raises(IloGeoError):
        write_backup(town.council, report.path, now=NOW, replace=True)
    assert report.path.read_bytes() == kept
    assert [path.name for path in tmp_path.glob(".writing*")] == []


def _full(_handle):
    raise OSError(28, "No space left on device")


def test_the_database_itself_says_the_rows_are_equal(one, elsewhere, area_id):
    """Values as SQLite keeps them, by its own hand: no type of ours in between."""
    town, report = one
    other = elsewhere("sqlite")
    restore(other, report.path, area_id)
    query = text("SELECT hex(geometry), typeof(geometry), min_x, typeof(number), * FROM proposal")
    dumps = []
    for council in (town.council, other):
        with council.reading(system) as repo:
            dumps.append(sorted(map(tuple, repo.connection.execute(query))))
    assert dumps[0] == dumps[1]
