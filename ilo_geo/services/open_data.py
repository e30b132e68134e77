"""Public open data of the proposals: what anybody may take along, and no personal data in it.

Published proposals only, whoever asks: the file of a planner holds no draft either. Acts of the
council are told, persons are not (``open_data.yaml``). The order is that of the numbers, no time of
making is in it, so equal records give equal files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely
from pydantic import BaseModel
from pydantic import ConfigDict
from sqlalchemy import ColumnElement
from sqlalchemy import Table
from sqlalchemy import func
from sqlalchemy import select

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.errors import InputError
from ilo_geo.core.text import Lang
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.io.spreadsheet import write_rows
from ilo_geo.io.workspace import atomic_path
from ilo_geo.proposals.commands import is_open
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.people import visitor
from ilo_geo.proposals.permissions import allows
from ilo_geo.proposals.permissions import refused
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.rulebook import AGAINST
from ilo_geo.proposals.rulebook import FOR
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.states import lifecycle
from ilo_geo.proposals.tables import ballot
from ilo_geo.proposals.tables import campaign
from ilo_geo.proposals.tables import comment
from ilo_geo.proposals.tables import proposal
from ilo_geo.proposals.tables import support
from ilo_geo.services.council import Council
from ilo_geo.services.dossiers import zone_names

FORMATS = ("csv", "geojson", "json")
# a tenth of a metre: finer than anybody draws
DECIMALS = 6
# as they lie in the table of proposals
SAME = (
    "number", "title", "description", "kind", "state", "zone", "cost_min_soles", "cost_max_soles",
    "funds_source", "invierte_code", "office", "commitment", "feasibility", "feasibility_reason",
)  # fmt: skip


class Licence(BaseModel):
    """On what terms the data are given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    url: str
    verified: str


class Meaning(BaseModel):
    """What a column holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str
    unit: str = ""
    meaning: Text


class Terms(BaseModel):
    """Everything in ``open_data.yaml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Text
    description: Text
    licence: Licence
    basis: Text
    columns: dict[str, Meaning]


@cache
def terms() -> Terms:
    """Return what ``open_data.yaml`` says."""
    return Terms.model_validate(load_package_yaml("ilo_geo.services", "open_data.yaml"))


@dataclass(frozen=True)
class Published:
    """The published proposals: a row each, by number, and their shapes in WGS 84."""

    rows: tuple[dict[str, Any], ...]
    shapes: tuple[shapely.Geometry, ...]
    changed_at: str | None


def published_states() -> tuple[str, ...]:
    """Return the states in which anybody may read a proposal of an open planner."""
    return tuple(s for s in lifecycle().states if allows(visitor, "read", s, open_to_all=True))


def write_open_data(
    council: Council, actor: Actor, fmt: str, path: Path, *, lang: Lang = "es"
) -> Path:
    """Write the published proposals as CSV or GeoJSON, or what their columns mean as JSON.

    Raises
    ------
    InputError
        There is no such format.
    RefusedError
        The actor may not read proposals.
    """
    if fmt not in FORMATS:
        raise InputError("export.unknown_format", found=fmt[:20], expected=", ".join(FORMATS))
    found = published(council, actor, lang)
    with atomic_path(path) as temporary:
        if fmt == "csv":
            columns = list(terms().columns)
            write_rows(temporary, columns, ([row[c] for c in columns] for row in found.rows))
        else:
            told = dictionary(council, found, lang)
            document = told if fmt == "json" else _collection(told, found)
            text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)
            temporary.write_text(text, encoding="utf-8")
    return path


def published(council: Council, actor: Actor, lang: Lang) -> Published:
    """Return the published proposals, in the order of their numbers."""
    states = published_states()
    with council.reading(actor) as repo:
        open_to_all = is_open(repo)
        if not any(allows(actor, "read", s, open_to_all=open_to_all) for s in states):
            raise refused(actor, "read")
        records = repo.find(proposal, proposal.c.state.in_(states), order=(proposal.c.number,))
        beside = _beside(repo)
        titles = {one["id"]: one["title"] for one in repo.find(campaign)}
    zones = zone_names(council.area())
    shapes = _in_degrees(records)
    rows = tuple(
        {
            **_row(record, lang),
            "zone_name": zones.get(record["zone"], ""),
            "campaign": titles.get(record["campaign_id"], ""),
            **{name: counts.get(record["id"], 0) for name, counts in beside.counts.items()},
            **beside.ballots.get(record["id"], NO_BALLOT),
            **_point(shape),
        }
        for record, shape in zip(records, shapes, strict=True)
    )
    return Published(rows, shapes, max((row["updated_at"] for row in rows), default=None))


