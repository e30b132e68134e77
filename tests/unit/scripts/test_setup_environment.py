import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).parents[3] / "scripts"


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the module working on an empty project, with an installer that only takes notes."""
    spec = importlib.util.spec_from_file_location(
        "setup_under_test", SCRIPTS / "setup_environment.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    environment = tmp_path / ".venv"
    monkeypatch.setattr(module, "PYTHON", environment / module.PYTHON.relative_to(module.VENV))
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", environment)
    monkeypatch.setattr(module, "UNFINISHED", environment / ".unfinished")
    monkeypatch.setattr(module, "LOG", environment / "install.log")
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "run.txt").write_text("rich==15.0.0 \\\n    --hash=sha256:0\n")
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.setattr(module, "installs", [], raising=False)
    monkeypatch.setattr(module, "_pip", lambda arguments, **_: module.installs.append(arguments))
    without_pip = module.venv.EnvBuilder(symlinks=sys.platform != "win32")
    monkeypatch.setattr(module.venv, "EnvBuilder", lambda **_: without_pip)
    monkeypatch.setattr(module, "_runs", lambda: module.VENV.exists())
    return module


def test_a_second_start_installs_nothing(setup: ModuleType) -> None:
    setup.set_up("run")
    assert len(setup.installs) == 2
    assert "--require-hashes" in setup.installs[0]
    setup.set_up("run")
    assert len(setup.installs) == 2


@pytest.mark.parametrize("changed", ["requirements/run.txt", "pyproject.toml"])
def test_a_changed_lock_is_installed(setup: ModuleType, changed: str) -> None:
    setup.set_up("run")
    with (setup.ROOT / changed).open("a") as stream:
        stream.write("# changed\n")
    setup.set_up("run")
    assert len(setup.installs) == 4


def test_an_interrupted_installation_starts_over(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup.set_up("run")
    (setup.VENV / "half-written").touch()
    (setup.ROOT / "pyproject.toml").write_text("# changed")

    def cut(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(setup, "_pip", cut)
        setup.set_up("run")
    setup.set_up("run")
    assert not (setup.VENV / "half-written").exists()
    assert len(setup.installs) == 4
    setup.set_up("run")
    assert len(setup.installs) == 4


@pytest.mark.parametrize("script", ["run.py", "test.py"])
def test_an_old_python_is_told_in_one_line(script: str, tmp_path: Path) -> None:
    pretend = tmp_path / "old.py"
    pretend.write_text(
        f"import runpy, sys; sys.version_info = (3, 9, 1); sys.path.insert(0, {str(SCRIPTS)!r})\n"
        f"runpy.run_path({str(SCRIPTS / script)!r}, run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, str(pretend)], capture_output=True, text=True)  # noqa: S603
    assert done.returncode == 1
    assert done.stderr.startswith("ilo-geo: Python 3.9;")
    assert len(done.stderr.splitlines()) == 1
