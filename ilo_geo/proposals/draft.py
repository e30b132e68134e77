"""A draft of a proposal: what an analysis chose, kept as it was found, under a title for people.

Pure: the day is given by whoever makes the draft. Units of key figures are those their names end
in (``draft.yaml``). A draft holds no personal data but the name an author cares to give.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from functools import cache
from typing import Any

import geopandas as gpd
import pandas as pd
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from ilo_geo.core.errors import InputError
from ilo_geo.core.layer import LayerRef
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Notice
from ilo_geo.core.results import plain
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml

DRAFT = "draft"
ID_LENGTH = 16
ID = "id"


class DraftRules(BaseModel):
    """Kinds of proposals by analysis, units by the end of a figure's name, and limits of texts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: dict[str, str]
    place_tables: dict[str, str]
    kind_titles: dict[str, Text]
    statuses: dict[str, Text]
    same_unit_endings: tuple[str, ...]
    units: dict[str, Text]
    title_max_letters: int
    author_max_letters: int


@cache
def draft_rules() -> DraftRules:
    """Return what ``draft.yaml`` says."""
    return DraftRules.model_validate(load_package_yaml("ilo_geo.proposals", "draft.yaml"))


class Figure(BaseModel):
    """One key figure with its unit; None where there is no value."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    value: float | int | str | bool | None
    unit: Text | None = None


class Draft(BaseModel):
    """Something put forward, and everything needed to check it.

    Attributes
    ----------
    id
        Fingerprint of the rest; equal drafts of one moment are one draft.
    title, author
        As somebody wrote them, in one line; no author is None.
    kind
        What is proposed: ``parks``, ``cameras``, ``bases`` …
    created
        When, as the caller says.
    area, analysis, parameters, result_sha256, configuration_sha256, provenance
        What it was found with; the fingerprint leads to the stored result.
    selected
        Rows of what was chosen, with their scores and reasons.
    figures
        Key figures of the result.
    objective, bound, gap_ratio, search_status
        How good the choice is, at least.
    warnings
        What must be known before believing it.
    places
        Geometry of what was chosen, index ``id``, in the order of ``selected``; empty geometry
        where the result draws none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    id: str
    title: str
    kind: str
    author: str | None
    created: datetime
    status: str
    area: str
    analysis: str
    parameters: dict[str, Any]
    result_sha256: str
    configuration_sha256: str
    provenance: tuple[LayerRef, ...]
    selected: tuple[dict[str, Any], ...]
    figures: tuple[Figure, ...]
    objective: float | None
    bound: float | None
    gap_ratio: float | None
    search_status: str
    warnings: tuple[Text, ...]
    places: gpd.GeoDataFrame = Field(exclude=True)

    @property
    def selected_ids(self) -> tuple[str, ...]:
        """Return the ids of what was chosen, the first chosen first."""
        return tuple(str(row[ID]) for row in self.selected)

    @property
    def kind_title(self) -> Text:
        """Return the name of the kind of proposal, its id where it has none."""
        return draft_rules().kind_titles.get(self.kind, Text(es=self.kind, en=self.kind))

    @property
    def status_title(self) -> Text:
        """Return the name of the status."""
        return draft_rules().statuses[self.status]

    @property
    def document(self) -> dict[str, Any]:
        """Return everything but the geometry, ready for JSON."""
        return self.model_dump(mode="json")


def draft_of(
    result: AnalysisResult, title: str, created: datetime, author: str | None = None
) -> Draft:
    """Return a draft of what ``result`` chose.

    Parameters
    ----------
    title
        For people, in their language; blanks around and between are made one.
    created
        With its time zone.

    Raises
    ------
    InputError
        The result chooses nothing, the title is empty, a text is too long or the time has no zone.
    """
    rules = draft_rules()
    selection = result.selection
    if selection is None or not selection.selected:
        raise InputError("proposal.nothing_selected", where=result.analysis)
    if created.tzinfo is None:
        raise InputError("proposal.no_time_zone", found=created.isoformat())
    line = _line(title, "title", rules.title_max_letters)
    if not line:
        raise InputError("proposal.no_title")
    ids = [str(row[ID]) for row in selection.selected]
    places = _places(result, ids)
    undrawn = int(places.geometry.isna().sum())
    unplaced = (Notice("proposal.without_place", {"n": undrawn}),) if undrawn else ()
    content = {
        "title": line,
        "kind": rules.kinds.get(result.analysis, result.analysis),
        "author": _line(author or "", "author", rules.author_max_letters) or None,
        "created": created.isoformat(timespec="seconds"),
        "status": DRAFT,
        "area": result.area,
        "analysis": result.analysis,
        "parameters": dict(result.parameters),
        "result_sha256": result.sha256,
        "configuration_sha256": result.configuration_sha256,
        "provenance": [ref.model_dump(mode="json") for ref in result.provenance],
        "selected": [dict(row) for row in selection.selected],
        "figures": [_figure(name, value) for name, value in result.summary.items()],
        "objective": selection.objective,
        "bound": selection.bound,
        "gap_ratio": selection.gap_ratio,
        "search_status": selection.status,
        "warnings": [
            {"es": n.text("es"), "en": n.text("en")} for n in (*unplaced, *result.warnings)
        ],
    }
    unnamed = Draft(id="", **plain(content), places=places)
    return unnamed.model_copy(update={ID: fingerprint_of(unnamed)})


def fingerprint_of(proposal: Draft) -> str:
    """Return the id of a proposal with this content, whatever its own id says."""
    told = {key: value for key, value in proposal.document.items() if key != ID}
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:ID_LENGTH]


def _line(text: str, where: str, most: int) -> str:
    line = " ".join(text.split())
    if len(line) > most:
        raise InputError("proposal.text_too_long", where=where, found=len(line), most=most)
    return line


def _figure(name: str, value: Any) -> dict[str, Any]:
    told = value if isinstance(value, str | int | float | bool | None) else str(plain(value))
    unit = unit_of(name)
    return {"name": name, "value": told, "unit": unit and unit.model_dump()}


def unit_of(name: str) -> Text | None:
    """Return the unit that the name of a figure ends in, None where it ends in none."""
    rules, stem = draft_rules(), name
    for ending in rules.same_unit_endings:
        stem = stem.removesuffix(ending)
    endings = [ending for ending in rules.units if stem.endswith(ending)]
    return rules.units[max(endings, key=len)] if endings else None


def _places(result: AnalysisResult, ids: list[str]) -> gpd.GeoDataFrame:
    """Return the geometry of each chosen row.

    It is in the table named for the analysis, else in the drawn table that knows most of the ids.
    """
    shapes: dict[str, Any] = {}
    named = result.maps.get(draft_rules().place_tables.get(result.analysis, ""))
    for table in result.maps.values() if named is None else (named,):
        drawn = dict(zip(table.index.astype(str), table.geometry, strict=True))
        if len(drawn.keys() & set(ids)) > len(shapes.keys() & set(ids)):
            shapes = drawn
    crs = next((table.crs for table in result.maps.values()), None)
    found = [shapes.get(one) for one in ids]
    return gpd.GeoDataFrame(geometry=gpd.GeoSeries(found, index=pd.Index(ids, name=ID), crs=crs))
