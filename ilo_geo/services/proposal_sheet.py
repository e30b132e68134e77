"""Use case: the technical sheet of a proposal, computed, stored, and stale once its inputs change.

A sheet is computed outside any transaction that writes. It stands on layers, on the city's
configuration, on the rules and on the proposals near it; where one of these is no longer as it was,
the stored sheet says which. Nothing is overwritten: a new sheet is a new row, the newest counts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import InputError
from ilo_geo.core.layer import LayerRef
from ilo_geo.green.candidates.data import criterion_table
from ilo_geo.green.candidates.data import rule_table
from ilo_geo.green.candidates.data import type_table
from ilo_geo.green.standards import access_standards
from ilo_geo.io.catalogue import AREA_FILE
from ilo_geo.proposals import people
from ilo_geo.proposals.commands import readable
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.shape import shape_sha256
from ilo_geo.proposals.sheet import LayerNote
from ilo_geo.proposals.sheet import Sheet
from ilo_geo.proposals.sheet import content_of
from ilo_geo.proposals.sheet import notes_of
from ilo_geo.proposals.sheet import sheet_from
from ilo_geo.proposals.sheet_conflicts import Other
from ilo_geo.proposals.sheet_conflicts import lots_under
from ilo_geo.proposals.sheet_rules import rules_sha256
from ilo_geo.proposals.sheet_rules import sheet_rules
from ilo_geo.proposals.sheet_shape import shape_kind
from ilo_geo.proposals.tables import proposal
from ilo_geo.proposals.tables import sheet
from ilo_geo.services.areas import Area
from ilo_geo.services.city import present
from ilo_geo.services.council import Council
from ilo_geo.services.green import GREEN
from ilo_geo.services.need import need_layers
from ilo_geo.services.parks import LOTS
from ilo_geo.services.parks import park_layers
from ilo_geo.services.patrol import PATROL
from ilo_geo.services.patrol import patrol_layers
from ilo_geo.services.risk import MULTIHAZARD
from ilo_geo.services.risk import risk_layers
from ilo_geo.services.sheet_city import GREEN_NEEDS
from ilo_geo.services.sheet_city import SheetCity
from ilo_geo.services.sheet_city import sheet_city
from ilo_geo.services.sheet_conflicts import conflict_figures
from ilo_geo.services.sheet_conflicts import lots_of
from ilo_geo.services.sheet_green import green_figures
from ilo_geo.services.sheet_green import water_figures
from ilo_geo.services.sheet_hazards import hazard_figures
from ilo_geo.services.sheet_people import people_figures
from ilo_geo.services.sheet_response import response_figures

VERB = "sheet"
# whoever moves a proposal while its sheet is computed is waited for so often
TRIES = 3
COMPARED = ("sha256", "status", "source", "date")
RULES, NEIGHBOURS = "rules", "proposals"


@dataclass(frozen=True)
class StoredSheet:
    """A sheet as it was stored.

    Attributes
    ----------
    id, made_at
        Of the row.
    content
        The sheet.
    changed_layers
        Ids of the layers that differ now; ``area.yaml``, ``rules`` or ``proposals`` where the
        city's configuration, the rules or the proposals near it do; ``geometry`` where it moved.
    content_sha256
        Fingerprint of the content.
    """

    id: str
    made_at: datetime
    content: Sheet
    changed_layers: tuple[str, ...]
    content_sha256: str

    @property
    def stale(self) -> bool:
        """Return whether it was computed on what is no longer there."""
        return bool(self.changed_layers)


def technical_sheet(
    area: Area, shape: shapely.Geometry, kind: str, proposals: Sequence[Other] = ()
) -> Sheet:
    """Return the technical sheet of a shape: what it would meet, whom it serves, what it costs.

    Parameters
    ----------
    shape
        Point, line or polygon in the area's metric CRS.
    kind
        Of the proposal, an id of ``council.yaml``.
    proposals
        The live proposals it is held against.

    Raises
    ------
    InputError
        A layer of the area is faulty; one that is missing is said in the figures.
    """
    rules, city = sheet_rules().kinds[kind], _city(area)
    others = _in_reach(area, shape, proposals)
    zone = _zone_of(area, shape)
    figures = [
        *hazard_figures(area, shape),
        *people_figures(area, shape, rules, city),
        *response_figures(area, shape, rules),
        *green_figures(area, shape, rules, city, zone),
        *water_figures(area, shape, rules, city),
        *conflict_figures(area, shape, rules, city, others),
    ]
    order = list(sheet_rules().groups)
    return Sheet(
        kind=kind,
        shape=shape_kind(shape),
        area_m2=float(shape.area),
        length_m=float(shape.length),
        zone=zone,
        titles=sheet_rules().groups,
        figures=tuple(sorted(figures, key=lambda one: order.index(one.group))),
        layers=notes_of(area.refs(*sheet_layers(area))),
        parameters=_parameters(area, city),
        configuration_sha256=area.configuration_sha256,
        rules_sha256=_rules(),
        neighbours_sha256=_neighbours(others),
    )


def sheet_layers(area: Area) -> tuple[str, ...]:
    """Return every layer that a sheet may stand on and that has data."""
    asked = (
        *GREEN.layers_in_use(area),
        *risk_layers(area),
        *(patrol_layers(area) if area.has("population") else ()),
        *(need_layers(area) if area.has("population") else ()),
        *(park_layers(area) if area.has("population") else ()),
        LOTS,
    )
    return present(area, asked)


def refresh_sheet(council: Council, proposal_id: str) -> StoredSheet:
    """Return the sheet of a proposal, computed and stored anew where it moved or inputs changed.

    Raises
    ------
    NotFoundError
        There is no such proposal.
    ConflictError
        It was moved again and again meanwhile.
    InputError
        A layer is faulty.
    """
    for _ in range(TRIES):
        area = council.area()
        with council.reading(people.system) as repo:
            found = repo.get(proposal, proposal_id)
            others = _others(repo, area, found)
            known = _latest(repo, proposal_id)
        inputs = _inputs_sha256(area, found, others)
        if _holds(known, found, inputs):
            return _stored(area, known, found, others)
        made = technical_sheet(area, _shape(found), found["kind"], others)
        with council.writing(people.system) as repo:
            now = repo.get(proposal, proposal_id)
            if any(now[name] != found[name] for name in ("geometry", "kind")):
                continue
            written = _latest(repo, proposal_id)
            if not _holds(written, found, inputs):
                written = repo.add(
                    sheet,
                    VERB,
                    proposal_id=proposal_id,
                    made_at=repo.now,
                    geometry_sha256=shape_sha256(found["geometry"]),
                    inputs_sha256=inputs,
                    content=content_of(made),
                )
        return _stored(area, written, found, others)
    raise ConflictError("council.written_meanwhile")


def sheet_of(
    council: Council, proposal_id: str, *, actor: Actor = people.system
) -> StoredSheet | None:
    """Return the newest stored sheet of a proposal, None where none was made yet.

    Raises
    ------
    NotFoundError
        There is no such proposal that the actor may know of.
    """
    with council.reading(actor) as repo:
        return stored_sheet(repo, council.area(), readable(repo, proposal_id))


def stored_sheet(repo: Repository, area: Area, found: Record) -> StoredSheet | None:
    """Return the newest stored sheet of a proposal that was read in this transaction."""
    known = _latest(repo, found["id"])
    return None if known is None else _stored(area, known, found, _others(repo, area, found))


def _latest(repo: Repository, proposal_id: str) -> Record | None:
    order = (sheet.c.made_at.desc(), sheet.c.id)
    rows = repo.find(sheet, sheet.c.proposal_id == proposal_id, order=order, limit=1)
    return rows[0] if rows else None


def _holds(known: Record | None, found: Record, inputs: str) -> bool:
    """Return whether a stored sheet is of this shape and these inputs."""
    return (
        known is not None
        and known["geometry_sha256"] == shape_sha256(found["geometry"])
        and known["inputs_sha256"] == inputs
    )


def _stored(area: Area, known: Record | None, found: Record, others: list[Other]) -> StoredSheet:
    if known is None:
        raise ConflictError("council.written_meanwhile")
    content = sheet_from(known["content"])
    return StoredSheet(
        id=known["id"],
        made_at=known["made_at"],
        content=content,
        changed_layers=_changed(area, known, content, found, others),
        content_sha256=_sha256(known["content"]),
    )


def _changed(
    area: Area, known: Record, content: Sheet, found: Record, others: list[Other]
) -> tuple[str, ...]:
    """Return what differs now from what a sheet was computed on."""
    was = {note.layer: note for note in content.layers}
    now = {layer: _note(area, layer) for layer in sheet_layers(area)}
    changed = [
        layer
        for layer in sorted({*was, *now})
        if _compared(was.get(layer)) != _compared(now.get(layer))
    ]
    if content.configuration_sha256 != area.configuration_sha256:
        changed.append(AREA_FILE)
    if content.rules_sha256 != _rules():
        changed.append(RULES)
    if content.neighbours_sha256 != _neighbours(others):
        changed.append(NEIGHBOURS)
    if known["geometry_sha256"] != shape_sha256(found["geometry"]) or content.kind != found["kind"]:
        changed.append("geometry")
    return tuple(changed)


def _note(area: Area, layer: str) -> LayerNote | None:
    """Return what a layer is now; None for one that is refused at the door."""
    try:
        return LayerNote.of(area.layer(layer).ref)
    except InputError:
        return None


def _compared(note: LayerNote | None) -> tuple[str, ...]:
    return () if note is None else tuple(str(getattr(note, name)) for name in COMPARED)


def _city(area: Area) -> SheetCity | None:
    """Return people, streets and green, None where a layer for them is missing."""
    return sheet_city(area) if all(area.has(layer) for layer in GREEN_NEEDS) else None


def _zone_of(area: Area, shape: shapely.Geometry) -> str:
    if not area.config.levels:
        return ""
    zones = area.frame(area.config.levels[-1])
    held = zones[zones.contains(shape.representative_point())]
    return str(held.iloc[0]["id"]) if len(held) else ""


def _parameters(area: Area, city: SheetCity | None) -> dict[str, Any]:
    """Return every parameter of the analyses a sheet asks, prefixed by the analysis."""
    asked = [GREEN, MULTIHAZARD, PATROL] if city else []
    known = {one.id: one.parameters(area, {}).model_dump() for one in asked}
    if city:
        known["parks"] = city.params.model_dump()
    listed = {f"{name}.{key}": value for name, own in known.items() for key, value in own.items()}
    given = {f"sheet.{name}": one.value for name, one in sheet_rules().parameters.items()}
    return {**listed, **given}


def _rules() -> str:
    """Return the fingerprint of every rule that is data, and of the code's version."""
    standards = {name: one.model_dump() for name, one in access_standards().items()}
    return rules_sha256(
        type_table().model_dump_json(),
        rule_table().model_dump_json(),
        criterion_table().model_dump_json(),
        json.dumps(standards, sort_keys=True),
    )


