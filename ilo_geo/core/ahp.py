"""Weights from pairwise judgements: the analytic hierarchy process (AHP).

A judgement says how many times more one criterion weighs than another (1/9 to 9). Weights are
found as the manual of CENEPRED does: each column is divided by its sum and the rows are averaged.
For consistent judgements they equal Saaty's principal eigenvector, otherwise they come close.

Formulas, ``A`` the matrix, ``w`` the weights, ``n`` criteria::

    λmax = mean of (A w)_i / w_i
    CI = (λmax − n) / (n − 1)
    CR = CI / RI(n)

Sources: Saaty 1980; CENEPRED, Manual EVAR v2 (2014). Numbers lie in ``ahp.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from types import MappingProxyType

import numpy as np
from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.errors import ParameterError
from ilo_geo.core.parameters import Verified
from ilo_geo.core.text import load_package_yaml

# what is left of a consistent matrix by rounding of the processor
NOISE = 1e-12
RATIO_FORMAT = ".3f"
RATIO_DECIMALS = 9
# a judgement as people write it; no exponents, which could ask for numbers without end
NUMBER = re.compile(r"-?\d{1,6}(\.\d{1,12})?|-?\d{1,6}/[1-9]\d{0,5}")


class Figure(BaseModel):
    """One number with its source."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float
    source: str
    verified: Verified


class FigureBySize(BaseModel):
    """One number for each number of criteria, with its source."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    values: dict[int, float]
    source: str
    verified: Verified


class AhpRules(BaseModel):
    """The numbers of the method."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scale_max: Figure
    rounding_ratio: Figure
    random_index: FigureBySize
    ratio_limit: FigureBySize
    ratio_limit_larger: Figure

    @property
    def max_criteria(self) -> int:
        """Return the most criteria whose consistency can be told."""
        return max(self.random_index.values)

    def random_index_of(self, n: int) -> float | None:
        """Return the random index; None for one or two criteria, which cannot disagree."""
        return self.random_index.values.get(n)

    def ratio_limit_of(self, n: int) -> float:
        """Return the largest consistency ratio accepted for ``n`` criteria."""
        return self.ratio_limit.values.get(n, self.ratio_limit_larger.value)


@cache
def ahp_rules() -> AhpRules:
    """Return the numbers of the method."""
    return AhpRules.model_validate(load_package_yaml("ilo_geo.core", "ahp.yaml"))


@dataclass(frozen=True)
class Disagreement:
    """The judgement whose change helps most: ``found`` says one thing, the others ``suggested``.

    ``consistency_ratio`` is what the matrix would have with the suggestion.
    """

    first: str
    second: str
    found: float
    suggested: float
    consistency_ratio: float


@dataclass(frozen=True)
class AhpWeights:
    """What a matrix of judgements says.

    Attributes
    ----------
    matrix
        Reciprocal judgements, rows and columns in the order of ``weights``; read-only.
    weights
        Weight of each criterion, summing to 1.
    lambda_max, consistency_index, consistency_ratio
        See the module; the ratio is 0 for one or two criteria.
    consistency_limit
        Largest ratio accepted for so many criteria.
    """

    matrix: np.ndarray
    weights: Mapping[str, float]
    lambda_max: float
    consistency_index: float
    consistency_ratio: float
    consistency_limit: float

    @property
    def criteria(self) -> tuple[str, ...]:
        """Return the ids of the criteria, in the order of the matrix."""
        return tuple(self.weights)

    @property
    def consistent(self) -> bool:
        """Return whether the judgements agree well enough to be used."""
        return self.consistency_ratio < self.consistency_limit


def ahp_weights(text: str, criteria: Sequence[str], *, where: str) -> AhpWeights:
    """Return the weights of judgements given as text, refusing those that contradict each other.

    Parameters
    ----------
    text
        Rows separated by ``;``, judgements by blanks, fractions as ``1/2``: either the part right
        of the diagonal (``"2 4; 3"`` for three criteria) or the whole matrix.
    criteria
        Ids in the order of the rows.
    where
        Name of the parameter, for messages.

    Raises
    ------
    ParameterError
        The text is no such matrix (`parse_judgements`), or its consistency ratio is not below the
        limit; the judgement whose change helps most is named.
    """
    solved = solve(parse_judgements(text, criteria, where=where), criteria)
    if not solved.consistent:
        worst = most_disagreeing(solved)
        raise ParameterError(
            "ahp.inconsistent",
            where=where,
            found=f"{solved.consistency_ratio:{RATIO_FORMAT}}",
            limit=f"{solved.consistency_limit:.2f}",
            pair=_pair(worst.first, worst.second),
            judgement=as_judgement(worst.found),
            suggested=as_judgement(worst.suggested),
            improved=f"{worst.consistency_ratio:{RATIO_FORMAT}}",
        )
    return solved


def solve(matrix: np.ndarray, criteria: Sequence[str]) -> AhpWeights:
    """Return weights and consistency of a reciprocal ``matrix``, whatever its consistency."""
    rules, n = ahp_rules(), len(criteria)
    weights, lambda_max = _weights(matrix)
    index = (lambda_max - n) / (n - 1) if n > 1 else 0.0
    index = index if index > NOISE else 0.0
    random_index = rules.random_index_of(n)
    own = matrix.copy()
    own.flags.writeable = False
    return AhpWeights(
        matrix=own,
        weights=MappingProxyType(dict(zip(criteria, weights.tolist(), strict=True))),
        lambda_max=lambda_max,
        consistency_index=index,
        consistency_ratio=index / random_index if random_index else 0.0,
        consistency_limit=rules.ratio_limit_of(n),
    )


