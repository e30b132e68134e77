"""Checks the whole house: lint, types, import contracts, unit, app, architecture and browser tests.

    python scripts/test.py [PYTEST ARGUMENTS]

Sets up by itself. Some tests use programs of the system: a Chromium, QGIS, GDAL's commands, a
PostgreSQL with PostGIS. Where one is missing, Debian's packages are installed if that is allowed,
else its tests are skipped by name. With CI=true a missing program is a failure. Without arguments
the tests run on every processor.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time

from setup_environment import PYTHON
from setup_environment import ROOT
from setup_environment import say
from setup_environment import set_up

# the first draws pages without a window of its own, a sixth cheaper
BROWSER_PACKAGE = "chromium-headless-shell"
BROWSERS = (
    BROWSER_PACKAGE,
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
)
ENV_BROWSER = "ILO_GEO_CHROMIUM"
# what proves that a program is there, and the Debian packages that bring it
PROGRAMS = {
    "QGIS": (("/usr/bin/python3", "-c", "import qgis.core"), ("python3-qgis", "qgis-providers")),
    "GDAL": (("ogrinfo", "--version"), ("gdal-bin",)),
    "PostGIS": (
        ("ls", "/usr/share/postgresql/15/extension/postgis.control"),
        ("postgresql-15", "postgresql-15-postgis-3"),
    ),
}
CHECKS = {
    "ruff check": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "mypy": ["-m", "mypy"],
    "import-linter": ["-c", "from importlinter.cli import lint_imports_command as c; c()"],
}


def main() -> int:
    """Run every check and return 0 if all passed."""
    set_up("test")
    missing = [name for name, (proof, _) in PROGRAMS.items() if not _runs(proof)]
    packages = [package for name in missing for package in PROGRAMS[name][1]]
    _install(packages + ([] if _browser() else [BROWSER_PACKAGE]))
    missing = [name for name in missing if not _runs(PROGRAMS[name][0])]
    browser = _browser()
    environment = {**os.environ, "PYTHONUTF8": "1"}
    failed = []
    if browser:
        environment[ENV_BROWSER] = browser
    else:
        missing.append("Chromium")
    if missing:
        names = ", ".join(missing)
        say(f"Faltan {names}: se omiten sus pruebas.", f"No {names}: their tests are skipped.")
        if os.environ.get("CI") == "true":
            failed += missing
    failed += [name for name, command in CHECKS.items() if not _passes(name, command, environment)]
    # one file to one process: what a file's tests share is made once
    chosen = sys.argv[1:] or ["-n", "auto", "--dist", "loadfile"]
    if not _passes("pytest", ["-m", "pytest", *chosen], environment, quiet=False):
        failed.append("pytest")
    if failed:
        say(f"Falló: {', '.join(failed)}", f"Failed: {', '.join(failed)}")
    return 1 if failed else 0


def _passes(
    name: str, command: list[str], environment: dict[str, str], *, quiet: bool = True
) -> bool:
    """Run one check; a quiet one shows its output only when it fails."""
    started_s = time.monotonic()
    done = subprocess.run(
        [str(PYTHON), *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        encoding="utf-8",
        errors="replace",
    )
    ok = done.returncode == 0
    if quiet:
        took_s = time.monotonic() - started_s
        print(f"{name}: {'ok' if ok else 'FAILED'} ({took_s:.1f} s)", flush=True)
        if not ok:
            print(done.stdout, flush=True)
    return ok


def _browser() -> str | None:
    named = os.environ.get(ENV_BROWSER)
    return named or next(filter(None, map(shutil.which, BROWSERS)), None)


def _runs(command: tuple[str, ...]) -> bool:
    """Return whether a program is there and starts."""
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True).returncode == 0


def _install(packages: list[str]) -> None:
    """Install Debian's packages where this user may."""
    apt = shutil.which("apt-get")
    if not packages or apt is None or os.geteuid() != 0:
        return
    names = ", ".join(packages)
    say(f"Instalando {names} con apt-get …", f"Installing {names} by apt-get …")
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(
            [apt, "-qq", *command],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdout=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            return


if __name__ == "__main__":
    sys.exit(main())
