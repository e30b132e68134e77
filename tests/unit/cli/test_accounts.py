"""``ilo-geo account`` as whoever holds the machine meets it."""

from __future__ import annotations

import json

import pytest

from ilo_geo.cli.main import main
from ilo_geo.core.errors import SignInError
from ilo_geo.services.areas import open_area
from ilo_geo.services.council import open_council
from ilo_geo.services.people import sign_in
from ilo_geo.services.people import visit_of


@pytest.fixture
def account(capsys, workspace, toy_folder, cheap_hashes, monkeypatch):
    """Return a function that runs the command and gives (exit code, stdout, stderr)."""
    monkeypatch.setenv("ILO_GEO_DATABASE_URL", "")

    def run(*arguments):
        with pytest.raises(SystemExit) as caught:
            main(["account", *arguments, "--area", str(toy_folder)])
        captured = capsys.readouterr()
        return caught.value.code, captured.out, captured.err

    return run


@pytest.fixture
def council(toy_folder, workspace):
    area = open_area(toy_folder)
    council = open_council(lambda: area, url="")
    yield council
    council.database.close()


def made(account, username="rosa.mamani"):
    asked = ("create", username, "--name", "Rosa Mamani", "--role", "councillor")
    code, out, _ = account(*asked)
    assert code == 0
    name, password = out.split()
    assert name == username
    return password


def test_an_account_is_made_and_its_password_works_once_changed(account, council):
    password = made(account)
    found = visit_of(council, sign_in(council, "rosa.mamani", password, ""))
    assert (found.actor.role, found.must_change) == ("councillor", True)
    code, out, err = account("create", "rosa.mamani", "--name", "Otra", "--role", "citizen")
    assert (code, out) == (1, "")
    assert "taken" in err
    code, _, err = account("create", "otra", "--name", "Otra", "--role", "king")
    assert code == 2
    assert "king" in err
    assert "councillor" in err


def test_a_list_names_people_and_no_secret(account, council):
    made(account)
    _, out, _ = account("list", "--json")
    (one,) = json.loads(out)["accounts"]
    assert (one["username"], one["role"], one["state"]) == ("rosa.mamani", "councillor", "active")
    _, out, _ = account("list")
    assert "rosa.mamani" in out
    assert "argon2" not in out


def test_a_new_password_ends_the_one_before(account, council):
    first = made(account)
    code, out, _ = account("reset-password", "ROSA.mamani")
    assert code == 0
    assert sign_in(council, "rosa.mamani", out.split()[1], "")
    with pytest.raises(SignInError):
        sign_in(council, "rosa.mamani", first, "")
    code, out, err = account("reset-password", "nadie")
    assert (code, out) == (2, "")
    assert "nadie" in err


def test_what_is_held_is_exported_and_erased(account, council):
    made(account)
    code, out, _ = account("export", "rosa.mamani")
    held = json.loads(out)
    assert code == 0
    assert held["account"][0]["display_name"] == "Rosa Mamani"
    code, out, _ = account("erase", "rosa.mamani", "--yes")
    assert code == 0
    pseudonym = out.strip()
    assert pseudonym == held["account"][0]["pseudonym"]
    _, out, _ = account("list")
    assert "rosa" not in out.lower()
    assert "erased" in out
    # by the pseudonym what is left can still be told
    _, out, _ = account("export", pseudonym)
    assert json.loads(out)["account"][0]["username"] is None
    code, _, err = account("erase", pseudonym, "--yes")
    assert code == 1
    assert "already" in err


def test_nobody_is_erased_without_a_yes(account, council, monkeypatch):
    made(account)
    code, _, _ = account("erase", "rosa.mamani")
    assert code == 1
    _, out, _ = account("list")
    assert "active" in out
