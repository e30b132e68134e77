"""Asks servers in turn, waits as long as they ask for, and gives up in one line.

Clock and sleep are handed in, so that nothing waits in a test.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from email.utils import parsedate_to_datetime
from typing import TypeVar

from ilo_geo.core.errors import FetchError
from ilo_geo.core.progress import Progress
from ilo_geo.io.fetch.settings import Manners

T = TypeVar("T")
# how long a wait goes on without looking whether the user still wants it
SLICE_S = 0.5


class SetbackError(Exception):
    """One try failed; ``error`` is what to say if it was the last.

    ``wait_s`` is what the server asked for; ``out`` says that asking it again is of no use.
    """

    def __init__(self, error: FetchError, *, wait_s: float = 0.0, out: bool = False) -> None:
        self.error = error
        self.wait_s = wait_s
        self.out = out
        super().__init__(str(error))


@dataclass(frozen=True)
class Watch:
    """What tells the time and lets it pass."""

    now_s: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass
class Patience:
    """Remembers which server asked for how much patience, for the length of one fetch."""

    manners: Manners
    watch: Watch = field(default_factory=Watch)
    ready_s: dict[str, float] = field(default_factory=dict)
    n_failures: dict[str, int] = field(default_factory=dict)
    out: set[str] = field(default_factory=set)

    def ask(self, endpoints: tuple[str, ...], attempt: Callable[[str], T], progress: Progress) -> T:
        """Return what ``attempt(endpoint)`` does once it succeeds.

        Raises
        ------
        FetchError
            Every server refused, or all tries failed: the reason of the last.
        """
        last: FetchError | None = None
        for _try in range(self.manners.max_tries):
            endpoint = self._next(endpoints)
            if endpoint is None:
                break
            wait_s = max(self.ready_s.get(endpoint, 0.0) - self.watch.now_s(), 0.0)
            if last is not None and wait_s > self.manners.max_wait_s:
                break
            self._wait(max(wait_s, self.manners.pause_s), progress)
            try:
                answer = attempt(endpoint)
            except SetbackError as setback:
                last = setback.error
                self._remember(endpoint, setback)
            else:
                self.n_failures.pop(endpoint, None)
                return answer
        raise last or FetchError("fetch.no_server", where=", ".join(endpoints))

    def _next(self, endpoints: tuple[str, ...]) -> str | None:
        """Return the first server that may be asked now, else the one that may soonest."""
        left = [endpoint for endpoint in endpoints if endpoint not in self.out]
        now_s = self.watch.now_s()
        return min(left, key=lambda it: max(self.ready_s.get(it, 0.0), now_s), default=None)

    def _remember(self, endpoint: str, setback: SetbackError) -> None:
        if setback.out:
            self.out.add(endpoint)
        failures = self.n_failures.get(endpoint, 0)
        self.n_failures[endpoint] = failures + 1
        own_s = self.manners.first_wait_s * self.manners.wait_factor**failures
        # what the server asks for is never cut short
        wait_s = max(min(own_s, self.manners.max_wait_s), setback.wait_s)
        self.ready_s[endpoint] = self.watch.now_s() + wait_s

    def _wait(self, seconds: float, progress: Progress) -> None:
        until_s = self.watch.now_s() + seconds
        while (left_s := until_s - self.watch.now_s()) > 0:
            # the listener may raise: whoever waits can always stop
            progress("progress.fetch_wait", 0.0)
            self.watch.sleep(min(left_s, SLICE_S))


def asked_wait_s(header: str | None, now: float) -> float:
    """Return the seconds of a ``Retry-After``, which is a number or a date; 0 where it is neither.

    Examples
    --------
    >>> asked_wait_s("7", 0.0), asked_wait_s("Thu, 01 Jan 1970 00:01:00 GMT", 0.0)
    (7.0, 60.0)
    >>> asked_wait_s("soon", 0.0), asked_wait_s(None, 0.0), asked_wait_s("-3", 0.0)
    (0.0, 0.0, 0.0)
    """
    if not header:
        return 0.0
    if header.strip().isdecimal():
        return float(header)
    try:
        return max(parsedate_to_datetime(header).timestamp() - now, 0.0)
    except ValueError:
        return 0.0
