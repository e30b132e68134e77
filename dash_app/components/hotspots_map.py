"""What the map of hot spots shows: density along streets, and outlines of clusters."""

from __future__ import annotations

import pandas as pd

from dash_app.components.drawn import Drawn
from dash_app.components.drawn import Painted
from dash_app.components.patrol_parts import percent
from dash_app.i18n import Translator
from dash_app.i18n import translator
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.scales import Scale
from ilo_geo.core.text import LANGS
from ilo_geo.core.text import Text
from ilo_geo.core.units import peru_number
from ilo_geo.security.classes import CLUSTERS
from ilo_geo.security.classes import marks_scale
from ilo_geo.services.scales import scales_of
from ilo_geo.services.security_map import cluster_marks
from ilo_geo.services.security_map import cluster_outlines
from ilo_geo.services.security_map import density_table

DENSITY, GROUPS = "density", "clusters"
MODES = (DENSITY, GROUPS)


def hotspots_drawn(result: AnalysisResult, mode: str) -> Drawn:
    """Return the densities by class or the outlines of clusters, with a mark in each cluster."""
    if mode == GROUPS:
        return Drawn(_clusters(result, cluster_outlines(result)), _marks(result))
    scales = scales_of(result)
    name = next(iter(scales), None)
    if name is None:
        return Drawn()
    scale = scales[name]
    if not isinstance(scale, Scale):
        return Drawn()
    proxy = bool(result.summary["is_proxy"])
    table = density_table(result)
    said = {
        f"title_{t.lang}": [_said(t, scale, value, proxy=proxy) for value in table[scale.column]]
        for t in map(translator, LANGS)
    }
    painted = Painted(name, table.assign(**said), _with_ranges(scale))
    return Drawn(painted, _marks(result))


def _said(t: Translator, scale: Scale, value: float, *, proxy: bool) -> str:
    per = t(f"hotspots.per.{scale.column}")
    mark = f" · {t('patrol.proxy_mark')}" if proxy else ""
    return f"{_written(scale, value)} {per}{mark}"


def _written(scale: Scale, value: float) -> str:
    return percent(value, 2) if scale.column.startswith("need") else peru_number(value, 2)


def _with_ranges(scale: Scale) -> Scale:
    """Return the scale with what each class holds in its title."""
    bounds = [_written(scale, value) for value in scale.breaks]
    spans = [f"< {bounds[0]}", *map("{} – {}".format, bounds, bounds[1:]), f"≥ {bounds[-1]}"]
    classes = tuple(
        c.model_copy(update={"title": Text(**{g: f"{c.title.in_(g)}: {span}" for g in LANGS})})
        for c, span in zip(scale.classes, spans, strict=True)
    )
    return scale.model_copy(update={"classes": classes})


def _marks(result: AnalysisResult) -> Painted | None:
    return _clusters(result, cluster_marks(result))


def _clusters(result: AnalysisResult, table: pd.DataFrame | None) -> Painted | None:
    if table is None:
        return None
    least = result.summary["least_n"]
    said = {
        f"title_{t.lang}": [
            t("hotspots.cluster_said", n=f"< {least}" if row.hidden else row.n_incidents)
            for row in table.itertuples()
        ]
        for t in map(translator, LANGS)
    }
    return Painted("clusters", table.assign(**said), marks_scale(CLUSTERS))