def _weights(matrix: np.ndarray) -> tuple[np.ndarray, float]:
    weights = (matrix / matrix.sum(axis=0)).mean(axis=1)
    return weights, float((matrix @ weights / weights).mean())


def most_disagreeing(solved: AhpWeights) -> Disagreement:
    """Return the one judgement whose change, to a step of the scale, lowers the ratio most.

    Every judgement is tried with every step 1/9 … 9 while the others stay. Of changes that help
    alike (any judgement of three mends a triad) the first is named.
    """
    steps = np.arange(1, int(ahp_rules().scale_max.value) + 1, dtype=float)
    steps = np.concatenate([1 / steps[:0:-1], steps])
    criteria, tried = solved.criteria, []
    for row, column in zip(*np.triu_indices(len(criteria), 1), strict=True):
        for step in steps:
            changed = solved.matrix.copy()
            changed[row, column], changed[column, row] = step, 1 / step
            tried.append(
                Disagreement(
                    first=criteria[row],
                    second=criteria[column],
                    found=float(solved.matrix[row, column]),
                    suggested=float(step),
                    consistency_ratio=solve(changed, criteria).consistency_ratio,
                )
            )
    return min(tried, key=lambda one: round(one.consistency_ratio, RATIO_DECIMALS))


def parse_judgements(text: str, criteria: Sequence[str], *, where: str) -> np.ndarray:
    """Return the reciprocal matrix of judgements given as text (form: `ahp_weights`).

    In a matrix given whole, printed rounding is forgiven: of each pair the side of 1 or more is
    kept and the other made its reciprocal.

    Raises
    ------
    ParameterError
        Too few or many criteria or judgements, no number, not positive, outside 1/9–9, a diagonal
        other than 1, or a pair that is not reciprocal; the pair is named.
    """
    n = len(criteria)
    if not 1 < n <= ahp_rules().max_criteria:
        raise ParameterError("ahp.n_criteria", where=where, found=n, most=ahp_rules().max_criteria)
    rows = [re.split(r",\s+|\s+", row.strip()) for row in text.strip(" ;\n").split(";")]
    sizes = [len(row) for row in rows]
    upper, whole = list(range(n - 1, 0, -1)), [n] * n
    if sizes not in (upper, whole):
        raise ParameterError(
            "ahp.size",
            where=where,
            found=" + ".join(map(str, sizes)),
            upper=" + ".join(map(str, upper)),
            n=n,
            criteria=", ".join(criteria),
        )
    matrix = np.eye(n)
    for i, row in enumerate(rows):
        for j, token in enumerate(row, start=0 if sizes == whole else i + 1):
            matrix[i, j] = _number(token, _pair(criteria[i], criteria[j]), where)
    if sizes == whole:
        return _reciprocal(matrix, criteria, where)
    lower = np.tril_indices(n, -1)
    matrix[lower] = 1 / matrix.T[lower]
    return matrix


def _number(token: str, pair: str, where: str) -> float:
    most = ahp_rules().scale_max.value
    slack = 1 + ahp_rules().rounding_ratio.value
    if not NUMBER.fullmatch(token):
        raise ParameterError("ahp.not_a_number", where=where, pair=pair, found=token)
    value = float(Fraction(token))
    if value <= 0:
        raise ParameterError("ahp.not_positive", where=where, pair=pair, found=token)
    if not 1 / (most * slack) <= value <= most:
        raise ParameterError(
            "ahp.outside_scale", where=where, pair=pair, found=token, most=f"{most:g}"
        )
    # 0.11 stands for 1/9
    return max(value, 1 / most)


def _reciprocal(matrix: np.ndarray, criteria: Sequence[str], where: str) -> np.ndarray:
    """Return ``matrix`` exactly reciprocal, or refuse a pair that is not within rounding."""
    exact = matrix.copy()
    for i, first in enumerate(criteria):
        if matrix[i, i] != 1:
            found = as_judgement(matrix[i, i])
            raise ParameterError("ahp.diagonal", where=where, criterion=first, found=found)
        for j in range(i + 1, len(criteria)):
            there, back = matrix[i, j], matrix[j, i]
            if abs(there * back - 1) > ahp_rules().rounding_ratio.value:
                raise ParameterError(
                    "ahp.not_reciprocal",
                    where=where,
                    pair=_pair(first, criteria[j]),
                    found=as_judgement(there),
                    opposite=as_judgement(back),
                    expected=as_judgement(1 / there),
                )
            if there >= back:
                exact[j, i] = 1 / there
            else:
                exact[i, j] = 1 / back
    return exact


def _pair(first: str, second: str) -> str:
    return f"{first} / {second}"


def as_judgement(value: float) -> str:
    """Return a judgement as people write it: ``3``, ``1/3`` or ``2.5``."""
    if value < 1 and abs(1 / value - round(1 / value)) < ahp_rules().rounding_ratio.value:
        return f"1/{round(1 / value)}"
    return f"{value:.3g}"
