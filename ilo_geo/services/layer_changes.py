"""What differs between the features of a layer as it was and as it is now."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import shapely

# columns that name a feature for good, the first that both sides have
KEYS = ("osm_id", "id")
# a vertex that moved less was only written with other digits
PRECISION_M = 0.001


@dataclass(frozen=True)
class LayerChange:
    """Features added, removed, changed (another shape or another value) and left as they were.

    ``by_key`` is False where nothing names the features: then one that moved counts as one removed
    and one added.
    """

    n_added: int
    n_removed: int
    n_changed: int
    n_unchanged: int
    by_key: bool


def layer_change(before: pd.DataFrame | None, after: pd.DataFrame) -> LayerChange:
    """Return how ``after`` differs from ``before``; None where nothing was there.

    Both are in one metric reference system. Columns that only one of them has change nothing.
    """
    if before is None:
        return LayerChange(len(after), 0, 0, 0, by_key=True)
    shared = [column for column in after.columns if column in before.columns]
    then, now = _texts(before, shared), _texts(after, shared)
    key = next((name for name in KEYS if _names(before, name) and _names(after, name)), None)
    if key is None:
        return _unnamed(then, now)
    then.index, now.index = pd.Index(before[key].astype(str)), pd.Index(after[key].astype(str))
    both = then.index.intersection(now.index)
    n_same = int((then.loc[both].to_numpy() == now.loc[both].to_numpy()).sum())
    n_added, n_removed = len(now) - len(both), len(then) - len(both)
    return LayerChange(n_added, n_removed, len(both) - n_same, n_same, by_key=True)


def _names(frame: pd.DataFrame, column: str) -> bool:
    return column in frame.columns and frame[column].notna().all() and frame[column].is_unique


def _texts(frame: pd.DataFrame, columns: list[str]) -> pd.Series:
    """Return each feature as one text, equal for equal values and shape."""
    parts = [_column_texts(frame[column]) for column in columns]
    return pd.Series(["\x1f".join(values) for values in zip(*parts, strict=True)], dtype=object)


def _column_texts(values: pd.Series) -> list[str]:
    if isinstance(values, gpd.GeoSeries):
        shapes = shapely.normalize(shapely.set_precision(values.to_numpy(), PRECISION_M))
        return list(shapely.to_wkt(shapes, rounding_precision=3))
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        # 3 and 3.0 are the same storeys, whatever the file kept them as
        values = values.astype(float)
    return ["" if pd.isna(value) else str(value) for value in values]


def _unnamed(then: pd.Series, now: pd.Series) -> LayerChange:
    counts = then.value_counts(), now.value_counts()
    n_same = int(counts[0].combine(counts[1], min, fill_value=0).sum())
    return LayerChange(len(now) - n_same, len(then) - n_same, 0, n_same, by_key=False)
