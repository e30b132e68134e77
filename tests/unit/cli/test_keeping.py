"""``audit``, ``backup`` and ``restore`` as a person meets them on the console."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from ilo_geo.cli.main import main
from ilo_geo.services.areas import open_area
from ilo_geo.services.council import open_council


@pytest.fixture
def run(capsys, workspace, monkeypatch):
    """Return a function that runs the command and gives (exit code, stdout, stderr)."""
    monkeypatch.delenv("ILO_GEO_DATABASE_URL", raising=False)

    def run_command(*arguments):
        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return caught.value.code, captured.out, captured.err

    return run_command


@pytest.fixture
def database(workspace, toy_folder):
    """Return the SQLite file of a council with a few rows in its log."""
    from council_town import Clock
    from council_town import Town

    area = open_area(toy_folder)
    council = open_council(lambda: area, url="", clock=Clock())
    Town(council, council.clock)
    yield council.database.path
    council.database.close()


@pytest.fixture
def ahead(workspace, toy_folder):
    """Return the SQLite file of a council that was written while the clock was a year ahead."""
    from council_town import Clock
    from council_town import Town

    area, wrong = open_area(toy_folder), Clock(datetime.now(UTC) + timedelta(days=365))
    council = open_council(lambda: area, url="", clock=wrong)
    Town(council, wrong)
    council.database.close()
    return council.database.path


def last_of_log(database):
    plain = sqlite3.connect(database)
    found = plain.execute("SELECT verb, at FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    plain.close()
    return found


def cut(database, statement):
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute(statement)
    connection.commit()
    connection.close()


def one_line(text):
    return text.startswith("ilo-geo: ") and text.count("\n") == 1


@pytest.mark.parametrize("command", [("audit", "verify"), ("audit", "head"), ("backup", "x.zip")])
def test_where_there_are_no_records_nothing_is_vouched_for_and_nothing_made(
    run, toy_folder, workspace, command
):
    code, out, err = run(*command, "--area", toy_folder)
    assert (code, out) == (1, "")
    assert one_line(err)
    assert not list(workspace.root.rglob("*.sqlite"))


def test_a_sound_log_and_its_head(run, toy_folder, database):
    code, out, err = run("audit", "head", "--area", toy_folder)
    assert (code, err) == (0, "")
    printed = out.splitlines()[-1]
    code, out, err = run("audit", "verify", "--area", toy_folder, "--head", printed)
    assert (code, err) == (0, "")
    n_rows = int(re.search(r"rows +([0-9]+)", out)[1])
    plain = sqlite3.connect(database)
    assert plain.execute("SELECT count(*), max(seq) FROM audit").fetchone() == (n_rows, n_rows)
    plain.close()


def test_a_head_in_a_file(run, toy_folder, database, tmp_path):
    out = run("audit", "head", "--area", toy_folder)[1]
    (tmp_path / "acta.txt").write_text(f"Acta\n{out}")
    code, _, _ = run("audit", "verify", "--area", toy_folder, "--head", tmp_path / "acta.txt")
    assert code == 0
    code, out, err = run("audit", "verify", "--area", toy_folder, "--head", "nothing of it")
    assert (code, out) == (2, "")
    assert one_line(err)


def test_the_first_broken_row_is_named_and_the_exit_code_says_so(run, toy_folder, database):
    cut(database, "UPDATE account SET role = 'administrator' WHERE username = 'citizen'")
    cut(database, "UPDATE audit SET actor = 'x' WHERE seq = 5")
    code, out, err = run("audit", "verify", "--area", toy_folder, "--json")
    assert code == 1
    assert json.loads(out)["broken_seq"] == 5
    assert one_line(err)
    assert "row 5" in err


@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        ("UPDATE account SET created_at = 'ayer' WHERE username = 'planner'", None),
        ("UPDATE account SET created_at = '' WHERE username = 'planner'", None),
        ("UPDATE account SET active = 2 WHERE username = 'planner'", None),
        (
            "UPDATE account SET created_at = replace(created_at, '+00:00', 'Z') "
            "WHERE username = 'planner'",
            None,
        ),
        ("UPDATE account SET display_name = CAST(x'ff41' AS TEXT) WHERE username='planner'", None),
        ("UPDATE audit SET at = 'ayer' WHERE seq = 4", 4),
        ("UPDATE audit SET at = 'ayer' WHERE seq = (SELECT max(seq) FROM audit)", -1),
        ("UPDATE audit SET verb = CAST(x'ff41' AS TEXT) WHERE seq = 3", 3),
    ],
)
def test_what_cannot_be_read_is_named_as_changed(run, toy_folder, database, statement, seq):
    plain = sqlite3.connect(database)
    of_record = """SELECT max(seq) FROM audit JOIN account ON subject_id = account.id
        WHERE username = 'planner'"""
    last = plain.execute("SELECT max(seq) FROM audit").fetchone()[0]
    expected = plain.execute(of_record).fetchone()[0] if seq is None else last if seq < 0 else seq
    plain.close()
    cut(database, statement)
    code, out, err = run("audit", "verify", "--area", toy_folder, "--json")
    assert code == 1
    assert json.loads(out)["broken_seq"] == expected
    assert one_line(err)


def test_the_first_of_two_broken_rows_is_named_though_the_second_cannot_be_read(
    run, toy_folder, database
):
    cut(database, "UPDATE audit SET actor = 'x' WHERE seq = 2")
    cut(database, "UPDATE audit SET at = 'ayer' WHERE seq = 5")
    _, out, _ = run("audit", "verify", "--area", toy_folder, "--json")
    assert json.loads(out)["broken_seq"] == 2


def test_a_record_changed_past_the_log_is_named(run, toy_folder, database):
    cut(database, "UPDATE account SET role = 'administrator' WHERE username = 'citizen'")
    code, _, err = run("audit", "verify", "--area", toy_folder)
    assert code == 1
    assert re.search(r"account [0-9a-f]{16} was changed", err)


def test_an_end_that_was_cut_off_is_found_by_the_printed_head(run, toy_folder, database):
    printed = run("audit", "head", "--area", toy_folder)[1].splitlines()[-1]
    newest = "(SELECT subject_id FROM audit ORDER BY seq DESC LIMIT 1)"
    cut(database, f"DELETE FROM account WHERE id = {newest}")  # noqa: S608 - fixed
    cut(database, "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)")
    assert run("audit", "verify", "--area", toy_folder)[0] == 0
    code, out, err = run("audit", "verify", "--area", toy_folder, "--head", printed)
    assert (code, out) == (1, "")
    assert "rows are missing from its end" in err


def test_backup_and_restore(run, toy_folder, database, tmp_path):
    file = tmp_path / "a.zip"
    code, out, err = run("backup", file, "--area", toy_folder)
    assert code == 0
    assert "login_session, attempt" in err
    sha256 = re.search(r"sha256 +([0-9a-f]{64})", out)[1]
    rows = sqlite3.connect(database).execute("SELECT * FROM account ORDER BY id").fetchall()

    code, _, err = run("backup", file, "--area", toy_folder)
    assert code == 2
    assert one_line(err)
    assert run("backup", file, "--area", toy_folder, "--replace")[0] == 0
    # another file, though of the same records
    assert run("restore", file, "--area", toy_folder, "--sha256", sha256)[0] == 2

    shutil.rmtree(database.parent)
    code, out, _ = run("restore", file, "--area", toy_folder)
    assert code == 0
    again = sqlite3.connect(database).execute("SELECT * FROM account ORDER BY id").fetchall()
    assert again == rows
    assert run("audit", "verify", "--area", toy_folder)[0] == 0


def test_a_faulty_file_leaves_no_database_behind(run, toy_folder, workspace, tmp_path):
    for name, content in (("empty.zip", b""), ("text.zip", b"no backup" * 50), ("none.zip", None)):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        code, out, err = run("restore", tmp_path / name, "--area", toy_folder)
        assert (code, out) == (2, "")
        assert one_line(err)
    assert run("restore", tmp_path, "--area", toy_folder)[0] == 2
    assert not list(workspace.root.rglob("*.sqlite"))


def test_a_log_that_is_ahead_goes_on_at_the_clocks_time_once_and_says_so(run, toy_folder, ahead):
    this_year = str(datetime.now(UTC).year)
    assert last_of_log(ahead)[1][:4] > this_year
    code, out, _ = run("audit", "set-clock", "--area", toy_folder)
    assert code == 0
    assert "goes on at" in out
    verb, at = last_of_log(ahead)
    assert (verb, at[:4]) == ("set_clock", this_year)
    code, _, err = run("audit", "set-clock", "--area", toy_folder)
    assert code != 0
    assert one_line(err)
    assert run("audit", "verify", "--area", toy_folder)[0] == 0
