"""Makes ``.venv`` from a hash-locked requirements file; shared by run.py and test.py.

Standard library only, and syntax that an old Python can still read, so that it can say it is old.
A stamp with the hash of everything installed makes the next start skip the work; a mark left by an
interrupted installation makes it start over.
"""

from __future__ import annotations

import hashlib
import locale
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

if sys.version_info < (3, 11):
    sys.exit(
        "ilo-geo: Python %d.%d; se necesita 3.11 o posterior / 3.11 or later is needed: %s"
        % (*sys.version_info[:2], sys.executable)
    )

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOG = VENV / "install.log"
UNFINISHED = VENV / ".unfinished"
WINDOWS = sys.platform == "win32"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")
ENGLISH = str(os.environ.get("LANG") or locale.getlocale()[0]).lower().startswith("en")
LOG_LINES_SHOWN = 12
# packages between two progress lines where the output is no screen
LINES_BETWEEN = 30


def say(es: str, en: str, *, end: str = "\n") -> None:
    """Print a line in the language of the machine; Spanish where it is not English."""
    print(en if ENGLISH else es, end=end, flush=True)


def set_up(lock_name: str) -> None:
    """Bring ``.venv`` in line with ``requirements/<lock_name>.txt``; quick where it already is."""
    lock = ROOT / "requirements" / f"{lock_name}.txt"
    stamp = VENV / f".installed-{lock_name}"
    fingerprint = _fingerprint(lock)
    if not UNFINISHED.exists() and stamp.exists() and stamp.read_text() == fingerprint:
        return
    if UNFINISHED.exists() or not _runs():
        say("Creando el entorno .venv …", "Making the environment .venv …")
        _make_venv()
    UNFINISHED.touch()
    pins = [line.split("==")[0] for line in lock.read_text().splitlines() if "==" in line]
    _pip(["--require-hashes", "-r", str(lock)], n_expected=len(pins))
    _pip(["--no-deps", "--no-build-isolation", "-e", str(ROOT)], n_expected=0)
    stamp.write_text(fingerprint)
    UNFINISHED.unlink()


def _fingerprint(lock: Path) -> str:
    """Return a hash of what decides the content of ``.venv``."""
    digest = hashlib.sha256(lock.read_bytes() + (ROOT / "pyproject.toml").read_bytes())
    digest.update(f"{sys.version_info[:2]} {sys.platform} {ROOT}".encode())
    return digest.hexdigest()


def _runs() -> bool:
    """Return whether ``.venv`` has a Python of this version with pip."""
    version = "import sys, pip; sys.exit(sys.version_info[:2] != {})".format(sys.version_info[:2])
    command = [PYTHON, "-c", version]
    return PYTHON.exists() and subprocess.run(command, capture_output=True).returncode == 0


def _make_venv() -> None:
    if VENV.exists():
        shutil.rmtree(VENV)
    VENV.mkdir()
    UNFINISHED.touch()
    try:
        venv.EnvBuilder(with_pip=True, symlinks=not WINDOWS).create(VENV)
    except subprocess.CalledProcessError:
        sys.exit(
            "ilo-geo: este Python no trae venv/ensurepip (en Debian: apt install python3-venv) / "
            "this Python lacks venv/ensurepip (on Debian: apt install python3-venv)"
        )


def _pip(arguments: list[str], *, n_expected: int) -> None:
    """Run ``pip install`` with one progress line on screen and the rest in a log file."""
    command = [str(PYTHON), "-m", "pip", "install", "--no-input", "--progress-bar", "off"]
    with (
        LOG.open("a", encoding="utf-8") as log,
        subprocess.Popen(
            [*command, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as process,
    ):
        n_collected = 0
        for line in process.stdout or ():
            log.write(line)
            if not n_expected:
                continue
            if line.startswith(("Collecting ", "Processing ", "Requirement already satisfied")):
                n_collected += 1
                _progress(n_collected, n_expected)
            elif line.startswith("Installing collected packages"):
                n_new = line.count(",") + 1
                say(f"\nInstalando {n_new} paquetes …", f"\nInstalling {n_new} packages …")
    if process.returncode:
        tail = LOG.read_text(encoding="utf-8").splitlines()[-LOG_LINES_SHOWN:]
        print(*tail, sep="\n", file=sys.stderr)
        say(f"La instalación falló; detalle en {LOG}", f"Installation failed; details in {LOG}")
        sys.exit(1)


def _progress(n_done: int, n_total: int) -> None:
    on_screen = sys.stdout.isatty()
    if on_screen or n_done % LINES_BETWEEN == 0:
        end = "\r" if on_screen else "\n"
        say(f"Reuniendo {n_done}/{n_total}", f"Collecting {n_done}/{n_total}", end=end)
