"""Data under watch: ages, coverage and counts against hand-made ones, and what is missing most."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ilo_geo.core.layer import Status
from ilo_geo.services.analyses import analysis_of
from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area
from ilo_geo.services.watch import Watch
from ilo_geo.services.watch import watch
from ilo_geo.services.watch import watch_rules

TODAY = date(2026, 11, 29)


def changed(area: Area, layer: str, **changes: object) -> Area:
    path = area.catalogue.folder / layer / "layer.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **changes}))
    return open_area(area.catalogue.folder, area.catalogue.workspace)


def configured(area: Area, **changes: object) -> Area:
    path = area.catalogue.folder / "area.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **changes}))
    return open_area(area.catalogue.folder, area.catalogue.workspace)


def of(found: Watch, layer: str):
    return next(one for one in found.layers if one.meta.id == layer)


@pytest.mark.parametrize(
    ("when", "age_years"),
    [("2026-11-28", 1 / 365.25), ("2026-10", 28 / 365.25), ("2024", 697 / 365.25), ("2026", 0.0)],
)
def test_age_is_the_least_that_the_date_allows(toy: Area, when: str, age_years: float) -> None:
    one = of(watch(changed(toy, "parks", date=when), TODAY), "parks")
    assert one.age_years == pytest.approx(age_years, abs=0.004)


@given(st.dates(date(1950, 1, 1), date(2026, 11, 29)))
def test_a_full_date_never_makes_data_younger_than_its_year(day: date) -> None:
    from ilo_geo.services.watch import _age_years

    exact = _age_years(day.isoformat(), TODAY)
    assert exact == pytest.approx((TODAY - day).days / 365.25)
    assert _age_years(f"{day:%Y-%m}", TODAY) <= exact + 1 / 365.25
    assert _age_years(f"{day:%Y}", TODAY) <= exact + 1 / 365.25


def test_freshness_follows_the_life_of_the_layer_and_a_model_has_none(toy: Area) -> None:
    life = watch_rules().freshness.layers["parks"]
    for years, said in ((life.fresh, "fresh"), (life.old, "ageing"), (life.old + 1, "old")):
        when = date(TODAY.year - int(years), TODAY.month, TODAY.day).isoformat()
        found = watch(changed(toy, "parks", date=when), TODAY)
        assert of(found, "parks").freshness == said
    assert of(watch(changed(toy, "parks", status="modelled"), TODAY), "parks").freshness is None


def test_zones_with_a_park_are_those_a_naive_loop_finds(toy: Area) -> None:
    zones, parks = toy.frame("districts"), toy.frame("parks")
    naive = sum(any(zone.intersects(park) for park in parks.geometry) for zone in zones.geometry)
    one = of(watch(toy, TODAY), "parks")
    assert (one.n_zones_with, one.n_zones) == (naive, 2) == (1, 2)


def test_what_is_modelled_is_found_but_does_not_count_as_real(toy: Area) -> None:
    known = {
        "layer": "buildings",
        "title": {"es": "Casas", "en": "Houses"},
        "value": 5,
        "year": 2020,
        "source": "Toy",
        "where": {"use": "house"},
    }
    absent = {**known, "layer": "neighbour_boards", "where": {}}
    area = configured(toy, known_counts=[known, absent])
    houses, boards = watch(area, TODAY).complete
    assert (houses.n_found, houses.n_real) == (3, 3)
    assert (boards.n_found, boards.n_real) == (0, 0)
    modelled = watch(changed(area, "buildings", status="modelled"), TODAY).complete[0]
    assert (modelled.n_found, modelled.n_real) == (3, 0)


def test_a_count_of_a_column_that_is_not_there_finds_nothing(toy: Area) -> None:
    known = {
        "layer": "parks",
        "title": {"es": "P", "en": "P"},
        "value": 1,
        "year": 2020,
        "source": "Toy",
        "where": {"owner": "city"},
    }
    assert watch(configured(toy, known_counts=[known]), TODAY).complete[0].n_found == 0


def test_what_is_missing_is_scored_by_its_stated_arithmetic(toy: Area) -> None:
    area = changed(toy, "parks", status="modelled")
    rules = watch_rules()
    found = {one.layer: one for one in watch(area, TODAY).missing}
    assert "parks" in {*analysis_of("green").layers_in_use(area)}
    parks = found["parks"]
    assert len(parks.turns) == len(rules.turns_on["parks"])
    assert parks.score == len(parks.analyses) + 4 * len(parks.turns)
    assert "streets" not in found  # observed: nothing is lacking
    scores = [one.score for one in watch(area, TODAY).missing]
    assert scores == sorted(scores, reverse=True)
    derived = {
        one.layer: one for one in watch(changed(area, "parks", status="derived"), TODAY).missing
    }
    assert derived["parks"].score == parks.score / 2


def test_a_layer_refused_at_the_door_covers_nothing_and_the_rest_is_told(toy: Area) -> None:
    path = toy.catalogue.folder / "parks" / "data.gpkg"
    gpd.read_file(path).drop(columns="kind").to_file(path, driver="GPKG", layer="parks")
    found = watch(open_area(toy.catalogue.folder, toy.catalogue.workspace), TODAY)
    assert of(found, "parks").n_zones_with == 0
    assert of(found, "streets").meta.status is Status.OBSERVED
