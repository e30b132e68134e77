"""Hazards and evacuation of the shipped city, from its layers in memory."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench_evacuation import evacuation_of_the_city
from bench_figures import Figure
from bench_flood import drawn_terrains

from ilo_geo.core.progress import silent
from ilo_geo.io.workspace import Workspace
from ilo_geo.services.analyses import analyses
from ilo_geo.services.areas import open_area
from ilo_geo.services.evacuation import EVACUATION
from ilo_geo.services.evacuation import evacuation_inputs
from ilo_geo.services.prepare import prepare_baseline

HAZARDS = ("tsunami", "fault", "tanks", "multihazard", "exposure", "evacuation", "measures")


def hazards_of_the_city() -> Iterator[Figure]:
    """Time 200 terrains, the evacuation, and every analysis cold with compiled kernels."""
    with tempfile.TemporaryDirectory() as made:
        workspace = Workspace(Path(made))
        area = open_area(None, workspace)
        prepare_baseline(area.catalogue)
        yield drawn_terrains(area)
        params = EVACUATION.parameters(area, {})
        yield from evacuation_of_the_city(evacuation_inputs(area, params), params)
        for name in HAZARDS:
            analyses()[name].run(area, analyses()[name].parameters(area, {}), silent)
        for name in HAZARDS:
            fresh = open_area(None, workspace)
            analysis = analyses()[name]
            start = time.perf_counter()
            analysis.run(fresh, analysis.parameters(fresh, {}), silent)
            elapsed_s = time.perf_counter() - start
            yield Figure(f"{name} of Ilo, cold from files", "", elapsed_s, "")
