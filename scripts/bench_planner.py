"""The planner in a real browser on loopback: first page, initial data, callbacks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

from bench_access import visitors_may_see
from bench_figures import Figure
from playwright.sync_api import Browser
from playwright.sync_api import Request
from playwright.sync_api import sync_playwright

from ilo_geo.io.workspace import Workspace
from ilo_geo.services.areas import open_area
from ilo_geo.services.council import open_council

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
STANDARDS_M2 = (3, 4, 5, 6, 7, 8, 10, 11, 12, 13)
# what dash and its component libraries send is code, not data
CODE = ("/_dash-component-suites/", "/assets/")
CALLBACK = "/_dash-update-component"
DESKTOP = {"width": 1440, "height": 900}
RUNS = 3
BETWEEN_CHANGES_MS = 1500


def planner_in_the_browser() -> Iterator[Figure]:
    """Open Áreas verdes on Ilo, then change the standard ten times."""
    browser_path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser_path is None:
        print("no Chromium: the planner was not measured")
        return
    with tempfile.TemporaryDirectory() as workspace, sync_playwright() as playwright:
        council = open_council(lambda: open_area(workspace=Workspace(Path(workspace))), url="")
        visitors_may_see(council)
        council.database.close()
        server = subprocess.Popen(
            [sys.executable, "-m", "ilo_geo.cli.main", "serve", "--port", "0"],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "ILO_GEO_WORKSPACE": workspace, "ILO_GEO_DATABASE_URL": ""},
        )
        try:
            address = _first_line(server)
            arguments = ["--no-sandbox", "--disable-background-networking"]
            browser = playwright.chromium.launch(executable_path=browser_path, args=arguments)
            yield from _measure(browser, address)
            browser.close()
        finally:
            server.terminate()
            server.wait()


def _first_line(server: subprocess.Popen[str]) -> str:
    if server.stdout is None:
        raise RuntimeError
    return server.stdout.readline().strip()


def _measure(browser: Browser, address: str) -> Iterator[Figure]:
    first_s = min(_first_page_s(browser, address) for _ in range(RUNS))
    yield Figure("first page: headline, figures, legend in place", "", first_s, "≤ 2.5 s")

    page = browser.new_context(viewport=DESKTOP).new_page()
    requests: list[Request] = []
    page.on("requestfinished", lambda request: requests.append(request))
    page.goto(f"{address}areas-verdes")
    page.locator("#legend li").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(BETWEEN_CHANGES_MS)
    sent = [(urlparse(r.url).path, r.sizes()["responseBodySize"]) for r in requests]
    data_bytes = [(size, path) for path, size in sent if not path.startswith(CODE)]
    kb = sum(size for size, _ in data_bytes) / 1000
    print(f"initial data, gzipped, code excluded: {kb:.0f} kB (target ≤ 300 kB), the largest:")
    for size, path in sorted(data_bytes, reverse=True)[:4]:
        print(f"  {size / 1000:7.1f} kB {path}")
    requests.clear()
    standard = page.locator("input[id*=standard_m2_per_inhab]").first
    for value in STANDARDS_M2:
        standard.fill(str(value))
        standard.press("Enter")
        page.wait_for_timeout(BETWEEN_CHANGES_MS)
    calls = [r for r in requests if urlparse(r.url).path == CALLBACK]
    ordered = sorted(r.timing["responseEnd"] / 1000 for r in calls)
    p95_s = ordered[int(0.95 * (len(ordered) - 1))]
    yield Figure("callbacks, 95 of 100 within", f"{len(ordered)} calls", p95_s, "≤ 0.25 s")


def _first_page_s(browser: Browser, address: str) -> float:
    """Return the time from an empty cache to the headline and the painted map."""
    page = browser.new_context(viewport=DESKTOP).new_page()
    start = time.perf_counter()
    page.goto(f"{address}areas-verdes", wait_until="commit")
    page.locator("#green-result .figures").wait_for()
    page.locator("#legend li").first.wait_for()
    elapsed_s = time.perf_counter() - start
    page.close()
    return elapsed_s
