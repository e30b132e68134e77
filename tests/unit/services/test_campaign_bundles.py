"""The bundles of a campaign: made of the figures of sheets, against an oracle over all sets."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from council_town import Town
from shapely import Point
from shapely import box
from sheet_town import propose
from sheet_town import sheet_town
from sheet_town import write_sheet_city
from small_city import _at

from ilo_geo.core.errors import NotFoundError
from ilo_geo.proposals import people
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.tables import proposal
from ilo_geo.services import campaigns
from ilo_geo.services.campaign_bundles import campaign_bundles
from ilo_geo.services.proposal_sheet import technical_sheet
from ilo_geo.services.scenarios import figures_of

SHAPES = {
    1: ("park", box(*_at(1010, 970, 1090, 1050)), 40_000),
    2: ("park", box(*_at(1050, 1000, 1120, 1080)), 30_000),
    3: ("park", box(*_at(410, 410, 480, 480)), 35_000),
    4: ("sports_field", box(*_at(1510, 1510, 1560, 1560)), 20_000),
    5: ("cameras", Point(_at(1437, 537)), 5_000),
    6: ("street", box(*_at(505, 700, 520, 900)), 10_000),
    7: ("park", box(*_at(810, 1210, 880, 1280)), None),
    8: ("refuge", box(*_at(1650, 1650, 1670, 1670)), 900_000),
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = write_sheet_city(tmp_path_factory.mktemp("bundles") / "city")
    town = sheet_town(folder, tmp_path_factory.mktemp("bundles_ws"))
    for number, (kind, shape, cost) in SHAPES.items():
        costs = {} if cost is None else {"cost_min_soles": cost // 2, "cost_max_soles": cost}
        propose(town, shape, title=f"P{number}", kind=kind, **costs)
    yield town
    town.council.database.close()


@pytest.fixture(scope="module")
def campaign(town: Town) -> Record:
    days = {phase: f"2026-1{n}-01" for n, phase in enumerate([*rulebook().phases][:3])}
    days |= {phase: f"2027-0{n}-01" for n, phase in enumerate([*rulebook().phases][3:], start=1)}
    asked = {"title": "Presupuesto", "envelope_soles": 100_000, "phase_days": days}
    made = campaigns.create(town.council, town.actors["secretary"], asked)
    for record in records(town):
        town.do("planner", "join_campaign", record, campaign_id=made["id"])
    return made


def records(town: Town) -> list[Record]:
    with town.council.reading(people.system) as repo:
        return repo.find(proposal, order=(proposal.c.number,))


def test_bundles_bring_what_scenarios_of_the_same_proposals_bring(
    town: Town, campaign: Record
) -> None:
    found = campaign_bundles(town.council, town.actors["planner"], campaign["id"])
    known = {record["id"]: record for record in records(town)}
    area = town.council.area()
    assert found.frontier.exact
    assert found.frontier.bundles
    told = []
    for one in found.frontier.bundles:
        figures = figures_of(area, [known[name] for name in one.ids])
        table = figures.measures
        assert one.people_inhab == pytest.approx(table.loc["served_inhab", "after"])
        closed = -float(figures.zones["deficit_ha_change"].sum())
        assert one.closed_ha == pytest.approx(closed)
        assert one.risk_inhab == pytest.approx(table.loc["risk_inhab", "after"])
        assert one.cost_high == table.loc["cost_soles", "after"] <= 100_000
        assert one.cost_low == table.loc["cost_soles", "low"]
        told.append((one.people_inhab, one.closed_ha, -one.risk_inhab))
    for a, b in itertools.permutations(told, 2):
        assert not all(x >= y for x, y in zip(a, b, strict=True))


def test_no_set_that_fits_is_better_than_all_that_are_listed(town: Town, campaign: Record) -> None:
    found = campaign_bundles(town.council, town.actors["planner"], campaign["id"])
    area, rows = town.council.area(), records(town)
    told = [(b.people_inhab, b.closed_ha, b.risk_inhab) for b in found.frontier.bundles]
    fit = [row for row in rows if (row["cost_max_soles"] or 10**9) <= 100_000]
    for size in (1, 2, 3):
        for chosen in itertools.combinations(fit, size):
            numbers = {row["number"] for row in chosen}
            if sum(row["cost_max_soles"] for row in chosen) > 100_000 or numbers >= {1, 2}:
                continue
            figures = figures_of(area, list(chosen))
            mine = (
                figures.measures.loc["served_inhab", "after"],
                -float(figures.zones["deficit_ha_change"].sum()),
                figures.measures.loc["risk_inhab", "after"],
            )
            assert any(
                p >= mine[0] - 1e-6 and c >= mine[1] - 1e-9 and r <= mine[2] + 1e-6
                for p, c, r in [*told, (0.0, 0.0, 0.0)]
            )


def test_who_is_left_out_is_named_and_why(town: Town, campaign: Record) -> None:
    found = campaign_bundles(town.council, town.actors["planner"], campaign["id"])
    assert found.frontier.without_cost == ("7. P7",)
    assert found.frontier.over_envelope == ("8. P8",)
    assert found.frontier.idle == ("6. P6",)
    assert [said.es for said in found.not_counted] == ["6. P6"]
    assert [(a.es, b.es) for a, b in found.overlapping] == [("1. P1", "2. P2")]
    for one in found.frontier.bundles:
        numbers = {found.effects[name].number for name in one.ids}
        # two parks on one ground are never both chosen
        assert not numbers >= {1, 2}
    assert any({1, 5} <= {found.effects[n].number for n in b.ids} for b in found.frontier.bundles)
    wide = campaign_bundles(
        town.council, town.actors["planner"], campaign["id"], envelope_soles=2_000_000
    )
    assert wide.frontier.over_envelope == ()


def test_each_project_alone_is_as_its_sheet_says(town: Town, campaign: Record) -> None:
    found = campaign_bundles(town.council, town.actors["planner"], campaign["id"])
    area = town.council.area()
    inhab = None
    for effect in found.effects.values():
        kind = SHAPES[effect.number][0]
        shown = technical_sheet(area, effect.shape, kind)
        assert effect.hazard == pytest.approx(shown["residual"].value)
        if effect.serves is not None:
            if inhab is None:
                from ilo_geo.services.sheet_city import sheet_city

                inhab = sheet_city(area).people[0].inhab
            served = float(inhab[effect.serves].sum())
            if kind == "refuge":
                assert served <= shown["served"].value
            else:
                assert served == pytest.approx(shown["served"].value)


def test_a_campaign_that_is_not_there_is_not_found(town: Town) -> None:
    with pytest.raises(NotFoundError):
        campaign_bundles(town.council, town.actors["planner"], "ab")


def test_what_was_found_not_feasible_is_in_no_bundle_and_is_named(
    town: Town, campaign: Record
) -> None:
    before = campaign_bundles(town.council, town.actors["planner"], campaign["id"])
    name = before.frontier.bundles[0].ids[0]
    (found,) = [one for one in records(town) if one["id"] == name]
    town.do("planner", "take_up", found)
    town.do("planner", "assess", found, verdict="not_feasible", reason="Derriba viviendas.")
    after = campaign_bundles(town.council, town.actors["planner"], campaign["id"])
    # the town is of every test of this file
    town.do("planner", "assess", found, verdict="feasible", reason="Rediseñado.")
    assert [title.es for title in after.not_feasible] == [f"{found['number']}. {found['title']}"]
    assert all(name not in one.ids for one in after.frontier.bundles)


def test_modelled_layers_are_named(town: Town, campaign: Record) -> None:
    found = campaign_bundles(town.council, town.actors["planner"], campaign["id"])
    area = town.council.area()
    modelled = {m.title.es for m in area.catalogue.declared.values() if m.status == "modelled"}
    assert {title.es for title in found.modelled} <= modelled
