"""Sites that were found and points of the municipality become proposals, each once."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from types import SimpleNamespace

import geopandas as gpd
import pytest
import shapely

from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import RefusedError
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Selection
from ilo_geo.proposals.draft import draft_of
from ilo_geo.proposals.people import system
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.tables import audit
from ilo_geo.proposals.tables import proposal
from ilo_geo.services import candidate_sites
from ilo_geo.services.candidate_sites import n_untaken
from ilo_geo.services.candidate_sites import propose_sites
from ilo_geo.services.candidate_sites import search_of
from ilo_geo.services.candidate_sites import take_imported

MADE = datetime(2026, 11, 30, tzinfo=UTC)
SIDE_M = 30


def lots(town, n=3):
    """Return squares in a row from the middle of the city, in metres."""
    x, y = town.middle()
    at = gpd.GeoSeries([shapely.Point(x, y)], crs=4326).to_crs(town.council.area().crs).iloc[0]
    squares = [
        shapely.box(at.x + 2 * i * SIDE_M, at.y, at.x + (2 * i + 1) * SIDE_M, at.y + SIDE_M)
        for i in range(n)
    ]
    names = [f"L{i}" for i in range(n)]
    return gpd.GeoDataFrame(index=names, geometry=squares, crs=town.council.area().crs)


def draft(town, rows, table, analysis="parks"):
    result = AnalysisResult(
        analysis=analysis,
        area=town.council.area().config.id,
        parameters={},
        summary={},
        tables={"candidates": table.rename_axis("id")},
        warnings=(),
        provenance=(),
        selection=Selection(
            selected=tuple(rows), objective=1.0, bound=1.0, gap_ratio=0.0, status="optimal",
            solver_seconds=0.0,
        ),
    )  # fmt: skip
    return draft_of(result, "Nuevos parques", MADE)


def sites():
    return [
        {"id": "L0", "name": "Lote A", "capex_soles": 1234.4, "reasons_es": ["Cerca.", "Llano."]},
        {"id": "L2", "name": None, "reasons_es": [], "capex_soles": float("nan")},
    ]


def rows(town):
    with town.council.reading(system) as repo:
        return repo.find(proposal, order=(proposal.c.number,))


def test_each_site_becomes_a_draft_of_who_asked_with_its_shape_and_reasons(town):
    table = lots(town)
    made = draft(town, sites(), table)
    taken = propose_sites(town.council, town.actors["councillor"], made)
    first, second = rows(town)
    assert [one["id"] for one in taken.records] == [first["id"], second["id"]]
    assert first["title"] == "Nuevos parques · Lote A"
    assert second["title"] == "Nuevos parques · L2"
    # the cost is the search's, and says so
    *told, of_cost = first["description"].split("\n")
    assert told == ["Cerca.", "Llano."]
    assert "NV" in of_cost
    assert second["description"] == ""
    assert (first["cost_min_soles"], first["cost_max_soles"]) == (1234, 1234)
    assert second["cost_min_soles"] is None
    for record, site in ((first, "L0"), (second, "L2")):
        assert shapely.from_wkb(record["geometry"]).equals(table.geometry[site])
        assert (record["kind"], record["state"]) == ("park", "draft")
        assert (record["origin"], record["origin_ref"]) == ("candidate", made.id)
        assert record["account_id"] == town.actors["councillor"].account_id
        assert record["zone"] == town.council.zone_of(table.geometry[site]) != ""


def test_one_site_that_was_picked_is_one_proposal(town):
    made = draft(town, sites(), lots(town))
    propose_sites(town.council, town.actors["planner"], made, only=["L2"])
    assert [one["title"] for one in rows(town)] == ["Nuevos parques · L2"]
    with pytest.raises(InputError, match="no new sites"):
        propose_sites(town.council, town.actors["planner"], made, only=["elsewhere"])


def test_a_site_that_stands_as_a_proposal_is_not_proposed_twice(town):
    made = draft(town, sites(), lots(town))
    planner = town.actors["planner"]
    first = propose_sites(town.council, planner, made, only=["L0"])
    again = propose_sites(town.council, planner, made)
    ((site, error),) = again.left_out
    assert (site, error.fields["number"]) == ("L0", first.records[0]["number"])
    assert [one["title"] for one in again.records] == ["Nuevos parques · L2"]
    with pytest.raises(InputError, match="already is proposal"):
        propose_sites(town.council, planner, made)
    # another's draft is nobody's business, so it stands in nobody's way
    assert len(propose_sites(town.council, town.actors["councillor"], made).records) == 2
    # and what was thrown away may be proposed anew
    town.council.do(planner, "discard", first.records[0]["id"], {})
    assert len(propose_sites(town.council, planner, made).records) == 1


def test_a_site_that_was_moved_is_no_longer_what_the_search_chose(town, monkeypatch):
    made = draft(town, sites(), lots(town))
    monkeypatch.setattr(candidate_sites, "stored_draft", lambda _area, ref: {made.id: made}[ref])
    planner = town.actors["planner"]
    first = propose_sites(town.council, planner, made, only=["L0"]).records[0]
    shape = gpd.GeoSeries([shapely.from_wkb(first["geometry"])], crs=town.council.area().crs)
    said = {"title": "Parque", "kind": "park"}

    def edited(metres, version):
        there = shape.translate(metres).to_crs(4326).iloc[0]
        asked = {**said, "version": version}
        return town.council.edit(planner, first["id"], asked, shapely.geometry.mapping(there))

    assert search_of(town.council, first) is made
    # what a browser rounds is not moved
    assert search_of(town.council, edited(0.01, 1)) is made
    moved = edited(40, 2)
    assert (moved["origin"], moved["origin_ref"]) == ("drawn", "")
    assert search_of(town.council, moved) is None


def test_nobody_writes_that_a_search_chose_a_shape(town):
    forged = {"title": "Losa", "kind": "park", "origin": "candidate", "origin_ref": "abc123"}
    with pytest.raises(InputError, match="not asked for here"):
        town.council.create(town.actors["planner"], forged, town.square())


@pytest.mark.parametrize("role", ["citizen", "secretary", "administrator", "visitor"])
def test_who_may_make_no_proposals_makes_none_of_sites_either(town, role):
    made = draft(town, sites(), lots(town))
    with pytest.raises(RefusedError):
        propose_sites(town.council, town.actors[role], made)
    with pytest.raises(RefusedError):
        take_imported(town.council, town.actors[role])
    assert rows(town) == []


def test_a_site_without_a_fitting_shape_is_left_out_and_named(town):
    table = lots(town)
    table.loc["L0", "geometry"] = shapely.LineString([(0, 0), (1, 1)])
    taken = propose_sites(town.council, town.actors["planner"], draft(town, sites(), table))
    assert [name for name, _ in taken.left_out] == ["L0"]
    assert len(rows(town)) == 1


def test_a_base_that_stands_already_is_not_proposed(town):
    table = lots(town)
    table["geometry"] = table.geometry.centroid
    found = [
        {"id": "L0", "name": "Comisaría", "reasons": ["existing"]},
        {"id": "L1", "name": "Base nueva", "reasons": ["p_median"]},
    ]
    table = table.rename_axis("id")
    made = draft(town, found, table, analysis="patrol")
    made = made.model_copy(update={"places": table.loc[["L0", "L1"]]})
    propose_sites(town.council, town.actors["planner"], made)
    (record,) = rows(town)
    assert (record["title"], record["kind"]) == ("Nuevos parques · Base nueva", "patrol_base")


def test_all_sites_are_written_or_none(town, monkeypatch):
    made = draft(town, sites(), lots(town))
    written = []

    def fail_at_second(repo: Repository, *args, **kwargs):
        written.append(1)
        if len(written) == 2:
            raise InputError("council.no_sites", found="x")
        return create(repo, *args, **kwargs)

    create = candidate_sites.lifecycle.create
    monkeypatch.setattr(candidate_sites.lifecycle, "create", fail_at_second)
    with pytest.raises(InputError):
        propose_sites(town.council, town.actors["planner"], made)
    assert rows(town) == []
    with town.council.reading(system) as repo:
        assert repo.count(audit, audit.c.subject == "proposal") == 0


@pytest.fixture
def with_points(town, monkeypatch):
    """Give the city a municipal layer of proposals."""
    places = lots(town, 3).geometry.centroid
    frame = gpd.GeoDataFrame(
        {
            "id": ["a", "b", "c"],
            "title": ["Losa", "Calle nueva", "<script>"],
            "kind": ["Losa o campo deportivo", "Calle o vereda", None],
        },
        geometry=places.to_list(),
        crs=town.council.area().crs,
    )
    real = town.council.area()
    fake = SimpleNamespace(
        has=lambda layer: layer == "proposals" or real.has(layer),
        frame=lambda layer: frame if layer == "proposals" else real.frame(layer),
        config=real.config,
        boundary=real.boundary,
        crs=real.crs,
    )
    object.__setattr__(town.council, "area", lambda: fake)
    return frame


def test_points_of_the_municipality_come_in_once(town, with_points):
    planner = town.actors["planner"]
    assert n_untaken(town.council, planner) == len(with_points)
    taken = take_imported(town.council, planner)
    assert [(r["title"], r["kind"], r["origin"]) for r in taken.records] == [
        ("Losa", "sports_field", "imported"),
        # a street is no point
        ("Calle nueva", "other", "imported"),
        ("<script>", "other", "imported"),
    ]
    assert n_untaken(town.council, planner) == 0
    assert take_imported(town.council, planner).records == ()
    assert len(rows(town)) == len(with_points)
