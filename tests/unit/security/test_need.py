"""Need along the streets: from incidents, or from the stated proxy."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from ilo_geo.city.network import walking_network
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import ParameterError
from ilo_geo.security.incidents import incidents_in
from ilo_geo.security.need import NeedInputs
from ilo_geo.security.need import NeedParams
from ilo_geo.security.need import need

CRS = "EPSG:32719"
PARAMS = NeedParams(population_base="census")
LAND = gpd.GeoDataFrame(geometry=[shapely.box(-100, -100, 2100, 1100)], crs=CRS)


def points(*xy, **columns):
    return gpd.GeoDataFrame(geometry=[shapely.Point(p) for p in xy], crs=CRS).assign(**columns)


@pytest.fixture(scope="module")
def city():
    lines = [shapely.LineString([(x, y) for x in range(0, 2001, 200)]) for y in (0, 500, 1000)]
    lines.append(shapely.LineString([(0, 0), (0, 500), (0, 1000)]))
    streets = gpd.GeoDataFrame(geometry=lines, crs=CRS).assign(walk=True)
    return NeedInputs(
        network=walking_network(streets),
        street_class=np.array(["residential", "primary", "residential", "steps"], dtype=object),
        residents=points((100, 20), (1000, 480), (1900, 990), inhab=[10.0, 20.0, 30.0]),
        shops=points((200, 10)),
        sites=points((1800, 990)),
        declared=points((1000, 10), accuracy_m=100.0),
    )


def fallen(*xy):
    return incidents_in(points(*xy, kind="robo", date=None), LAND)


@pytest.mark.parametrize("density_in", ["network", "plane"])
@pytest.mark.parametrize("ratio", [0.0, 0.4])
def test_weights_and_the_parts_they_are_made_of_sum_to_one(city, density_in, ratio):
    params = PARAMS.model_copy(update={"density_in": density_in, "population_ratio": ratio})
    found = need(city, params)
    assert found.is_proxy
    assert found.weight.sum() == pytest.approx(1)
    assert found.parts.sum(axis=1).to_numpy() == pytest.approx(found.weight)
    for name in ("flow", "shops", "sites", "declared"):
        assert found.parts[name].sum() == pytest.approx((1 - ratio) / 4)


def test_with_incidents_there_is_no_proxy_and_need_lies_where_they_fell(city):
    five = fallen((600, 5), (620, 5), (600, 5), (610, 5), (590, 5))
    found = need(replace(city, incidents=five), PARAMS)
    assert not found.is_proxy
    assert list(found.parts) == ["incidents"]
    near = found.points.distance(shapely.Point(605, 0)) < 420
    assert found.weight[near].sum() == pytest.approx(1)


def test_need_tells_nothing_of_incidents_that_lie_apart_from_others(city):
    """Two more, a kilometre off, change no weight: their places cannot be read from any share."""
    many = [(600.0 + n, 5.0) for n in range(12)]
    alone = need(replace(city, incidents=fallen(*many)), PARAMS).weight
    with_two = need(replace(city, incidents=fallen(*many, (1900, 995), (1900, 996))), PARAMS)
    assert with_two.weight == pytest.approx(alone)
    with pytest.raises(InputError, match="nowhere are there 5"):
        need(replace(city, incidents=fallen(*many[:4])), PARAMS)


def test_people_passing_are_known_whatever_need_stands_on(city):
    five = fallen(*[(600.0 + n, 5.0) for n in range(5)])
    assert need(replace(city, incidents=five), PARAMS).flow == pytest.approx(
        need(city, PARAMS).flow
    )
    assert need(city, PARAMS).flow.sum() == pytest.approx(1)


def test_the_order_of_incidents_does_not_matter(city):
    xy = np.random.default_rng(5).uniform((0, 0), (2000, 1000), (60, 2))
    xy[:, 1] = np.round(xy[:, 1] / 500) * 500
    one = need(replace(city, incidents=fallen(*xy)), PARAMS).weight
    other = need(replace(city, incidents=fallen(*xy[::-1])), PARAMS).weight
    assert one == pytest.approx(other)


def test_evidence_the_city_lacks_gives_its_weight_to_the_others_and_is_named(city):
    found = need(replace(city, shops=city.shops.iloc[:0], declared=city.declared.iloc[:0]), PARAMS)
    assert found.parts.sum().to_dict() == pytest.approx(
        {"flow": 0.5, "shops": 0, "sites": 0.5, "declared": 0}
    )
    assert [n.code for n in found.notices] == ["need.proxy", "need.evidence_absent"]


def test_judgements_weigh_the_proxy(city):
    params = PARAMS.model_copy(update={"proxy_judgements": "1 1 1/2; 1 1/2; 1/2"})
    assert need(city, params).parts["declared"].sum() == pytest.approx(0.4)


def test_judgements_that_contradict_each_other_are_refused(city):
    params = PARAMS.model_copy(update={"proxy_judgements": "9 1/9 1; 9 1; 1"})
    with pytest.raises(ParameterError):
        need(city, params)


def test_more_people_pass_on_a_street_of_a_higher_class(city):
    plain = replace(city, street_class=np.array(["residential"] * 4, dtype=object))
    row = need(city, PARAMS).points["row"].to_numpy()
    higher, lower = need(city, PARAMS).parts["flow"], need(plain, PARAMS).parts["flow"]
    assert higher[row == 1].sum() > lower[row == 1].sum()


def test_incidents_all_outside_leave_the_proxy_and_are_counted(city):
    found = need(replace(city, incidents=fallen((9000, 0), (9000, 1))), PARAMS)
    assert found.is_proxy
    outside = next(n for n in found.notices if n.code == "incidents.outside")
    assert dict(outside.fields) == {"n": 2, "all": 2}


def test_incidents_all_far_from_streets_are_an_error_that_says_so(city):
    with pytest.raises(InputError) as caught:
        need(replace(city, incidents=fallen((1000, 250))), PARAMS)
    assert caught.value.code == "incidents.none_near_streets"


def test_a_city_without_streets_is_an_error_that_says_so(city):
    none = gpd.GeoDataFrame({"walk": np.array([], dtype=bool)}, geometry=[], crs=CRS)
    with pytest.raises(InputError) as caught:
        need(replace(city, network=walking_network(none)), PARAMS)
    assert caught.value.code == "need.no_streets"
