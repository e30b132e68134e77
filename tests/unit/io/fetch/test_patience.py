"""Waiting as servers ask, on a clock that only sleeping moves."""

from __future__ import annotations

import pytest
from fetching import Clock
from fetching import patience
from fetching import settings_for
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ilo_geo.core.errors import CancelledError
from ilo_geo.core.errors import FetchError
from ilo_geo.core.progress import silent
from ilo_geo.io.fetch.patience import Patience
from ilo_geo.io.fetch.patience import SetbackError
from ilo_geo.io.fetch.settings import fetch_settings


def failing(wait_s: float = 0.0, *, out: bool = False) -> SetbackError:
    return SetbackError(FetchError("fetch.busy", where="x", found="1"), wait_s=wait_s, out=out)


@given(st.lists(st.tuples(st.floats(0, 200), st.booleans()), max_size=12))
@hypothesis_settings(deadline=None, max_examples=60)
def test_no_server_is_asked_before_it_is_ready_nor_after_it_refused(tmp_path_factory, script):
    manners = fetch_settings(tmp_path_factory.getbasetemp() / "none", {}).manners
    clock, ready, out = Clock(), {}, set()
    asked = []

    def attempt(endpoint: str) -> str:
        asked.append(endpoint)
        assert endpoint not in out
        assert clock.now_s >= ready.get(endpoint, 0.0) - 1e-6
        if len(asked) > len(script):
            return "done"
        wait_s, is_out = script[len(asked) - 1]
        ready[endpoint] = clock.now_s + wait_s
        if is_out:
            out.add(endpoint)
        raise failing(wait_s, out=is_out)

    try:
        Patience(manners, clock.watch).ask(("a", "b", "c"), attempt, silent)
    except FetchError:
        assert len(asked) == manners.max_tries or out == {"a", "b", "c"}
    assert len(asked) <= manners.max_tries


def test_another_server_is_asked_at_once_and_the_slow_one_not_again(tmp_path):
    settings, clock = settings_for(tmp_path), Clock()
    waits = patience(settings, clock)
    asked = []

    def attempt(endpoint: str) -> str:
        asked.append(endpoint)
        if endpoint == "slow":
            raise failing(120)
        return endpoint

    for _ in range(3):
        assert waits.ask(("slow", "quick"), attempt, silent) == "quick"
    assert asked == ["slow", "quick", "quick", "quick"]
    assert clock.now_s == pytest.approx(4 * settings.manners.pause_s)


def test_a_server_that_wants_an_hour_is_asked_another_day(tmp_path):
    settings, clock = settings_for(tmp_path), Clock()

    def attempt(_endpoint: str) -> None:
        raise failing(3600)

    with pytest.raises(FetchError):
        patience(settings, clock).ask(("a",), attempt, silent)
    assert clock.now_s <= settings.manners.pause_s


def test_whoever_waits_can_stop(tmp_path):
    settings, clock = settings_for(tmp_path), Clock()

    def progress(_code: str, _ratio: float, /, **_figures: float) -> None:
        if clock.now_s > 2:
            raise CancelledError

    def attempt(_endpoint: str) -> None:
        raise failing(100)

    with pytest.raises(CancelledError):
        patience(settings, clock).ask(("a",), attempt, progress)
    assert clock.now_s < 3
