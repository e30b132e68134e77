"""A backup is everything at one moment, comes back row by row on either database, or not at all."""

from __future__ import annotations

import hashlib
import json
import random
import threading
import zipfile
from datetime import UTC
from datetime import datetime

import pytest
from council_rows import all_rows
from council_rows import fill
from council_rows import first_broken
from council_rows import png
from postgres_server import CLEAN
from postgres_server import DATABASE
from sqlalchemy import text

from ilo_geo.core.errors import AuditError
from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import IloGeoError
from ilo_geo.core.errors import InputError
from ilo_geo.io.backup_file import MANIFEST
from ilo_geo.io.workspace import Workspace
from ilo_geo.proposals.people import system
from ilo_geo.proposals.tables import attempt
from ilo_geo.proposals.tables import document
from ilo_geo.proposals.tables import login_session
from ilo_geo.services.areas import open_area
from ilo_geo.services.audit_head import read_head
from ilo_geo.services.audit_head import signed_head
from ilo_geo.services.backup import write_backup
from ilo_geo.services.council import open_council
from ilo_geo.services.document_store import document_files
from ilo_geo.services.restore import backup_checked
from ilo_geo.services.restore import restore_backup

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def area_id(small_area):
    return small_area.config.id


@pytest.fixture
def elsewhere(small_area, tmp_path, request):
    """Return a function that opens an empty council of the city in another workspace."""
    opened = []

    def council_on(kind):
        workspace = Workspace(tmp_path / f"other-{len(opened)}")
        area = open_area(small_area.catalogue.folder, workspace)
        url = ""
        if kind == "postgres":
            server = request.getfixturevalue("postgres")
            server.execute(DATABASE, CLEAN)
            url = server.url(DATABASE)
        opened.append(open_council(lambda: area, url=url))
        return opened[-1]

    yield council_on
    for council in opened:
        council.database.close()


def backed_up(council, path):
    return write_backup(council, path, now=NOW)


def restore(council, path, area_id, **asked):
    with backup_checked(path, area_id) as backup:
        return restore_backup(council, backup, **asked)


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
    assert all_rows(town.council) == old
    # a log of the same length that says something else is lost as well
    town.draft(title="Otra")
    same_length = backed_up(town.council, tmp_path / "b.zip")
    restore(town.council, report.path, area_id, replace=True)
    town.draft(title="Una")
    with pytest.raises(ConflictError):
        restore(town.council, same_length.path, area_id)


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
        reports = [backed_up(town.council, tmp_path / f"{n}.zip") for n in range(4)]
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


