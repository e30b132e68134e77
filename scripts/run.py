"""Opens the planner of Ilo: sets up what is missing, prepares the baseline and serves it.

    python scripts/run.py [--setup] [--port 8050] [--no-browser]

Works with any Python from 3.11 on, on Windows, macOS and Linux; nothing has to be installed before.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys

from setup_environment import PYTHON
from setup_environment import ROOT
from setup_environment import WINDOWS
from setup_environment import say
from setup_environment import set_up

HOST = "127.0.0.1"
ILO_GEO = [str(PYTHON), "-m", "ilo_geo.cli.main"]


def main() -> int:
    """Set up, prepare and serve; return the exit code."""
    parser = argparse.ArgumentParser(description="Abre el planificador / opens the planner")
    parser.add_argument(
        "--setup", action="store_true", help="preparar sin abrir / stop before serving"
    )
    parser.add_argument("--port", type=int, default=8050, help="puerto / port (8050)")
    parser.add_argument("--no-browser", action="store_true", help="sin navegador / open no browser")
    options = parser.parse_args()
    if not options.setup and _in_use(options.port):
        say(
            f"El puerto {options.port} está ocupado; use --port con otro número.",
            f"Port {options.port} is in use; give another one with --port.",
        )
        return 2
    set_up("run")
    if options.setup:
        return subprocess.run([*ILO_GEO, "prepare"], cwd=ROOT).returncode
    # the server prepares what is missing before it listens: one interpreter, not two
    browser = "--no-open-browser" if options.no_browser else "--open-browser"
    return _become([*ILO_GEO, "serve", "--host", HOST, "--port", str(options.port), browser])


def _in_use(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _become(command: list[str]) -> int:
    """Replace this process by ``command``; on Windows, which cannot, wait for it."""
    os.chdir(ROOT)
    if not WINDOWS:
        os.execv(command[0], command)
    try:
        return subprocess.run(command).returncode
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
