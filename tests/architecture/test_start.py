"""What only some ask for is imported when they ask: nobody else waits for it."""

from __future__ import annotations

import subprocess
import sys

ASKED_FOR = ("osmnx", "pygeoapi", "folium", "reportlab", "segno")


def test_the_planner_starts_without_what_only_some_ask_for() -> None:
    asked = f"import sys, dash_app.serve; print([m for m in {ASKED_FOR} if m in sys.modules])"
    command = [sys.executable, "-c", asked]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - own
    assert done.stdout.strip() == "[]"
