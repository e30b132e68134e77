"""Checks the whole house: lint, types, import contracts, unit, app, architecture and browser tests.

    python scripts/test.py [PYTEST ARGUMENTS]

Sets up by itself. Browser tests use a Chromium of the system; where there is none, Debian's
package is installed if that is allowed, else those tests are skipped by name. With CI=true a
missing browser is a failure.
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

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
)
ENV_BROWSER = "ILO_GEO_CHROMIUM"
CHECKS = {
    "ruff check": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "mypy": ["-m", "mypy"],
    "import-linter": ["-c", "from importlinter.cli import lint_imports_command as c; c()"],
}


def main() -> int:
    """Run every check and return 0 if all passed."""
    set_up("test")
    browser = _browser() or _install_browser()
    environment = {**os.environ, "PYTHONUTF8": "1"}
    failed = []
    if browser:
        environment[ENV_BROWSER] = browser
    else:
        say(
            "No hay Chromium: se omiten las pruebas de navegador (marca «browser»).",
            "No Chromium: the browser tests (marker 'browser') are skipped.",
        )
        if os.environ.get("CI") == "true":
            failed.append("chromium")
    failed += [name for name, command in CHECKS.items() if not _passes(name, command, environment)]
    if not _passes("pytest", ["-m", "pytest", *sys.argv[1:]], environment, quiet=False):
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


def _install_browser() -> str | None:
    """Install Debian's Chromium where this user may; return its path or None."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return None
    say("Instalando Chromium con apt-get …", "Installing Chromium by apt-get …")
    for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        done = subprocess.run(
            [apt, "-qq", *command],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdout=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            return None
    return _browser()


if __name__ == "__main__":
    sys.exit(main())