def closed(path, change):
    """Write the parts of a backup anew, changed, with a checksum that fits."""
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    parts = change(parts)
    forged = path.with_name("forged.zip")
    with zipfile.ZipFile(forged, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
        packed.comment = b"0" * 64
    body = forged.read_bytes()[:-64]
    forged.write_bytes(body + hashlib.sha256(body).hexdigest().encode())
    return forged


def told(parts, **changes):
    """Return the parts with a manifest that fits them, and says something else as well."""
    manifest = json.loads(parts[MANIFEST])
    manifest["parts"] = {
        name: {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in parts.items()
        if name != MANIFEST
    }
    return {**parts, MANIFEST: json.dumps({**manifest, **changes}).encode()}


def with_part(name, content):
    return lambda parts: told({**parts, name: content})


def edited(table, change):
    def edit(parts):
        name = f"tables/{table}.jsonl"
        rows = [json.loads(line) for line in parts[name].splitlines()]
        change(rows)
        lines = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
        manifest = json.loads(parts[MANIFEST])
        n_rows = {**manifest["n_rows"], table: len(rows)}
        return told({**parts, name: lines}, n_rows=n_rows)

    return edit


DEEP = b"[" * 200_000 + b"]" * 200_000
HOSTILE = {
    "name that climbs": with_part("../../etc/cron.d/x", b"x"),
    "absolute name": with_part("/etc/x", b"x"),
    "document that climbs": with_part("documents/../../x", b"x"),
    "unknown table": with_part("tables/sqlite_master.jsonl", b""),
    "part the manifest hides": lambda parts: {**parts, "tables/zzz.jsonl": b""},
    "part too few": lambda parts: told({n: c for n, c in parts.items() if "proposal" not in n}),
    "manifest that is none": lambda parts: {**parts, MANIFEST: b"[]"},
    "manifest nested deep": lambda parts: {**parts, MANIFEST: DEEP},
    "manifest that counts wrong": lambda parts: told(parts, n_rows={"audit": -1}),
    "other format": lambda parts: told(parts, format="x", format_version=[]),
    "newer format": lambda parts: told(parts, format_version=2),
    "newer schema": lambda parts: told(parts, revision="9999"),
    "another city": lambda parts: told(parts, area="lima"),
    "head of nobody": lambda parts: told(parts, head="ilo-geo-head|1|"),
    "row nested deep": with_part("tables/setting.jsonl", DEEP + b"\n"),
    "row that is none": with_part("tables/setting.jsonl", b"7\n"),
    "row cut off": with_part("tables/setting.jsonl", b'{"id":"x","value":1,"version":1}'),
    "NaN": with_part("tables/setting.jsonl", b'{"id":"x","value":NaN,"version":1}\n'),
    "role made up": edited("account", lambda rows: rows[0].update(role="administrator")),
    "vote turned": edited("vote", lambda rows: rows[0].update(choice="against")),
    "row too many": edited("vote", lambda rows: rows.append({**rows[0], "id": "f" * 16})),
    "row taken away": edited("comment", lambda rows: rows.clear()),
    "end of the log cut": edited("audit", lambda rows: rows.pop()),
    "row of the log changed": edited("audit", lambda rows: rows[3].update(actor="p-mayor")),
    "text too long": edited("proposal", lambda rows: rows[0].update(kind="k" * 31)),
    "number too large": edited("proposal", lambda rows: rows[0].update(number=2**40)),
    "number as text": edited("proposal", lambda rows: rows[0].update(number="1")),
    "truth as number": edited("account", lambda rows: rows[0].update(active=1)),
    "time without a zone": edited("vote", lambda rows: rows[0].update(at="2026-01-01T00:00:00")),
    "half a letter": edited("proposal", lambda rows: rows[0].update(title="\ud800")),
    "NUL": edited("proposal", lambda rows: rows[0].update(title="a\0b")),
    "column too many": edited("vote", lambda rows: rows[0].update(extra=1)),
    "nothing where something must be": edited("vote", lambda rows: rows[0].update(choice=None)),
    "reference to nobody": edited("vote", lambda rows: rows[0].update(account_id="0" * 16)),
}  # fmt: skip


@pytest.fixture
def made(town, tmp_path):
    fill(town)
    return backed_up(town.council, tmp_path / "a.zip")


def kept_files(council):
    return {path for path in (council.folder / "documents").rglob("*") if path.is_file()}


def unchanged_after(council, attempt_it):
    """Return the error of an attempt, sure that rows and files are as they were."""
    before = all_rows(council), kept_files(council)
    with pytest.raises((InputError, AuditError)) as caught:
        attempt_it()
    assert "\n" not in caught.value.text("es")
    assert (all_rows(council), kept_files(council)) == before
    return caught.value


def test_a_file_that_was_made_to_do_harm_changes_nothing(town, made, area_id):
    taken = []
    for what, change in HOSTILE.items():
        forged = closed(made.path, change)
        try:
            unchanged_after(
                town.council, lambda f=forged: restore(town.council, f, area_id, replace=True)
            )
        except pytest.fail.Exception:
            taken.append(what)
    assert taken == []


def test_the_forger_is_a_forger_because_of_what_he_changed(town, made, area_id):
    """Without a change the same way of writing it anew is a good backup."""
    restore(town.council, closed(made.path, told), area_id)


@pytest.fixture
def one(small_area, tmp_path):
    """Return a council on SQLite with a backup of it."""
    from council_town import open_town

    area = open_area(small_area.catalogue.folder, Workspace(tmp_path / "workspace"))
    town = open_town(area)
    fill(town)
    yield town, backed_up(town.council, tmp_path / "a.zip")
    town.council.database.close()


def test_no_bit_can_flip_unseen_and_no_end_be_missing(one, tmp_path, area_id):
    town, report = one
    whole = report.path.read_bytes()
    rng = random.Random(6)  # noqa: S311 - places, no secrets
    broken = [whole[:n] for n in (0, 1, 63, 64, 65, len(whole) // 2, len(whole) - 1)]
    broken.append(whole + b"\0")
    for place in [0, len(whole) - 1, len(whole) - 70, *rng.sample(range(len(whole)), 120)]:
        flipped = bytearray(whole)
        flipped[place] ^= 1 << rng.randrange(8)
        broken.append(bytes(flipped))
    path = tmp_path / "broken.zip"
    for content in broken:
        path.write_bytes(content)
        with pytest.raises(InputError), backup_checked(path, area_id):
            pass
    unchanged_after(town.council, lambda: restore(town.council, path, area_id, replace=True))


def test_bits_flipped_under_a_fitting_checksum_do_no_harm(one, tmp_path, area_id):
    """Whoever can write the checksum meets the parts' own, the types and the chain of the log."""
    town, report = one
    body = report.path.read_bytes()[:-64]
    before = all_rows(town.council)
    path, n_refused = tmp_path / "broken.zip", 0
    rng = random.Random(7)  # noqa: S311 - places, no secrets
    for _ in range(150):
        flipped = bytearray(body)
        flipped[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
        path.write_bytes(bytes(flipped) + hashlib.sha256(flipped).hexdigest().encode())
        try:
            restore(town.council, path, area_id, replace=True)
        except (InputError, AuditError):
            n_refused += 1
    # some bits of a zip mean nothing: times, attributes
    assert n_refused > 75
    assert all_rows(town.council) == before


def test_a_bomb_is_refused_before_it_grows(one, tmp_path, area_id):
    town, report = one
    bomb = closed(report.path, with_part("tables/setting.jsonl", b"0" * 300_000_000))
    assert bomb.stat().st_size < 1_000_000
    error = unchanged_after(town.council, lambda: restore(town.council, bomb, area_id))
    assert error.code == "backup.bomb"


def test_a_part_of_two_entries_is_refused(one, area_id):
    town, report = one
    forged = closed(report.path, told)
    with zipfile.ZipFile(forged, "a") as packed, pytest.warns(UserWarning, match="Duplicate"):
        packed.writestr("tables/setting.jsonl", b"")
    body = forged.read_bytes()[:-64]
    forged.write_bytes(body + hashlib.sha256(body).hexdigest().encode())
    error = unchanged_after(town.council, lambda: restore(town.council, forged, area_id))
    assert error.code == "backup.faulty"


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


def test_files_written_by_a_restore_that_fails_go_again(one, elsewhere, area_id):
    _, report = one
    other = elsewhere("sqlite")
    with zipfile.ZipFile(report.path) as packed:
        lost = next(name for name in packed.namelist() if name.startswith("documents/"))
    forged = closed(report.path, lambda parts: told({**parts, lost: b"another"}))
    unchanged_after(other, lambda: restore(other, forged, area_id))
    assert kept_files(other) == set()


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
