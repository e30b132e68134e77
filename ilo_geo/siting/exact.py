"""Runs the exact solver (HiGHS) in this process: warm start, live bound, ends when asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import highspy
import numpy as np

from ilo_geo.core.errors import CancelledError
from ilo_geo.core.progress import EnoughError
from ilo_geo.siting.incumbent import Incumbent
from ilo_geo.siting.model import Model
from ilo_geo.siting.problem import Floats
from ilo_geo.siting.problem import Ints

# the solver proves to its own tolerance; a difference below this is that, not a missed choice
PROOF_RATIO = 1e-6
# too little time for the solver to do anything
LEAST_SECONDS = 0.02
# share of the time left that the solver is told of
TIME_RATIO = 0.9

Event = highspy.cb.HighsCallbackType


def solver_of(model: Model) -> highspy.Highs:
    """Return a quiet solver that holds ``model``."""
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(model.value), len(model.low)
    lp.sense_ = highspy.ObjSense.kMaximize if model.maximises else highspy.ObjSense.kMinimize
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = model.value, model.lower, model.upper
    lp.row_lower_, lp.row_upper_ = model.low, model.high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = lp.num_col_, lp.num_row_
    lp.a_matrix_.start_ = model.rows.indptr.astype(np.int32)
    lp.a_matrix_.index_ = model.rows.indices.astype(np.int32)
    lp.a_matrix_.value_ = model.rows.data
    if len(model.whole):
        kinds = [highspy.HighsVarType.kContinuous] * lp.num_col_
        for column in model.whole.tolist():
            kinds[column] = highspy.HighsVarType.kInteger
        lp.integrality_ = kinds
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    # the number of threads is the process's affair: left alone, or runs beside this one fail
    solver.setOptionValue("parallel", "off")
    solver.passModel(lp)
    return solver


class ExactRun:
    """One run of the solver on a model, feeding the incumbent.

    Parameters
    ----------
    value_of
        Returns the objective of a choice of sites that obeys every rule, None for one that does
        not.
    values_in_callback
        Whether choices are judged while the solver runs; a judge that needs a solver itself waits.
    """

    def __init__(
        self,
        model: Model,
        incumbent: Incumbent,
        value_of: Callable[[Ints], float | None],
        *,
        values_in_callback: bool,
    ) -> None:
        self._model = model
        self._incumbent = incumbent
        self._value_of = value_of
        self._values_in_callback = values_in_callback
        self._found: list[Floats] = []
        self._asked: BaseException | None = None

    def run(self, warm: Ints | None) -> highspy.HighsModelStatus | None:
        """Solve until proved, out of time or asked to end; None if there was no time.

        Raises
        ------
        EnoughError, CancelledError, KeyboardInterrupt
            As the listener of the progress answered.
        """
        if self._incumbent.seconds_left < LEAST_SECONDS:
            return None
        solver = solver_of(self._model)
        self._set_options(solver)
        if warm is not None:
            columns = np.arange(self._model.n_sites, dtype=np.int32)
            chosen = np.zeros(self._model.n_sites)
            chosen[warm] = 1.0
            solver.setSolution(self._model.n_sites, columns, chosen)
        solver.setCallback(self._on_event, None)
        for event in (
            Event.kCallbackMipInterrupt,
            Event.kCallbackMipImprovingSolution,
            Event.kCallbackSimplexInterrupt,
            Event.kCallbackIpmInterrupt,
        ):
            solver.startCallback(event)
        solver.run()
        status = solver.getModelStatus()
        self._collect(solver, status)
        if self._asked is not None:
            raise self._asked
        return status

    def _set_options(self, solver: highspy.Highs) -> None:
        limits = self._incumbent.limits
        # the solver looks at the clock now and then only
        solver.setOptionValue("time_limit", TIME_RATIO * self._incumbent.seconds_left)
        solver.setOptionValue("random_seed", limits.seed % (2**31))
        solver.setOptionValue("mip_rel_gap", max(limits.gap_ratio, PROOF_RATIO / 1e3))
        solver.setOptionValue("mip_abs_gap", 0.0)

    def _on_event(self, kind: Any, _message: str, out: Any, into: Any, _data: object) -> None:
        if kind == Event.kCallbackMipImprovingSolution:
            self._found.append(np.array(out.mip_solution[: self._model.n_sites]))
            return
        if kind == Event.kCallbackMipInterrupt:
            if self._values_in_callback:
                self._offer_found()
            if np.isfinite(out.mip_dual_bound):
                self._incumbent.prove(out.mip_dual_bound)
        try:
            self._incumbent.tell()
        except (EnoughError, CancelledError, KeyboardInterrupt) as answer:
            # must not pass through the solver: raised again when it has ended
            self._asked = answer
        into.user_interrupt = self._asked is not None or self._incumbent.done

    def _collect(self, solver: highspy.Highs, status: highspy.HighsModelStatus) -> None:
        info = solver.getInfo()
        if info.primal_solution_status == highspy.kSolutionStatusFeasible:
            solution = np.array(solver.getSolution().col_value[: self._model.n_sites])
            self._found.append(solution)
        self._offer_found()
        bound = info.mip_dual_bound
        if status == highspy.HighsModelStatus.kOptimal and self._incumbent.selected is not None:
            best = self._incumbent.objective
            near = abs(bound - best) <= PROOF_RATIO * max(abs(bound), abs(best))
            bound = best if near else bound
        if np.isfinite(bound):
            self._incumbent.prove(bound)

    def _offer_found(self) -> None:
        """Judge what the solver found, its last and best first, until one obeys every rule."""
        while self._found:
            selected = np.flatnonzero(self._found.pop() > 0.5)
            value = self._value_of(selected)
            if value is not None:
                self._incumbent.offer(selected, value)
                self._found.clear()
