"""Backups that were cut, changed or made to do harm: one line, nothing changed."""

from __future__ import annotations

import hashlib
import random
import zipfile

import pytest
from backup_forge import MANIFEST
from backup_forge import backed_up
from backup_forge import closed
from backup_forge import edited
from backup_forge import kept_files
from backup_forge import restore
from backup_forge import told
from backup_forge import unchanged_after
from backup_forge import with_part
from council_rows import all_rows
from council_rows import fill

from ilo_geo.core.errors import AuditError
from ilo_geo.core.errors import InputError
from ilo_geo.services.restore import backup_checked

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
    "role made up": edited("account", lambda rows: rows[0].update(role="mayor")),
    "vote turned": edited("vote", lambda rows: rows[0].update(choice="perhaps")),
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
    kept = all_rows(town.council)
    restore(town.council, closed(made.path, told), area_id)
    after = all_rows(town.council)
    # the restore itself leaves a row
    assert after["audit"][: len(kept["audit"])] == kept["audit"]
    assert {**after, "audit": None} == {**kept, "audit": None}


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


def test_files_written_by_a_restore_that_fails_go_again(one, elsewhere, area_id):
    _, report = one
    other = elsewhere("sqlite")
    with zipfile.ZipFile(report.path) as packed:
        lost = next(name for name in packed.namelist() if name.startswith("documents/"))
    forged = closed(report.path, lambda parts: told({**parts, lost: b"another"}))
    unchanged_after(other, lambda: restore(other, forged, area_id))
    assert kept_files(other) == set()
