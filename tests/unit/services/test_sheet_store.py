"""Stored sheets: once for the same inputs, stale once one changes, never overwritten."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from pathlib import Path

import geopandas as gpd
import pytest
from council_town import Town
from shapely import box
from small_city import _at

from ilo_geo.core.errors import NotFoundError
from ilo_geo.core.layer import Status
from ilo_geo.proposals import people
from ilo_geo.proposals.audit import first_broken
from ilo_geo.proposals.sheet import content_of
from ilo_geo.proposals.tables import audit
from ilo_geo.proposals.tables import sheet
from ilo_geo.services import proposal_sheet
from ilo_geo.services.areas import open_area
from ilo_geo.services.init_layers import LayerTerms
from ilo_geo.services.init_layers import NewLayer
from ilo_geo.services.proposal_sheet import refresh_sheet
from ilo_geo.services.proposal_sheet import sheet_of
from ilo_geo.services.proposal_sheet import technical_sheet
from ilo_geo.services.versions import NewVersion
from ilo_geo.services.versions import land
from ilo_geo.services.versions import undo

CRS = "EPSG:32719"


def rows(town: Town, found: dict[str, object]) -> int:
    with town.council.reading(people.system) as repo:
        return repo.count(sheet, sheet.c.proposal_id == found["id"])


def new_parks() -> NewVersion:
    frame = gpd.GeoDataFrame(
        {"name": ["Plaza nueva"], "kind": ["park"], "access": ["public"]},
        geometry=[box(*_at(810, 810, 890, 890))],
        crs=CRS,
    ).assign(since_year=None, until_year=None)
    terms = LayerTerms("OpenStreetMap", "ODbL 1.0", "2026-11-29", Status.OBSERVED, 5.0)
    made = datetime(2026, 11, 29, 8, 30, tzinfo=UTC)
    return NewVersion(
        layers={"parks": NewLayer(frame, terms)}, kind="import", source="x", made=made, query="x"
    )


def test_a_sheet_is_stored_once_and_by_the_planner_itself(town: Town) -> None:
    found = town.draft()
    assert sheet_of(town.council, found["id"]) is None
    made = refresh_sheet(town.council, found["id"])
    again = refresh_sheet(town.council, found["id"])
    assert (made.stale, made.changed_layers) == (False, ())
    assert (again.id, again.made_at, rows(town, found)) == (made.id, made.made_at, 1)
    with town.council.reading(people.system) as repo:
        told = repo.find(audit, audit.c.subject == "sheet")
        assert [(row["actor"], row["verb"]) for row in told] == [("system", "sheet")]
        assert first_broken(repo.connection) is None
    stored = sheet_of(town.council, found["id"], actor=town.actors["planner"])
    assert stored == made
    assert content_of(stored.content) == content_of(made.content)


def test_what_is_stored_is_what_is_computed(town: Town) -> None:
    found = town.draft()
    stored = refresh_sheet(town.council, found["id"])
    shape = town.council.placed(town.square(), "park")
    fresh = technical_sheet(town.council.area(), shape, "park")
    assert content_of(stored.content) == content_of(fresh)


def test_a_sheet_on_replaced_data_is_stale_until_it_is_made_anew(town: Town) -> None:
    found = town.proposal_in("submitted")
    made = refresh_sheet(town.council, found["id"])
    area = town.council.area()
    land(area, new_parks())
    stale = sheet_of(town.council, found["id"])
    assert stale.stale
    assert stale.changed_layers == ("parks",)
    assert stale.content == made.content
    anew = refresh_sheet(town.council, found["id"])
    assert not anew.stale
    assert anew.id != made.id
    before = made.content["city_deficit_before"].value
    assert anew.content["city_deficit_before"].value != before
    # what the council had before it stays on record
    assert rows(town, found) == 2
    undo(area)
    assert sheet_of(town.council, found["id"]).changed_layers == ("parks",)
    back = refresh_sheet(town.council, found["id"])
    assert content_of(back.content) == content_of(made.content)


def test_a_sheet_is_stale_once_the_proposal_moves_or_becomes_another(town: Town) -> None:
    found = town.draft()
    refresh_sheet(town.council, found["id"])
    asked = {"title": "Losa", "kind": "sports_field", "version": found["version"]}
    town.council.edit(town.actors["planner"], found["id"], asked, town.square(0.0003))
    assert "geometry" in sheet_of(town.council, found["id"]).changed_layers
    moved = refresh_sheet(town.council, found["id"])
    assert not moved.stale
    assert moved.content.kind == "sports_field"
    assert rows(town, found) == 2


def test_other_proposals_in_the_way_make_it_stale_and_drafts_do_not_show(town: Town) -> None:
    found = town.proposal_in("submitted")
    alone = refresh_sheet(town.council, found["id"])
    assert alone.content["proposals"].value == 0
    draft = town.draft("councillor", title="Secreta")
    # nobody may learn of a draft that is not theirs
    assert not sheet_of(town.council, found["id"]).stale
    town.do("councillor", "submit", draft)
    assert sheet_of(town.council, found["id"]).changed_layers == ("proposals",)
    held = refresh_sheet(town.council, found["id"]).content
    assert held["proposals"].value == 1
    assert held[f"proposal_{draft['number']}"].level == "overlap"
    town.do("secretary", "archive", draft, reason="Repetida.")
    assert sheet_of(town.council, found["id"]).changed_layers == ("proposals",)
    assert refresh_sheet(town.council, found["id"]).content["proposals"].value == 0


def test_other_rules_make_it_stale(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    found = town.draft()
    refresh_sheet(town.council, found["id"])
    monkeypatch.setattr(proposal_sheet, "_rules", lambda: "another")
    assert sheet_of(town.council, found["id"]).changed_layers == ("rules",)
    refresh_sheet(town.council, found["id"])
    assert rows(town, found) == 2


def test_who_moves_it_meanwhile_gets_a_sheet_of_where_it_is(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = town.draft()
    usual, moved = proposal_sheet.technical_sheet, []

    def slow(*args: object, **named: object) -> object:
        if not moved:
            # computing holds no lock: somebody else can write
            asked = {"title": "Parque", "kind": "park", "version": found["version"]}
            moved.append(
                town.council.edit(town.actors["planner"], found["id"], asked, town.square(0.0003))
            )
        return usual(*args, **named)

    monkeypatch.setattr(proposal_sheet, "technical_sheet", slow)
    made = refresh_sheet(town.council, found["id"])
    assert not made.stale
    assert rows(town, found) == 1
    assert made.content.area_m2 == pytest.approx(_area(town, moved[0]), rel=1e-6)


def _area(town: Town, found: dict[str, object]) -> float:
    import shapely

    del town
    return float(shapely.from_wkb(bytes(found["geometry"])).area)


def test_a_sheet_is_read_by_who_may_read_the_proposal(town: Town) -> None:
    found = town.draft()
    refresh_sheet(town.council, found["id"])
    with pytest.raises(NotFoundError):
        sheet_of(town.council, found["id"], actor=town.actors["councillor"])
    with pytest.raises(NotFoundError):
        refresh_sheet(town.council, "abc")


def test_a_faulty_layer_is_named_and_the_old_sheet_is_kept(town: Town, tmp_path: Path) -> None:
    found = town.draft()
    made = refresh_sheet(town.council, found["id"])
    area = open_area(town.council.area().catalogue.folder, town.council.area().catalogue.workspace)
    report = land(area, new_parks())
    shelf = area.catalogue.versions
    path = next(shelf.layer_dir(report.version.id, "parks").glob("data.*"))
    path.write_bytes(b"not a layer")
    stale = sheet_of(town.council, found["id"])
    assert stale.changed_layers == ("parks",)
    assert stale.id == made.id
    assert tmp_path.is_dir()
