"""The search for a place by name, in the header of every page."""

from __future__ import annotations

from collections import defaultdict

import dash_mantine_components as dmc
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.controls import OVER_MAP
from dash_app.i18n import Translator
from dash_app.planner import Planner


def place_search(planner: Planner, t: Translator) -> Component:
    """Return the box that finds a place by its name, whatever kind of place it is."""
    groups: dict[str, list[dict[str, str]]] = defaultdict(list)
    for n, place in enumerate(planner.places):
        label = (
            t("search.within", name=place.name, zone=place.within) if place.within else place.name
        )
        groups[place.layer].append(
            {"value": f"{place.lat}/{place.lon}/{place.zoom}|{n}", "label": label}
        )
    return dmc.Select(
        id=ids.SEARCH,
        data=[{"group": t(f"search.{layer}"), "items": items} for layer, items in groups.items()],
        placeholder=t("search.placeholder"),
        searchable=True,
        clearable=True,
        limit=6,
        filter={"function": "filterFolded"},
        nothingFoundMessage=t("search.nothing"),
        size="xs",
        className="search",
        attributes={"input": {"aria-label": t("search.placeholder")}},
        clearButtonProps={"aria-label": t("search.clear")},
        comboboxProps={"width": 320, "position": "bottom-end", "zIndex": OVER_MAP},
    )
