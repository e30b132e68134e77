"""What an exported file says about its figures: words, units, classes, sources and status."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from typing import TypeVar
from typing import cast

import geopandas as gpd
import pandas as pd

from ilo_geo.core.layer import Status
from ilo_geo.core.parameters import ParameterSpec
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.scales import Scale
from ilo_geo.core.text import Lang
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml

F = TypeVar("F", bound=pd.DataFrame)
# scale of each table that is drawn by classes
Scales = Mapping[str, Scale]


@dataclass(frozen=True)
class LegendRow:
    """One class as drawn: id, label with its range, colour and number of features."""

    id: str
    label: str
    colour: str
    n_features: int


@cache
def _words() -> dict[str, dict[str, Text]]:
    table = load_package_yaml("ilo_geo.io", "export.yaml")
    return {part: {key: Text(**text) for key, text in of.items()} for part, of in table.items()}


def word(part: str, key: str, lang: Lang) -> str:
    """Return the text of ``key`` in a part of ``export.yaml``, or the key where it has none."""
    text = _words()[part].get(key)
    return text.in_(lang) if text else key


def unit(column: str, lang: Lang) -> str | None:
    """Return the unit that the name of a column ends in, or None."""
    endings = [ending for ending in _words()["units"] if column.endswith(ending)]
    return word("units", max(endings, key=len), lang) if endings else None


def status(result: AnalysisResult) -> Status:
    """Return how far a result can be trusted: modelled if any layer is, else derived."""
    return Status.MODELLED if result.modelled_layers else Status.DERIVED


def modelled_note(result: AnalysisResult, lang: Lang) -> str | None:
    """Return the sentence that names the modelled layers, or None where there is none."""
    titles = [
        ref.title.in_(lang) for ref in result.provenance if ref.layer in result.modelled_layers
    ]
    if not titles:
        return None
    return word("labels", "modelled_note", lang).format(layers=", ".join(titles))


def parameter_table(
    result: AnalysisResult, specs: Sequence[ParameterSpec], lang: Lang
) -> pd.DataFrame:
    """Return one row a parameter that was set: its name, title, value in words, and unit.

    ``captioned`` marks those without which no figure can be read: the basic ones, and the advanced
    ones that were changed. A parameter without words in ``specs`` stands under its own name.
    """
    by_name = {spec.name: spec for spec in specs}
    rows = []
    for name, value in result.parameters.items():
        if value is None:
            continue
        spec = by_name.get(name)
        text = spec.text if spec else None
        titles = {choice.value: choice.title for choice in spec.choices} if spec else {}
        rows.append(
            {
                "name": name,
                "title": text.title.in_(lang) if text else name,
                "value": titles[value].in_(lang) if value in titles else _value(value, lang),
                "unit": text.unit.in_(lang) if text and text.unit else unit(name, lang) or "",
                "captioned": not (spec and spec.text.advanced and value == spec.default),
            }
        )
    columns = ["name", "title", "value", "unit", "captioned"]
    return pd.DataFrame(rows, columns=columns).astype({"value": object})


def _value(value: Any, lang: Lang) -> Any:
    return word("values", value, lang) if isinstance(value, str) else value


def caption(parameters: pd.DataFrame) -> str:
    """Return what the figures stand on as one line: population base, year, standards."""
    shown = parameters[parameters["captioned"]]
    return " · ".join(
        f"{row.title}: {_shown(row.value)} {row.unit}".rstrip() for row in shown.itertuples()
    )


def _shown(value: Any) -> str:
    return f"{value:,g}" if isinstance(value, float) else str(value)


def summary_table(result: AnalysisResult, lang: Lang) -> pd.DataFrame:
    """Return the key figures, one row each, with title and unit; a figure by group has several."""
    rows = []
    for name, value in result.summary.items():
        groups = value if isinstance(value, Mapping) else {"": value}
        title, of = word("columns", name, lang), unit(name, lang) or ""
        rows += [
            {"name": name, "group": group, "title": title, "value": figure, "unit": of}
            for group, figure in groups.items()
        ]
    return pd.DataFrame(rows, columns=["name", "group", "title", "value", "unit"]).astype(
        {"value": float}
    )


def provenance_table(result: AnalysisResult, lang: Lang) -> pd.DataFrame:
    """Return one row a layer: what it is, whose, under which licence, how old and how sure."""
    rows = [
        {**ref.model_dump(mode="json"), "title": ref.title.in_(lang)} for ref in result.provenance
    ]
    columns = ["layer", "title", "source", "licence", "date", "status", "accuracy_m", "sha256"]
    return pd.DataFrame(rows, columns=columns)


def exported_table(result: AnalysisResult, name: str, scales: Scales) -> gpd.GeoDataFrame:
    """Return a table with its index as a column, its class ids and the status of the result."""
    table = with_index_column(result.tables[name])
    if name in scales:
        classes = scales[name].class_ids(table[scales[name].column])
        table[classes.name] = classes
    table["status"] = status(result).value
    return table


def with_index_column(table: F) -> F:
    """Return a table with its index as a column; a bare row number names nothing and goes."""
    bare = table.index.name is None and pd.api.types.is_integer_dtype(table.index)
    return cast("F", table.reset_index(drop=bare))


def class_column(scale: Scale) -> str:
    """Return the name of the column of class ids that `exported_table` adds."""
    return f"{scale.id}_class"


def legend_rows(table: gpd.GeoDataFrame, scale: Scale, lang: Lang) -> list[LegendRow]:
    """Return the classes of ``scale`` with their ranges, and those without value if there are any.

    ``table`` comes from `exported_table`.
    """
    counts = table[class_column(scale)].value_counts()
    bounds = [f"{value:g}" for value in scale.breaks]
    ranges = [f"< {bounds[0]}", *map("{} – {}".format, bounds, bounds[1:]), f"≥ {bounds[-1]}"]
    rows = [
        LegendRow(c.id, f"{c.title.in_(lang)} ({span})", c.colour, int(counts.get(c.id, 0)))
        for c, span in zip(scale.classes, ranges, strict=True)
    ]
    missing = scale.missing
    if missing.id in counts.index:
        n_missing = int(counts[missing.id])
        rows.append(LegendRow(missing.id, missing.title.in_(lang), missing.colour, n_missing))
    return rows
