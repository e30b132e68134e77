"""The planner in a real browser on loopback: first page, initial data, callbacks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from urllib.parse import urlparse

from bench_figures import Figure
from playwright.sync_api import Page
from playwright.sync_api import sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
STANDARDS_M2 = (3, 4, 5, 6, 7, 8, 10, 11, 12, 13)
# what dash and its component libraries send is code, not data
CODE = ("/_dash-component-suites/", "/assets/")
THEME_DRAWN = "() => document.querySelectorAll('.leaflet-container canvas').length > 0"


def planner_in_the_browser() -> Iterator[Figure]:
    """Open Áreas verdes on Ilo, then change the standard ten times."""
    browser_path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser_path is None:
        print("no Chromium: the planner was not measured")
        return
    with tempfile.TemporaryDirectory() as workspace, sync_playwright() as playwright:
        server = subprocess.Popen(
            [sys.executable, "-m", "ilo_geo.cli.main", "serve", "--port", "0"],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "ILO_GEO_WORKSPACE": workspace},
        )
        try:
            address = _first_line(server)
            arguments = ["--no-sandbox", "--disable-background-networking"]
            browser = playwright.chromium.launch(executable_path=browser_path, args=arguments)
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"{address}areas-verdes")
            page.wait_for_load_state("networkidle")
            page.close()
            yield from _measure(browser.new_page(viewport={"width": 1440, "height": 900}), address)
            browser.close()
        finally:
            server.terminate()
            server.wait()


def _first_line(server: subprocess.Popen[str]) -> str:
    if server.stdout is None:
        raise RuntimeError
    return server.stdout.readline().strip()


def _measure(page: Page, address: str) -> Iterator[Figure]:
    data_bytes: dict[str, int] = {}
    callback_s: list[float] = []

    def finished(request: object) -> None:
        path = urlparse(request.url).path
        if not path.startswith(CODE):
            sizes = request.sizes()
            data_bytes[f"{len(data_bytes)} {path}"] = sizes["responseBodySize"]
        if path == "/_dash-update-component":
            callback_s.append(request.timing["responseEnd"] / 1000)

    page.on("requestfinished", finished)
    start = time.perf_counter()
    page.goto(f"{address}areas-verdes")
    page.wait_for_function(THEME_DRAWN)
    page.locator("#legend").wait_for()
    yield Figure("first page interactive", "", time.perf_counter() - start, "≤ 2.5 s")
    page.wait_for_load_state("networkidle")
    kb = sum(data_bytes.values()) / 1000
    for name, size in sorted(data_bytes.items(), key=lambda item: -item[1])[:6]:
        print(f"  {size / 1000:7.1f} kB {name}")
    print(f"initial data, gzipped, code excluded: {kb:.0f} kB (target ≤ 300 kB)")
    callback_s.clear()
    standard = page.locator("input[id*=standard_m2_per_inhab]").first
    for value in STANDARDS_M2:
        standard.fill(str(value))
        standard.press("Enter")
        page.wait_for_timeout(600)
    ordered = sorted(callback_s)
    p95_s = ordered[int(0.95 * (len(ordered) - 1))]
    yield Figure("callbacks, 95 of 100 within", f"{len(ordered)} calls", p95_s, "≤ 0.25 s")
