"""A head that was printed: who signed it, and whether the log still holds it."""

from __future__ import annotations

import json
import re
import subprocess
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete
from sqlalchemy import update

from ilo_geo.core.errors import AuditError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import WorkspaceError
from ilo_geo.io.signing import KEY_FILE
from ilo_geo.io.signing import fingerprint
from ilo_geo.io.signing import signer
from ilo_geo.proposals import audit
from ilo_geo.proposals.people import system
from ilo_geo.proposals.tables import AUDITED
from ilo_geo.proposals.tables import audit as log
from ilo_geo.proposals.tables import setting
from ilo_geo.services.audit_check import check_audit
from ilo_geo.services.audit_head import KEYS
from ilo_geo.services.audit_head import read_head
from ilo_geo.services.audit_head import signed_head


def test_a_printed_head_is_found_again_after_more_was_written(town):
    town.draft()
    printed = signed_head(town.council)
    town.draft()
    head = read_head(printed.text)
    assert head == printed
    assert check_audit(town.council, head).broken is None
    # as it comes out of a page: broken into lines, between other words
    page = "Acta 7\n" + "\n  ".join(textwrap.wrap(printed.text, 50)) + "\nFin"
    assert read_head(page) == printed


def test_the_signature_is_ed25519_as_openssl_checks_it(town, tmp_path):
    """By another program: the message is the JSON list that docs/keeping.md gives."""
    town.draft()
    head = signed_head(town.council)
    kind, version, area, seq, row_hash, at, signature, public_key = head.text.split("|")
    message = json.dumps([kind, version, area, seq, row_hash, at]).encode()
    # RFC 8410: the twelve bytes before the key say that it is one of Ed25519
    (tmp_path / "key.der").write_bytes(bytes.fromhex("302a300506032b6570032100" + public_key))
    (tmp_path / "message").write_bytes(message)
    (tmp_path / "signature").write_bytes(bytes.fromhex(signature))
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-rawin"]
    command += ["-inkey", tmp_path / "key.der", "-in", tmp_path / "message"]
    command += ["-sigfile", tmp_path / "signature"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stdout.strip()) == (0, "Signature Verified Successfully")
    (tmp_path / "message").write_bytes(message.replace(b"1", b"2", 1))
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - openssl
    assert done.returncode != 0


def test_a_log_whose_end_was_cut_is_sound_in_itself_and_found_by_the_head(town):
    """Who owns the database can take the last rows with all they wrote; the minute tells."""
    town.draft()
    with town.council.reading(system) as repo:
        kept = audit.head(repo.connection)
        (counter,) = repo.find(setting)
    gone = town.draft()
    printed = signed_head(town.council)
    with town.council.database.writing() as connection:
        connection.execute(delete(log).where(log.c.seq > kept.seq))
        for table in reversed(AUDITED):
            connection.execute(table.delete().where(table.c.id == gone["id"]))
        connection.execute(update(setting).values(counter))
    assert check_audit(town.council).broken is None
    with pytest.raises(AuditError) as caught:
        check_audit(town.council, printed)
    assert caught.value.code == "audit.cut"
    # and when the log has grown over the gap
    town.draft()
    with pytest.raises(AuditError) as caught:
        check_audit(town.council, printed)
    assert caught.value.code == "audit.head_differs"


def test_a_log_written_anew_from_the_start_is_found_by_the_head(town):
    found = town.draft()
    printed = signed_head(town.council)
    with town.council.database.writing() as connection:
        rows = [
            dict(row) for row in connection.execute(log.select().order_by(log.c.seq)).mappings()
        ]
        connection.execute(delete(log))
        last = audit.Head(0, audit.START, None)
        for row in rows:
            told = {k: v for k, v in row.items() if k not in ("seq", "previous", "hash")}
            if told["subject_id"] == found["id"]:
                told["actor"] = "p-mayor"
            last = audit.append(connection, last, **told)
    assert check_audit(town.council).broken is None
    with pytest.raises(AuditError) as caught:
        check_audit(town.council, printed)
    assert caught.value.code == "audit.head_differs"


def test_every_letter_of_a_printed_head_counts(town):
    town.draft()
    printed = signed_head(town.council).text
    for place, letter in enumerate(printed):
        other = "1" if letter != "1" else "2"
        changed = printed[:place] + other + printed[place + 1 :]
        with pytest.raises((InputError, AuditError)):
            check_audit(town.council, read_head(changed))


@pytest.mark.parametrize(
    "text",
    ["", "x", "ilo-geo-head|1|", "a" * 100_000, "|" * 1000, "ilo-geo-head|1|a|1|" + "0" * 64],
)
def test_what_is_no_head_is_told_in_one_line(text):
    with pytest.raises(InputError) as caught:
        read_head(text)
    assert len(caught.value.text("es")) < 300


def test_another_key_is_another_hand(town, tmp_path):
    town.draft()
    mine = signed_head(town.council)
    (town.council.folder / KEYS).rename(tmp_path / "kept")
    theirs = signed_head(town.council)
    assert mine.hash == theirs.hash
    with pytest.raises(AuditError) as caught:
        check_audit(town.council, mine)
    assert caught.value.code == "audit.head_of_other_key"
    # unless it is the fingerprint that is printed in the minutes one has
    assert check_audit(town.council, mine, mine.public_key_fingerprint.upper()).broken is None
    with pytest.raises(AuditError):
        check_audit(town.council, theirs, mine.public_key_fingerprint)


def test_the_key_is_its_owners_alone_and_made_once(tmp_path):
    folder = tmp_path / "keys"
    start = threading.Barrier(8)

    def made(_):
        start.wait()
        return signer(folder).public_key

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(made, range(8)))
    assert len(keys) == 1
    assert [path.name for path in folder.iterdir()] == [KEY_FILE]
    path = folder / KEY_FILE
    assert (path.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert re.fullmatch("[0-9a-f]{64}", fingerprint(keys.pop()))
    path.chmod(0o640)
    with pytest.raises(WorkspaceError):
        signer(folder)
    path.chmod(0o600)
    path.write_text("no key")
    with pytest.raises(WorkspaceError):
        signer(folder)
    path.write_bytes(b"")
    with pytest.raises(WorkspaceError):
        signer(folder)


def test_an_empty_log_has_a_head_as_well(town):
    with town.council.database.writing() as connection:
        for table in (log, *reversed(AUDITED)):
            connection.execute(delete(table))
    head = signed_head(town.council)
    assert (head.seq, head.hash, head.at) == (0, "0" * 64, None)
    assert check_audit(town.council, read_head(head.text)).n_rows == 0


def test_the_first_broken_row_is_named(town):
    for _ in range(3):
        town.draft()
    with town.council.database.writing() as connection:
        connection.execute(update(log).where(log.c.seq.in_((9, 11))).values(verb="x"))
    found = check_audit(town.council)
    assert found.broken_seq == 9
    assert "9" in found.broken.es
