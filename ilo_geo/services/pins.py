"""What an analysis chose, as numbered places on a map."""

from __future__ import annotations

import geopandas as gpd

from ilo_geo.core.results import AnalysisResult

CHOICE, CHOSEN = "choice", "chosen"


def chosen_pins(result: AnalysisResult, table: str) -> gpd.GeoDataFrame:
    """Return a point inside each thing chosen, the first chosen first.

    Parameters
    ----------
    result
        With a selection; without one there are no pins.
    table
        The drawable table that holds what was chosen, by the ids of the selection.

    Returns
    -------
    pins
        Rows of ``table`` with ``rank`` (1 the first chosen) and ``choice`` (``chosen``).
    """
    drawn = result.maps[table]
    rows = result.selection.selected if result.selection else ()
    ids = [str(row["id"]) for row in rows if str(row["id"]) in drawn.index]
    chosen = drawn.loc[ids]
    points = chosen.geometry.representative_point()
    ranked = chosen.assign(rank=range(1, len(chosen) + 1), **{CHOICE: CHOSEN})
    return ranked.set_geometry(points)
