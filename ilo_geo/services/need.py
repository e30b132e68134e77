"""Use case: where an area needs watching, from incidents or from a stated proxy; made once."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from ilo_geo.core.layer import VectorLayer
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.quality import Action
from ilo_geo.security.incidents import Incidents
from ilo_geo.security.incidents import incidents_in
from ilo_geo.security.need import Need
from ilo_geo.security.need import NeedInputs
from ilo_geo.security.need import NeedParams
from ilo_geo.security.need import need
from ilo_geo.security.need_rules import need_rules
from ilo_geo.services.areas import Area
from ilo_geo.services.city import default_base
from ilo_geo.services.city import fingerprint
from ilo_geo.services.city import kept_of
from ilo_geo.services.city import present
from ilo_geo.services.city import residents
from ilo_geo.services.city import walking

INCIDENTS, TROUBLE_SPOTS = "incidents", "trouble_spots"


def need_layers(area: Area) -> tuple[str, ...]:
    """Return the layers that need is computed from now; the proxy's only where it is used."""
    layers = ("population", "buildings", "streets", "water", "districts", INCIDENTS)
    if incidents_of(area):
        return present(area, layers)
    return present(area, (*layers, *need_rules().site_layers.names, TROUBLE_SPOTS))


def need_of(area: Area, params: NeedParams | None = None, progress: Progress = silent) -> Need:
    """Return the need of an area, by default with the parameters that an area starts with."""
    chosen = params or NeedParams(population_base=default_base(area))
    own = NeedParams(**{name: getattr(chosen, name) for name in NeedParams.model_fields})
    stamp = (fingerprint(area, need_layers(area)), area.configuration_sha256)
    key = ("need", stamp, own.model_dump_json())
    return kept_of(area).get(
        key, lambda: need(need_inputs(area, own.population_base), own, progress)
    )


def incidents_of(area: Area) -> Incidents | None:
    """Return the incidents that fell in the area, or None where no layer of them is loaded."""
    if not area.has(INCIDENTS):
        return None
    layers = (INCIDENTS, "districts", "population")
    land = area.frame("districts" if area.has("districts") else "population")
    layer = area.layer(INCIDENTS)
    n_refused = layer.quality.count(Action.SET_ASIDE) if isinstance(layer, VectorLayer) else 0
    key = ("incidents", fingerprint(area, layers))
    return kept_of(area).get(
        key, lambda: incidents_in(area.frame(INCIDENTS), land, n_refused=n_refused)
    )


def need_inputs(area: Area, base_id: str) -> NeedInputs:
    """Return what tells of need in an area."""
    return NeedInputs(
        network=walking(area),
        street_class=area.frame("streets")["street_class"].to_numpy(dtype=object),
        residents=residents(area, base_id).points,
        shops=_shops(area),
        sites=_sites(area),
        declared=_declared(area),
        declared_note=area.meta(TROUBLE_SPOTS).note if area.has(TROUBLE_SPOTS) else None,
        incidents=incidents_of(area),
    )


def _shops(area: Area) -> gpd.GeoDataFrame:
    buildings = area.frame("buildings")
    trade = buildings[buildings["use"].isin(need_rules().shop_uses.names)]
    return _points(trade.geometry, area)


def _sites(area: Area) -> gpd.GeoDataFrame:
    layers = present(area, need_rules().site_layers.names)
    if not layers:
        return _points(gpd.GeoSeries([], crs=area.crs), area)
    return _points(pd.concat([area.frame(layer).geometry for layer in layers]), area)


def _declared(area: Area) -> gpd.GeoDataFrame:
    if not area.has(TROUBLE_SPOTS):
        return _points(gpd.GeoSeries([], crs=area.crs), area).assign(accuracy_m=0.0)
    spots = area.frame(TROUBLE_SPOTS)
    stated = area.meta(TROUBLE_SPOTS).accuracy_m or 0.0
    own = spots["accuracy_m"] if "accuracy_m" in spots else pd.Series(stated, index=spots.index)
    return _points(spots.geometry, area).assign(accuracy_m=own.fillna(stated).to_numpy(float))


def _points(shapes: gpd.GeoSeries, area: Area) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=shapely.point_on_surface(shapes.to_numpy()), crs=area.crs)
