"""How often something may be asked, counted over the last while and forgotten after it.

Counts are kept in this process: they cost a reader nothing, and two processes count each for
itself.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field

from ilo_geo.core.errors import TooOftenError

# who asks for nothing within the window is forgotten; so are the oldest, should there be more
MOST_KEYS = 10_000


@dataclass
class Rate:
    """So many within a window, for each who asks."""

    window_s: float
    clock: Callable[[], float] = time.monotonic
    _asked: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def take(self, key: str, most: int) -> None:
        """Count one more of ``key``.

        Raises
        ------
        TooOftenError
            It would be more than ``most``; ``seconds`` says when there is room again.
        """
        with self._turn:
            now = self.clock()
            times = self._asked.setdefault(key, deque())
            self._asked.move_to_end(key)
            while times and times[0] <= now - self.window_s:
                times.popleft()
            if len(times) >= most:
                seconds = max(1, math.ceil(times[0] + self.window_s - now))
                raise TooOftenError("council.too_often", most=most, seconds=seconds)
            times.append(now)
            while len(self._asked) > MOST_KEYS:
                self._asked.popitem(last=False)
