"""Use case: two choices of one analysis side by side."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ilo_geo.core.errors import InputError
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Selection
from ilo_geo.proposals.draft import unit_of
from ilo_geo.services.parameters import BASE

ONLY_A, ONLY_B, BOTH = "only_a", "only_b", "both"


def compare_choices(a: AnalysisResult, b: AnalysisResult) -> pd.DataFrame:
    """Return the figures of two choices, index ``figure``.

    Objective, bound, gap and the number chosen come first, then every number of the summaries.
    Columns ``a``, ``b``, ``difference`` (b less a; missing where either is), ``unit_es`` and
    ``unit_en`` (None where the figure's name says none).

    Raises
    ------
    InputError
        Either chose nothing, or they differ in analysis, area or population base.
    """
    one, two = _comparable(a, b)
    values = pd.DataFrame(
        {"a": _figures(one, a.summary), "b": _figures(two, b.summary)}, dtype=float
    )
    # a figure that only the second has comes after those of the first, not by the alphabet
    order = dict.fromkeys((*_figures(one, a.summary), *_figures(two, b.summary)))
    table = values.reindex(list(order)).rename_axis("figure")
    table["difference"] = table["b"] - table["a"]
    units = [unit_of(name) for name in table.index]
    table["unit_es"] = [unit and unit.es for unit in units]
    table["unit_en"] = [unit and unit.en for unit in units]
    return table


def compare_ids(a: AnalysisResult, b: AnalysisResult) -> pd.DataFrame:
    """Return which of two choices holds each id, index ``id``, those of ``a`` first.

    Column ``chosen_in``: ``only_a``, ``only_b`` or ``both``. Raises as `compare_choices`.
    """
    one, two = (_ids(selection) for selection in _comparable(a, b))
    rows = {
        found: BOTH if found in one and found in two else ONLY_A if found in one else ONLY_B
        for found in dict.fromkeys((*one, *two))
    }
    index = pd.Index(list(rows), name="id", dtype=object)
    return pd.DataFrame({"chosen_in": list(rows.values())}, index=index)


def _comparable(a: AnalysisResult, b: AnalysisResult) -> tuple[Selection, Selection]:
    for name in ("analysis", "area"):
        if getattr(a, name) != getattr(b, name):
            found, expected = getattr(b, name), getattr(a, name)
            raise InputError("compare.different", where=name, found=found, expected=expected)
    base_a, base_b = a.parameters.get(BASE), b.parameters.get(BASE)
    if base_a != base_b:
        raise InputError("compare.different", where=BASE, found=base_b, expected=base_a)
    return _chosen(a), _chosen(b)


def _chosen(result: AnalysisResult) -> Selection:
    if result.selection is None or not result.selection.selected:
        raise InputError("proposal.nothing_selected", where=result.analysis)
    return result.selection


def _ids(selection: Selection) -> tuple[str, ...]:
    return tuple(str(row["id"]) for row in selection.selected)


def _figures(selection: Selection, summary: Any) -> dict[str, float | None]:
    told = {
        name: value
        for name, value in summary.items()
        if value is None or (isinstance(value, int | float) and not isinstance(value, bool))
    }
    return {
        "objective": selection.objective,
        "bound": selection.bound,
        "gap_ratio": selection.gap_ratio,
        "n_selected": len(selection.selected),
        **told,
    }
