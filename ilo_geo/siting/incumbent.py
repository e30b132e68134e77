"""The best choice a search has found and the bound it has proved, at any moment."""

from __future__ import annotations

import numpy as np

from ilo_geo.core.progress import Progress
from ilo_geo.siting.answer import CLOSED_RATIO
from ilo_geo.siting.answer import Limits
from ilo_geo.siting.problem import Floats
from ilo_geo.siting.problem import Ints

TELL_EVERY_SECONDS = 0.25


class Incumbent:
    """Keeps the best choice and the best bound, and says when to stop.

    Values are of the problem's own sense: more is better where ``maximises``.

    Parameters
    ----------
    units
        Values of which every objective is a sum; where all are whole, so is the objective, and a
        bound is moved to the next whole number.
    began
        Reading of the clock when the search began; now, if None.
    """

    def __init__(
        self,
        limits: Limits,
        progress: Progress,
        units: Floats,
        *,
        maximises: bool,
        began: float | None = None,
    ) -> None:
        self.limits = limits
        self.maximises = maximises
        self.selected: Ints | None = None
        self.objective = -np.inf if maximises else np.inf
        self.bound = np.inf if maximises else 0.0
        self._progress = progress
        self._whole = bool((units == np.round(units)).all())
        self._began = limits.clock() if began is None else began
        self._told = self._began

    @property
    def seconds(self) -> float:
        """Return how long the search has run."""
        return self.limits.clock() - self._began

    @property
    def seconds_left(self) -> float:
        """Return how long the search may still run."""
        return self.limits.seconds - self.seconds

    @property
    def gap_ratio(self) -> float:
        """Return the distance of objective and bound as a share of the larger one."""
        if self.selected is None or not np.isfinite(self.bound):
            return np.inf
        larger = max(abs(self.objective), abs(self.bound))
        return abs(self.bound - self.objective) / larger if larger else 0.0

    @property
    def closed(self) -> bool:
        """Return whether nothing better can exist."""
        return self.gap_ratio <= CLOSED_RATIO

    @property
    def done(self) -> bool:
        """Return whether the search should end."""
        return self.gap_ratio <= max(self.limits.gap_ratio, CLOSED_RATIO) or self.seconds_left <= 0

    def better(self, objective: float) -> bool:
        """Return whether ``objective`` beats the best."""
        return objective > self.objective if self.maximises else objective < self.objective

    def offer(self, selected: Ints, objective: float) -> bool:
        """Keep a choice that obeys every rule if it is the best; say whether it was."""
        if self.selected is not None and not self.better(objective):
            return False
        self.selected = np.sort(np.asarray(selected, dtype=np.int64))
        self.objective = float(objective)
        self.prove(self.bound)
        return True

    def prove(self, bound: float) -> None:
        """Keep a bound that holds for every choice if it is the tightest."""
        if np.isfinite(bound) and self._whole:
            rounding = 1e-7 * max(1.0, abs(bound))
            bound = float(
                np.floor(bound + rounding) if self.maximises else np.ceil(bound - rounding)
            )
        # a choice that exists is its own bound: arithmetic may leave the proof a hair behind it
        if self.maximises:
            self.bound = max(min(self.bound, bound), self.objective)
        else:
            self.bound = min(max(self.bound, bound), self.objective)

    def tell(self, *, at_once: bool = False) -> None:
        """Report where the search is, not too often; may raise what the listener answers."""
        now = self.limits.clock()
        if not at_once and now - self._told < TELL_EVERY_SECONDS:
            return
        self._told = now
        ratio = min(self.seconds / max(self.limits.seconds, TELL_EVERY_SECONDS), 1.0)
        progress = self._progress
        if self.selected is None:
            progress("progress.siting", ratio)
        else:
            progress("progress.siting", ratio, objective=self.objective, bound=self.bound)