def dictionary(council: Council, found: Published, lang: Lang) -> dict[str, Any]:
    """Return what the data are, their licence, their date, and what each column means."""
    said = terms()
    return {
        "title": said.title.format(lang, city=council.area().config.title),
        "description": said.description.in_(lang),
        "licence": said.licence.model_dump(mode="json"),
        "basis": said.basis.in_(lang),
        "date": found.changed_at,
        "n_rows": len(found.rows),
        "crs": "EPSG:4326",
        "columns": [
            {"name": name, "type": c.type, "unit": c.unit, "meaning": c.meaning.in_(lang)}
            for name, c in said.columns.items()
        ],
        "codes": {
            "kind": {k: v.title.in_(lang) for k, v in rulebook().kinds.items()},
            "state": {s: lifecycle().states[s].in_(lang) for s in published_states()},
            "feasibility": {k: v.in_(lang) for k, v in rulebook().verdicts.items()},
            "commitment": {k: v.in_(lang) for k, v in rulebook().commitments.items()},
            "ballot_outcome": {k: v.in_(lang) for k, v in rulebook().outcomes.items()},
            "casting": {k: rulebook().choices[k].in_(lang) for k in (FOR, AGAINST)},
        },
    }


def _collection(told: dict[str, Any], found: Published) -> dict[str, Any]:
    """Return RFC 7946; its type comes first, or GDAL does not know it again."""
    columns = list(terms().columns)
    features = [
        {
            "type": "Feature",
            "id": row["number"],
            "geometry": shapely.geometry.mapping(shape),
            "properties": {name: row[name] for name in columns},
        }
        for row, shape in zip(found.rows, found.shapes, strict=True)
    ]
    return {"type": "FeatureCollection", **told, "features": features}


def _row(record: Record, lang: Lang) -> dict[str, Any]:
    return {
        **{name: record[name] for name in SAME},
        "kind_title": rulebook().kinds[record["kind"]].title.in_(lang),
        "state_title": lifecycle().states[record["state"]].in_(lang),
        **{name: _told(record[name]) for name in ("state_since", "created_at", "updated_at")},
    }


@dataclass(frozen=True)
class _Beside:
    """What is counted of each proposal, by its id."""

    counts: Mapping[str, Mapping[str, int]]
    ballots: Mapping[str, Mapping[str, Any]]


def _beside(repo: Repository) -> _Beside:
    seen = comment.c.hidden_at.is_(None)
    counts = {
        "n_support": _counted(repo, support),
        "n_points_for": _counted(repo, comment, comment.c.stance == FOR, seen),
        "n_points_against": _counted(repo, comment, comment.c.stance == AGAINST, seen),
    }
    closed = repo.find(ballot, ballot.c.closed_at.is_not(None), order=(ballot.c.number,))
    # the last one of a proposal stays
    return _Beside(counts, {one["proposal_id"]: _ballot(one) for one in closed})


def _ballot(one: Record) -> dict[str, Any]:
    return {
        "ballot_outcome": one["outcome"],
        "ballot_closed_at": _told(one["closed_at"]),
        "ballot_members": one["n_members"],
        "ballot_quorum": one["quorum"],
        "votes_for": one["n_for"],
        "votes_against": one["n_against"],
        "votes_abstain": one["n_abstain"],
        "casting": one["casting"] or None,
    }


NO_BALLOT: dict[str, Any] = dict.fromkeys(
    ("ballot_outcome", "ballot_closed_at", "ballot_members", "ballot_quorum",
     "votes_for", "votes_against", "votes_abstain", "casting")
)  # fmt: skip


def _counted(repo: Repository, table: Table, *where: ColumnElement[bool]) -> dict[str, int]:
    query = select(table.c.proposal_id, func.count()).where(*where).group_by(table.c.proposal_id)
    return {str(row[0]): int(row[1]) for row in repo.connection.execute(query)}


def _in_degrees(records: list[Record]) -> tuple[shapely.Geometry, ...]:
    """Return the shapes in WGS 84, outer rings counter-clockwise (RFC 7946)."""
    if not records:
        return ()
    metric = gpd.GeoSeries(
        shapely.from_wkb([bytes(one["geometry"]) for one in records]), crs=records[0]["srid"]
    )
    degrees = metric.to_crs(DISPLAY_CRS).to_numpy()
    rounded = shapely.transform(degrees, lambda xy: xy.round(DECIMALS))
    return tuple(shapely.orient_polygons(rounded))


def _point(shape: shapely.Geometry) -> dict[str, float]:
    point = shape.representative_point()
    return {"lon": round(point.x, DECIMALS), "lat": round(point.y, DECIMALS)}


def _told(at: datetime) -> str:
    return at.astimezone(rulebook().zone).isoformat(timespec="seconds")
