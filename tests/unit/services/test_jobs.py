"""Background jobs: done, failed, cancelled."""

import threading
import time

import pytest

from ilo_geo.core.errors import LayerNotFoundError
from ilo_geo.services.jobs import JobRunner
from ilo_geo.services.jobs import Phase


@pytest.fixture
def runner():
    runner = JobRunner(n_workers=1)
    yield runner
    runner.close()


def ended(runner, job_id):
    deadline = time.monotonic() + 10
    while not (state := runner.state(job_id)).ended:
        assert time.monotonic() < deadline, "the job did not end"
        time.sleep(0.005)
    return state


def test_a_job_gives_its_value(runner):
    state = ended(runner, runner.submit(lambda progress: 41 + 1))
    assert (state.phase, state.value, state.done_ratio) == (Phase.DONE, 42, 1.0)


def test_an_expected_error_is_kept_for_the_reader(runner):
    def fail(progress):
        raise LayerNotFoundError("layer.unknown", found="x", where="y", expected="z")

    state = ended(runner, runner.submit(fail))
    assert state.phase is Phase.FAILED
    assert state.error.code == "layer.unknown"


def test_an_unexpected_error_ends_the_job_and_is_told(runner):
    state = ended(runner, runner.submit(lambda progress: 1 / 0))
    assert state.phase is Phase.FAILED
    assert "ZeroDivisionError" in str(state.error)


def test_cancel_stops_at_the_next_step(runner):
    at_work, go_on = threading.Event(), threading.Event()

    def work(progress):
        at_work.set()
        assert go_on.wait(10)
        progress("progress.layers", 0.5)
        return "too late"

    job_id = runner.submit(work)
    assert at_work.wait(10)
    runner.cancel(job_id)
    go_on.set()
    state = ended(runner, job_id)
    assert (state.phase, state.value) == (Phase.CANCELLED, None)


def test_an_unknown_job_has_no_state(runner):
    runner.cancel("nobody")
    assert runner.state("nobody") is None
