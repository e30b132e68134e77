"""Use case: the technical sheet of a proposal, computed, stored, and stale once its inputs change.

A sheet is computed outside any transaction that writes. It stands on layers, on the city's
configuration, on the rules and on the proposals near it; where one of these is no longer as it was,
the stored sheet says which. Nothing is overwritten: a new sheet is a new row, the newest counts.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
from ilo_geo.proposals.sheet import CONFLICTS
from ilo_geo.proposals.sheet import GREEN as GREEN_GROUP
from ilo_geo.proposals.sheet import HAZARDS
from ilo_geo.proposals.sheet import PEOPLE
from ilo_geo.proposals.sheet import RESPONSE
from ilo_geo.proposals.sheet import WATER
from ilo_geo.proposals.sheet import Figure
from ilo_geo.proposals.sheet import LayerNote
from ilo_geo.proposals.sheet import Sheet
from ilo_geo.proposals.sheet import content_of
from ilo_geo.proposals.sheet import notes_of
from ilo_geo.proposals.sheet import sheet_from
from ilo_geo.proposals.sheet_conflicts import Other
from ilo_geo.proposals.sheet_rules import figure
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
from ilo_geo.services.parks import PARKS
from ilo_geo.services.parks import park_layers
from ilo_geo.services.patrol import PATROL
from ilo_geo.services.patrol import patrol_layers
from ilo_geo.services.risk import MULTIHAZARD
from ilo_geo.services.risk import risk_layers
from ilo_geo.services.sheet_city import GREEN_NEEDS
from ilo_geo.services.sheet_city import SheetCity
from ilo_geo.services.sheet_city import said_by
from ilo_geo.services.sheet_city import sheet_city
from ilo_geo.services.sheet_conflicts import conflict_figures
from ilo_geo.services.sheet_conflicts import rule_figures
from ilo_geo.services.sheet_green import FOOTPRINT
from ilo_geo.services.sheet_green import green_figures
from ilo_geo.services.sheet_green import water_figures
from ilo_geo.services.sheet_hazards import hazard_figures
from ilo_geo.services.sheet_neighbours import content_sha256
from ilo_geo.services.sheet_neighbours import in_reach
from ilo_geo.services.sheet_neighbours import neighbours_sha256
from ilo_geo.services.sheet_neighbours import others_near
from ilo_geo.services.sheet_neighbours import shape_of_record
from ilo_geo.services.sheet_people import people_figures
from ilo_geo.services.sheet_response import response_figures

VERB = "sheet"
# whoever moves a proposal while its sheet is computed is waited for so often
TRIES = 3
PREPARED_HALF_M = 20.0
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

    A layer that is missing or of no use is said in the figures, which then have no value.
    """
    rules, zone = sheet_rules().kinds[kind], _zone_of(area, shape)
    others = in_reach(area, shape, proposals)
    # a layer that one part cannot use leaves the other parts as they are
    figures = [
        *_told(HAZARDS, lambda: hazard_figures(area, shape)),
        *_told(PEOPLE, lambda: people_figures(area, shape, rules, _city(area))),
        *_told(RESPONSE, lambda: response_figures(area, shape, rules)),
        *_told(GREEN_GROUP, lambda: green_figures(area, shape, rules, _city(area), zone)),
        *_told(WATER, lambda: water_figures(area, shape, rules, _city(area))),
        *_told(CONFLICTS, lambda: conflict_figures(area, shape, others)),
        *_told(CONFLICTS, lambda: rule_figures(area, shape, rules, _city(area))),
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
        parameters=_parameters(area),
        configuration_sha256=area.configuration_sha256,
        rules_sha256=_rules(),
        neighbours_sha256=neighbours_sha256(others),
    )


def prepare_sheets(area: Area) -> None:
    """Load what sheets of every kind need and keep, so that nobody waits for the first one."""
    if area.boundary is None:
        return
    place = area.boundary.representative_point().buffer(PREPARED_HALF_M, cap_style="square")
    for kind in sheet_rules().kinds:
        technical_sheet(area, place, kind)


def sheet_layers(area: Area) -> tuple[str, ...]:
    """Return every layer that a sheet may stand on and that has data."""
    asked = (
        *GREEN.layers_in_use(area),
        *risk_layers(area),
        *(patrol_layers(area) if area.has("population") else ()),
        *(need_layers(area) if area.has("population") else ()),
        *(park_layers(area) if area.has("population") else ()),
        LOTS,
        FOOTPRINT,
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
            others = others_near(repo, area, found)
            known = _latest(repo, proposal_id)
        inputs = _inputs_sha256(area, found, others)
        if _holds(known, found, inputs):
            return _stored(area, known, found, others)
        made = technical_sheet(area, shape_of_record(found), found["kind"], others)
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
    return None if known is None else _stored(area, known, found, others_near(repo, area, found))


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
        content_sha256=content_sha256(known["content"]),
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
    if content.neighbours_sha256 != neighbours_sha256(others):
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


def _told(group: str, make: Callable[[], Iterable[Figure]]) -> list[Figure]:
    """Return the figures of a part, or that it cannot be told and why."""
    try:
        return list(make())
    except InputError as error:
        name = f"{group}_unknown" if group != CONFLICTS else "rules_unknown"
        return [figure("unknown", figure_id=name, said=said_by(error), group=group)]


def _city(area: Area) -> SheetCity | None:
    """Return people, streets and green, None where a layer for them is missing."""
    return sheet_city(area) if all(area.has(layer) for layer in GREEN_NEEDS) else None


def _zone_of(area: Area, shape: shapely.Geometry) -> str:
    if not area.config.levels:
        return ""
    zones = area.frame(area.config.levels[-1])
    held = zones[zones.intersects(shape.representative_point())]
    return str(held.iloc[0]["id"]) if len(held) else ""


def _parameters(area: Area) -> dict[str, Any]:
    """Return every parameter of the analyses a sheet asks, prefixed by the analysis."""
    asked = [GREEN, MULTIHAZARD, PATROL, PARKS] if area.has("population") else []
    known = {one.id: one.parameters(area, {}).model_dump() for one in asked}
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


def inputs_of_area(area: Area) -> str:
    """Return the fingerprint of the layers in use, the configuration and the rules."""
    refs: tuple[LayerRef, ...] = area.refs(*sheet_layers(area))
    layers = {ref.layer: [str(getattr(ref, name)) for name in COMPARED] for ref in refs}
    return content_sha256([layers, area.configuration_sha256, _rules()])


def _inputs_sha256(area: Area, found: Record, others: Sequence[Other]) -> str:
    """Return the fingerprint of all a sheet is computed from but the shape."""
    return content_sha256([found["kind"], inputs_of_area(area), neighbours_sha256(others)])
