"""Refreshes requirements/run.txt and requirements/test.txt from pyproject.toml by uv.

    python scripts/lock.py [--upgrade]

uv has to be on the PATH. The files hold for every system and Python from 3.11 on, carry hashes and
name no index.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from setup_environment import ROOT

GROUPS = {"run": ("build",), "test": ("build", "test")}
OPTIONS = (
    *("--universal", "--python-version", "3.11", "--fork-strategy", "fewest"),
    *("--generate-hashes", "--no-header", "--no-annotate", "--quiet"),
)


def main() -> int:
    """Compile both files; packages keep their version unless --upgrade is given."""
    uv = shutil.which("uv")
    if uv is None:
        sys.exit("uv: no se encontró; instálelo con pipx / not found; install it with pipx")
    for name, groups in GROUPS.items():
        command = [uv, "pip", "compile", "pyproject.toml", *OPTIONS, *sys.argv[1:]]
        command += [part for group in groups for part in ("--group", group)]
        # what the run lock pins, the test lock pins alike
        constraint = ["-c", "requirements/run.txt"] if name == "test" else []
        output = ["-o", f"requirements/{name}.txt"]
        environment = {k: v for k, v in os.environ.items() if "INDEX" not in k}
        code = subprocess.run(
            [*command, *constraint, *output], cwd=ROOT, env=environment
        ).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
