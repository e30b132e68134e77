"""What rules each site out: every rule that strikes it, and those that may.

A rule strikes for sure or perhaps, by how sure the outline of its zone is (``certain`` within
``line`` within ``possible``). Which of the three rules a site out is the planner's choice; what
may strike it beyond that stays with the site as residual hazard. Measures and overlaps are as sure
as the lots themselves: they strike under every certainty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ilo_geo.core.text import Lang
from ilo_geo.core.text import Text
from ilo_geo.core.units import peru_number
from ilo_geo.green.candidates.data import Rule
from ilo_geo.green.candidates.data import rule_table
from ilo_geo.green.candidates.parameters import ParkParams

CERTAINTIES = ("certain", "line", "possible")
ELIGIBLE, EXCLUDED = "eligible", "excluded"


@dataclass(frozen=True)
class Strikes:
    """Which rule (columns) strikes which site (rows), by certainty; later rules may be added."""

    by_certainty: Mapping[str, pd.DataFrame]
    certainty: str

    @property
    def struck(self) -> pd.DataFrame:
        """Return what strikes at the certainty that was chosen."""
        return self.by_certainty[self.certainty]

    @property
    def possible(self) -> pd.DataFrame:
        """Return what does not strike at that certainty and still may."""
        return self.by_certainty["possible"] & ~self.struck

    @property
    def eligible(self) -> pd.Series:
        """Return which sites no rule strikes."""
        return ~self.struck.any(axis=1)

    def with_rule(self, rule_id: str, struck: np.ndarray) -> Strikes:
        """Return the same with one more rule that strikes under every certainty."""
        tables = {name: table.assign(**{rule_id: struck}) for name, table in self._items()}
        return Strikes(tables, self.certainty)

    def sparing(self, rule_id: str, spared: np.ndarray) -> Strikes:
        """Return the same with ``rule_id`` not striking the sites ``spared``."""
        tables = {
            name: table.assign(**{rule_id: table[rule_id] & ~spared})
            for name, table in self._items()
        }
        return Strikes(tables, self.certainty)

    def _items(self) -> list[tuple[str, pd.DataFrame]]:
        return list(self.by_certainty.items())


def strikes_of(
    sites: gpd.GeoDataFrame,
    measured: pd.DataFrame,
    vetoes: gpd.GeoDataFrame,
    overlaps: Mapping[str, gpd.GeoDataFrame],
    params: ParkParams,
) -> Strikes:
    """Return what the rules of measure, zone and overlap strike.

    Parameters
    ----------
    sites
        Polygons.
    measured
        `land.measures` of them; NaN strikes nothing.
    vetoes
        Rows with ``hazard`` (a rule's id), ``certainty`` and geometry; touching is being inside.
    overlaps
        Polygons or lines by rule.
    """
    polygons = sites.geometry.to_numpy()
    zones = {name: _touching(polygons, vetoes[vetoes["certainty"] == name]) for name in CERTAINTIES}
    certain = zones["certain"]
    line = _either(certain, zones["line"])
    nested = {"certain": certain, "line": line, "possible": _either(line, zones["possible"])}
    plain: dict[str, np.ndarray] = {}
    for rule in rule_table().rules:
        if rule.by == "measure":
            plain[rule.id] = _measured(rule, measured, params)
        elif rule.by == "overlap":
            plain[rule.id] = _overlapped(rule, polygons, overlaps.get(rule.id))
    order = [rule.id for rule in rule_table().rules if rule.by in ("measure", "zone", "overlap")]
    tables = {
        name: pd.DataFrame({**plain, **found}, index=sites.index)[order]
        for name, found in nested.items()
    }
    return Strikes(tables, params.certainty)


def _either(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {rule: one[rule] | other[rule] for rule in one}


def _touching(polygons: np.ndarray, zones: gpd.GeoDataFrame) -> dict[str, np.ndarray]:
    """Return which polygons touch a zone of each rule that works by zones."""
    found = {rule.id: np.zeros(len(polygons), bool) for rule in rule_table().rules if _zonal(rule)}
    tree = shapely.STRtree(polygons)
    for rule, group in zones.groupby("hazard"):
        if rule in found:
            _, site = tree.query(group.geometry.to_numpy(), predicate="intersects")
            found[rule][site] = True
    return found


def _zonal(rule: Rule) -> bool:
    return rule.by == "zone"


def _measured(rule: Rule, measured: pd.DataFrame, params: ParkParams) -> np.ndarray:
    value = measured[str(rule.measure)].to_numpy()
    limit = float(getattr(params, str(rule.parameter)))
    struck: np.ndarray = value > limit if rule.upper else value < limit
    return struck


def _overlapped(rule: Rule, sites: np.ndarray, others: gpd.GeoDataFrame | None) -> np.ndarray:
    """Return where more than the rule's share of a site, or metres of line, lie in ``others``."""
    struck = np.zeros(len(sites), dtype=bool)
    if others is None or not len(others):
        return struck
    shapes = others.geometry.to_numpy()
    site, other = shapely.STRtree(shapes).query(sites, predicate="intersects")
    if rule.overlap_m is not None:
        metres = shapely.length(shapely.intersection(sites[site], shapes[other]))
        struck[:] = np.bincount(site, weights=metres, minlength=len(sites)) > rule.overlap_m
        return struck
    limit_m2 = float(rule.overlap_ratio or 0.0) * shapely.area(sites)
    # shapes may overlap each other, so their union is what covers a site
    for row in np.unique(site):
        covering = shapely.union_all(shapes[other[site == row]])
        struck[row] = shapely.area(shapely.intersection(sites[row], covering)) > limit_m2[row]
    return struck


def rule_titles(params: ParkParams) -> dict[str, Text]:
    """Return the words of every rule with its limit filled in."""
    titles = {}
    for rule in rule_table().rules:
        limit = getattr(params, rule.parameter) if rule.parameter else None
        shown = "" if limit is None else peru_number(limit * 100 if rule.percent else limit)
        titles[rule.id] = Text(
            es=rule.title.format("es", limit=shown), en=rule.title.format("en", limit=shown)
        )
    return titles


def reasons(struck: pd.DataFrame, titles: Mapping[str, Text], lang: Lang) -> pd.Series:
    """Return what strikes each site as one text, empty where nothing does."""
    words = np.array([titles[rule].in_(lang) for rule in struck.columns], dtype=object)
    said = ["; ".join(words[row]) for row in struck.to_numpy()]
    return pd.Series(said, index=struck.index, dtype=object)


def listed(struck: pd.DataFrame) -> pd.Series:
    """Return the ids of the rules that strike each site, separated by commas."""
    ids = np.array(struck.columns, dtype=object)
    return pd.Series([",".join(ids[row]) for row in struck.to_numpy()], index=struck.index)


def rules_table(strikes: Strikes, titles: Mapping[str, Text]) -> pd.DataFrame:
    """Return how many sites each rule strikes, and how many nothing else does.

    Columns ``title_es, title_en, struck, struck_alone, struck_large, certain, possible, source,
    verified``; ``struck_large`` counts those that are large and wide enough, ``possible`` those
    that it may strike beyond the certainty chosen.
    """
    struck = strikes.struck
    n_rules = struck.sum(axis=1)
    size = [rule for rule in ("area", "width") if rule in struck]
    large = ~struck[size].any(axis=1)
    rows = []
    for rule in (rule for rule in rule_table().rules if rule.id in struck):
        hit = struck[rule.id]
        rows.append(
            {
                "rule": rule.id,
                "title_es": titles[rule.id].es,
                "title_en": titles[rule.id].en,
                "struck": int(hit.sum()),
                "struck_alone": int((hit & (n_rules == 1)).sum()),
                "struck_large": int((hit & large).sum()),
                "certain": int(strikes.by_certainty["certain"][rule.id].sum()),
                "possible": int(strikes.possible[rule.id].sum()),
                "source": rule.source,
                "verified": rule.verified,
            }
        )
    return pd.DataFrame(rows).set_index("rule")