def _others(repo: Repository, area: Area, found: Record) -> list[Other]:
    """Return the live proposals that may stand in a proposal's way, all but itself."""
    west, south, east, north = _reach_box(area, _shape(found))
    at = proposal.c
    rows = repo.find(
        proposal,
        at.state.in_(sheet_rules().live_states),
        at.id != found["id"],
        at.max_x >= west,
        at.min_x <= east,
        at.max_y >= south,
        at.min_y <= north,
        order=(at.number,),
    )
    return [Other(row["number"], row["title"], _shape(row)) for row in rows]


def _in_reach(area: Area, shape: shapely.Geometry, proposals: Sequence[Other]) -> list[Other]:
    """Return the proposals that touch the box in which a conflict can lie, by number."""
    west, south, east, north = _reach_box(area, shape)
    held = [
        one
        for one in proposals
        if (box := one.shape.bounds)[0] <= east
        and box[2] >= west
        and box[1] <= north
        and box[3] >= south
    ]
    return sorted(held, key=lambda one: one.number)


def _reach_box(area: Area, shape: shapely.Geometry) -> tuple[float, float, float, float]:
    """Return the box of a shape and of the lots it lies on, widened by how far one looks."""
    lots, given = lots_of(area), sheet_rules().parameters
    under = lots_under(shape, lots, overlap_m2=given["overlap_m2"].value)
    boxes = [shape.bounds]
    if lots is not None and under:
        boxes.append(tuple(lots.loc[under].total_bounds))
    edges, near_m = np.array(boxes), given["near_m"].value
    west, south = edges[:, :2].min(axis=0) - near_m
    east, north = edges[:, 2:].max(axis=0) + near_m
    return float(west), float(south), float(east), float(north)


def _neighbours(others: Sequence[Other]) -> str:
    listed = [(one.number, one.title, shapely.to_wkb(one.shape, hex=True)) for one in others]
    return _sha256(listed)


def _inputs_sha256(area: Area, found: Record, others: Sequence[Other]) -> str:
    """Return the fingerprint of all a sheet is computed from but the shape."""
    refs: tuple[LayerRef, ...] = area.refs(*sheet_layers(area))
    layers = {ref.layer: [str(getattr(ref, name)) for name in COMPARED] for ref in refs}
    known = [found["kind"], layers, area.configuration_sha256, _rules(), _neighbours(others)]
    return _sha256(known)


def _shape(found: Record) -> shapely.Geometry:
    return shapely.from_wkb(bytes(found["geometry"]))


def _sha256(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
