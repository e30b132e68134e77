"""What an exported file says about its figures: words, units, classes, sources and status."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from functools import cache
from typing import Any
from typing import TypeVar
from typing import cast

import geopandas as gpd
import pandas as pd
import shapely

from ilo_geo.core.layer import Status
from ilo_geo.core.parameters import ParameterSpec
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.scales import CategoryScale
from ilo_geo.core.scales import Scale
from ilo_geo.core.text import Lang
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml

F = TypeVar("F", bound=pd.DataFrame)
AnyScale = Scale | CategoryScale
# scale of each table that is drawn by classes
Scales = Mapping[str, AnyScale]
# a figure with a lower and an upper bound has them beside it under these endings
INTERVAL_ENDINGS = ("_low", "_high")


@dataclass(frozen=True)
class Export:
    """A result on its way out: what is handed over, in whose words, and how it is drawn.

    Attributes
    ----------
    parameters
        The table of `parameter_table`.
    context
        Layers drawn for orientation, by layer id.
    overlays
        Tables of the result drawn above the first one on a printed map.
    listed
        Tables of a CSV; those of the map where it is None.
    extent
        West, south, east, north of a printed map in the result's CRS; all of the table where None.
    """

    result: AnalysisResult
    lang: Lang
    scales: Scales
    parameters: pd.DataFrame
    printed_on: date
    context: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    overlays: tuple[str, ...] = ()
    listed: tuple[str, ...] | None = None
    extent: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class LegendRow:
    """One class as drawn: id, label with its range, colour, hatch and number of features."""

    id: str
    label: str
    colour: str
    n_features: int
    pattern: str = ""


@cache
def _words() -> dict[str, dict[str, Text]]:
    table = load_package_yaml("ilo_geo.io", "export.yaml")
    return {part: {key: Text(**text) for key, text in of.items()} for part, of in table.items()}


def word(part: str, key: str, lang: Lang) -> str:
    """Return the text of ``key`` in a part of ``export.yaml``, or the key where it has none."""
    text = _words()[part].get(key)
    return text.in_(lang) if text else key


def unit(column: str, lang: Lang) -> str | None:
    """Return the unit that the name of a column ends in, or None; a bound has its figure's."""
    stem, _ = _stem(column)
    endings = [ending for ending in _words()["units"] if stem.endswith(ending)]
    return word("units", max(endings, key=len), lang) if endings else None


def column_title(column: str, lang: Lang) -> str:
    """Return the title of a column; that of a bound is its figure's with the word for it."""
    stem, bound = _stem(column)
    if not bound or column in _words()["columns"]:
        return word("columns", column, lang)
    return f"{word('columns', stem, lang)} ({word('labels', bound, lang)})"


def _stem(column: str) -> tuple[str, str | None]:
    """Return the name of the figure that a column is a bound of, and which bound."""
    for ending in INTERVAL_ENDINGS:
        if column.endswith(ending):
            return column.removesuffix(ending), ending.removeprefix("_")
    return column, None


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
    # as objects, whole numbers stay whole beside those that are not
    return pd.DataFrame(rows, columns=columns, dtype=object).astype({"captioned": bool})


def _value(value: Any, lang: Lang) -> Any:
    return word("values", value, lang) if isinstance(value, str) else value


def caption(parameters: pd.DataFrame) -> str:
    """Return what the figures stand on as one line: population base, year, standards."""
    shown = parameters[parameters["captioned"]]
    return " · ".join(
        f"{row.title}: {shown_value(row.value)} {row.unit}".rstrip() for row in shown.itertuples()
    )


def shown_value(value: Any) -> str:
    """Return the value of a parameter as it is read."""
    return f"{value:,g}" if isinstance(value, float) else str(value)


def summary_table(result: AnalysisResult, lang: Lang) -> pd.DataFrame:
    """Return the key figures, one row each, with title and unit; a figure by group has several.

    Words are no figures: they stand among the parameters and the layers.
    """
    rows = []
    for name, value in result.summary.items():
        if isinstance(value, str):
            continue
        several = dict(enumerate(value, 1)) if isinstance(value, list | tuple) else {"": value}
        groups = value if isinstance(value, Mapping) else several
        title, of = column_title(name, lang), unit(name, lang) or ""
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
    """Return a table with its index as a column, its class ids and the status of the result.

    Categories come in the order they are drawn in, so that no severe class lies under a mild one.
    """
    table = with_index_column(result.tables[name])
    scale = scales.get(name)
    if scale:
        if isinstance(scale, CategoryScale):
            table = table.iloc[scale.drawing_order(table)]
        table = table.assign(**{class_column(scale): scale.class_ids(table[scale.column])})
    return _without_rings(table).assign(status=status(result).value)


def _without_rings(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return closed rings as lines: no file format has them, and GDAL's writer dies of one."""
    shapes = table.geometry.to_numpy()
    ring = shapely.get_type_id(shapes) == shapely.GeometryType.LINEARRING
    if not ring.any():
        return table
    lines = [
        shapely.LineString(s) if is_ring else s for s, is_ring in zip(shapes, ring, strict=True)
    ]
    return table.set_geometry(lines, crs=table.crs)


def with_index_column(table: F) -> F:
    """Return a table with its index as a column; a bare row number names nothing and goes."""
    bare = table.index.name is None and pd.api.types.is_integer_dtype(table.index)
    return cast("F", table.reset_index(drop=bare))


def class_column(scale: AnyScale) -> str:
    """Return the name of the column of class ids that `exported_table` adds."""
    return f"{scale.id}_class"


def scale_title(scale: AnyScale, lang: Lang) -> str:
    """Return the title of a scale with its unit, if it has one."""
    title = scale.title.in_(lang)
    return f"{title} ({scale.unit.in_(lang)})" if isinstance(scale, Scale) else title


def legend_rows(table: gpd.GeoDataFrame, scale: AnyScale, lang: Lang) -> list[LegendRow]:
    """Return the classes of ``scale`` with their ranges, and those without value if there are any.

    ``table`` comes from `exported_table`.
    """
    counts = table[class_column(scale)].value_counts()
    titles = {c.id: c.title.in_(lang) for c in scale.classes}
    if isinstance(scale, Scale):
        bounds = [f"{value:g}" for value in scale.breaks]
        ranges = [f"< {bounds[0]}", *map("{} – {}".format, bounds, bounds[1:]), f"≥ {bounds[-1]}"]
        titles = {id_: f"{titles[id_]} ({span})" for id_, span in zip(titles, ranges, strict=True)}
    rows = [
        LegendRow(c.id, titles[c.id], c.colour, int(counts.get(c.id, 0)), c.pattern)
        for c in scale.classes
    ]
    missing = scale.missing
    if missing.id in counts.index:
        n_missing = int(counts[missing.id])
        rows.append(LegendRow(missing.id, missing.title.in_(lang), missing.colour, n_missing))
    return rows
