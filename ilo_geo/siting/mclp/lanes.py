"""Workers whose results are taken in the order the work was given out.

What is given out next depends on the results taken so far only, never on which worker was faster:
so a search answers the same on a fast and on a slow machine. Linear algebra takes one thread a
worker meanwhile: more would wait for each other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYetError
from contextlib import contextmanager
from threading import Event
from typing import Generic
from typing import TypeVar

from threadpoolctl import threadpool_limits

WORKERS = 2
# pieces given out and not yet taken: more than workers, so that none waits for the taker
MOST_UNDER_WAY = 4

P = TypeVar("P")


class Lanes(Generic[P]):
    """Pieces of work under way, in order; ``do`` does one, and ends early once ``stopping``."""

    def __init__(self, executor: ThreadPoolExecutor, do: Callable[[P, Event], P]) -> None:
        self._executor, self._do = executor, do
        self._under_way: deque[Future[P]] = deque()
        self.stopping = Event()

    @property
    def have_room(self) -> bool:
        """Return whether another piece may be given."""
        return len(self._under_way) < MOST_UNDER_WAY

    def give(self, piece: P) -> None:
        """Put a piece of work at the end."""
        self._under_way.append(self._executor.submit(self._do, piece, self.stopping))

    def take(self, while_waiting: Callable[[], None], every_s: float) -> P:
        """Return the oldest piece once done, calling back every so many seconds till then."""
        while True:
            try:
                piece = self._under_way[0].result(timeout=every_s)
            except NotYetError:
                while_waiting()
            else:
                self._under_way.popleft()
                return piece

    def rest(self) -> list[P]:
        """Ask the workers to come to an end, and return what they had got to, in order."""
        self.stopping.set()
        pieces = [future.result() for future in self._under_way]
        self._under_way.clear()
        return pieces


@contextmanager
def lanes(do: Callable[[P, Event], P]) -> Iterator[Lanes[P]]:
    """Yield lanes; whatever happens, nothing works on after the block."""
    executor = ThreadPoolExecutor(WORKERS, thread_name_prefix="siting")
    given: Lanes[P] = Lanes(executor, do)
    with threadpool_limits(limits=1, user_api="blas"):
        try:
            yield given
        finally:
            given.stopping.set()
            executor.shutdown(wait=True, cancel_futures=True)
