"""``dossier`` and ``minutes`` as a person meets them on the console."""

from __future__ import annotations

import hashlib
import re

import pytest
from council_sittings import opened
from council_town import open_town
from papers import pages_of

from ilo_geo.cli.main import main
from ilo_geo.services.areas import open_area
from ilo_geo.services.dossiers import FORMATS
from ilo_geo.services.paper_words import ENV_PUBLIC_URL


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
def folder(small_area, workspace):
    """Return a study area whose workspace has a sitting with a proposal."""
    folder = small_area.catalogue.folder
    town = open_town(open_area(folder))
    opened(town)
    town.council.database.close()
    return folder


def test_a_dossier_is_written_in_every_format_with_one_hash(run, folder, tmp_path):
    said = []
    for fmt in FORMATS:
        out = tmp_path / f"d.{fmt}"
        code, text, err = run("dossier", 1, "--format", fmt, "--out", out, "--area", folder)
        assert (code, err) == (0, "")
        assert out.stat().st_size > 1000
        said.append(re.fullmatch(rf"{re.escape(str(out))}: ([0-9a-f]{{64}})\n", text)[1])
    assert len(set(said)) == 1
    assert said[0] in pages_of(tmp_path / "d.pdf")[0]


def test_minutes_are_written_with_the_configured_address(run, folder, tmp_path, monkeypatch):
    monkeypatch.setenv(ENV_PUBLIC_URL, "https://ilo.example")
    out = tmp_path / "acta.pdf"
    code, text, _ = run("minutes", 1, "--out", out, "--area", folder)
    assert code == 0
    assert re.search("[0-9a-f]{64}$", text.strip())
    assert "https://ilo.example/sesiones/1" in pages_of(out)[0]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("dossier", 9, "--format", "pdf"), 2),
        (("dossier", 1, "--format", "exe"), 2),
        (("dossier", "../1", "--format", "pdf"), 2),
        (("dossier", 1, "--kind", "campaign"), 2),
        (("minutes", 9), 2),
    ],
)
def test_a_fault_is_one_line_and_leaves_what_was_there(run, folder, tmp_path, arguments, code):
    out = tmp_path / "kept"
    out.write_text("kept")
    before = hashlib.sha256(out.read_bytes()).digest()
    found, text, err = run(*arguments, "--out", out, "--area", folder)
    assert (found, text) == (code, "")
    assert err.startswith("ilo-geo: ")
    assert err.count("\n") == 1
    assert hashlib.sha256(out.read_bytes()).digest() == before
    assert [path.name for path in tmp_path.glob("*kept*")] == ["kept"]


def test_where_there_is_no_council_none_is_made(run, small_area, workspace, tmp_path):
    folder = small_area.catalogue.folder
    code, _, err = run("dossier", 1, "--out", tmp_path / "d.pdf", "--area", folder)
    assert code != 0
    assert err.count("\n") == 1
    assert list(workspace.root.rglob("*.sqlite*")) == []
