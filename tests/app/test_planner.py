"""Long work: it shows how far it is, can be stopped, and is not done twice."""

from __future__ import annotations

import dataclasses
import threading
import time

import pytest

from dash_app import planner as module
from dash_app.planner import Planner
from ilo_geo.core.errors import CancelledError
from ilo_geo.core.errors import ParameterError
from ilo_geo.services.analyses import analysis_of


@pytest.fixture
def slow(monkeypatch, small_area):
    """Return a planner whose analysis waits to be let go, and what lets it go."""
    go, calls = threading.Event(), []

    def analyse(_area, params, progress):
        calls.append(params)
        while not go.is_set():
            progress("progress.network", 0.4)
            time.sleep(0.01)
        return "result"

    slowly = dataclasses.replace(analysis_of("green"), run=analyse)
    monkeypatch.setattr(module, "analysis_of", lambda _name: slowly)
    monkeypatch.setattr(module, "INLINE_WAIT_S", 0.05)
    planner = Planner(small_area)
    yield planner, go, calls
    go.set()
    planner.jobs.close()


def _ended(planner, job):
    while not (state := planner.state(job)).ended:
        time.sleep(0.01)
    return state


def test_long_work_becomes_a_job_that_tells_how_far_it_is(slow):
    planner, go, calls = slow
    params = planner.parse({})
    job = planner.start("green", params).job
    assert planner.state(job).step == "progress.network"
    assert planner.start("green", params).job == job
    go.set()
    _ended(planner, job)
    assert planner.start("green", params).job is None
    assert len(calls) == 1


def test_cancelled_work_keeps_nothing(slow):
    planner, go, calls = slow
    params = planner.parse({})
    job = planner.start("green", params).job
    planner.jobs.cancel(job)
    assert isinstance(_ended(planner, job).error, CancelledError)
    go.set()
    planner.result("green", params)
    assert len(calls) == 2


@pytest.mark.parametrize(
    "raw",
    [
        {"standard_m2_per_inhab": 900},
        {"standard_m2_per_inhab": "nan"},
        {"population_base": "everybody"},
        {"year": 1900},
        {"access_standard": "../../etc/passwd"},
        {"__class__": "x"},
        {"cell_resolution": 15},
    ],
)
def test_a_forged_parameter_is_refused(planner, raw):
    with pytest.raises(ParameterError):
        planner.parse(raw)
