"""Layers brought in beside what is there: switched, compared, taken back, never lost."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import geopandas as gpd
import pytest
import yaml
from shapely import LineString
from shapely import Point
from shapely import box

from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import SchemaError
from ilo_geo.core.layer import Origin
from ilo_geo.core.layer import Status
from ilo_geo.io import versions as version_files
from ilo_geo.io.workspace import Workspace
from ilo_geo.services.analyses import analyse
from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area
from ilo_geo.services.init_layers import LayerTerms
from ilo_geo.services.init_layers import NewLayer
from ilo_geo.services.layer_changes import layer_change
from ilo_geo.services.results import ResultStore
from ilo_geo.services.versions import NewVersion
from ilo_geo.services.versions import history
from ilo_geo.services.versions import land
from ilo_geo.services.versions import undo
from ilo_geo.services.versions import use

CRS = "EPSG:32719"
X0, Y0 = 252_000, 8_047_000
AT = datetime(2026, 11, 29, 8, 30, tzinfo=UTC)


def parks(*sides_m: float) -> gpd.GeoDataFrame:
    shapes = [box(X0 + 20, Y0 + 20, X0 + 20 + s, Y0 + 20 + s) for s in sides_m]
    return gpd.GeoDataFrame(
        {
            "osm_id": [f"way/{n}" for n in range(len(sides_m))],
            "name": "Plaza",
            "kind": "park",
            "access": "public",
            "since_year": None,
            "until_year": None,
        },
        geometry=shapes,
        crs=CRS,
    )


def fetched(frame: gpd.GeoDataFrame, layer: str = "parks", **changes: object) -> NewVersion:
    terms = LayerTerms("OpenStreetMap", "ODbL 1.0", "2026-11-29", Status.OBSERVED, 5.0)
    said = {"kind": "fetch", "source": "osm", "made": AT, "query": "parks", **changes}
    return NewVersion(layers={layer: NewLayer(frame, terms)}, **said)


def reopened(area: Area) -> Area:
    return open_area(area.catalogue.folder, area.catalogue.workspace)


def describe(area: Area, layer: str, **changes: object) -> None:
    path = area.catalogue.folder / layer / "layer.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **changes}))


def test_a_fetch_lands_beside_switches_and_reports_what_it_did_to_the_deficit(toy: Area) -> None:
    stored = ResultStore(toy).save(analyse(toy, "green", {}))
    report = land(toy, fetched(parks(100.0)))
    now = reopened(toy)
    assert report.in_use == ("parks",)
    assert now.catalogue.source("parks").origin is Origin.FETCHED
    assert now.frame("parks").area.sum() == pytest.approx(100.0**2)
    # 460 inhabitants times 9 m² less 1,600 m² before, less 10,000 m² now: never under 0
    assert report.deficit.before.deficit_ha == pytest.approx((460 * 9 - 1600) / 1e4)
    assert report.deficit.after.deficit_ha == 0.0
    assert report.deficit.after.green_m2_per_inhab == pytest.approx(10_000 / 460)
    assert ResultStore(now).load(stored).changed_layers == ("parks",)


def test_undo_gives_back_the_very_data_and_results_are_fresh_again(toy: Area) -> None:
    stored = ResultStore(toy).save(analyse(toy, "green", {}))
    before = toy.layer("parks").sha256
    land(toy, fetched(parks(100.0)))
    assert undo(toy) == ("parks",)
    assert reopened(toy).layer("parks").sha256 == before
    assert not ResultStore(reopened(toy)).load(stored).stale


def test_one_may_switch_to_any_version_and_to_what_came_with_the_area(toy: Area) -> None:
    first = land(toy, fetched(parks(100.0))).version.id
    land(reopened(toy), fetched(parks(50.0), made=AT + timedelta(days=1)))
    assert reopened(toy).frame("parks").area.sum() == pytest.approx(2500)
    use(toy, first, (), AT + timedelta(days=2))
    assert reopened(toy).frame("parks").area.sum() == pytest.approx(10_000)
    use(toy, "shipped", ("parks",), AT + timedelta(days=3))
    assert reopened(toy).frame("parks").area.sum() == pytest.approx(1600)
    assert [entry.in_use for entry in history(toy)] == [(), ()]
    assert [entry.version.id for entry in history(toy)][1] == first


def test_a_weaker_or_an_empty_layer_lands_but_does_not_displace(toy: Area) -> None:
    empty = land(toy, fetched(parks().astype({"name": object})))
    assert (empty.in_use, empty.kept) == ((), {"parks": "empty"})
    describe(toy, "parks", status="official")
    official = reopened(toy)
    weaker = land(official, fetched(parks(100.0)))
    assert (weaker.in_use, weaker.kept, weaker.deficit) == ((), {"parks": "weaker"}, None)
    assert reopened(toy).meta("parks").status is Status.OFFICIAL
    # a person who imports has decided
    imported = land(official, fetched(parks(100.0), kind="import", made=AT + timedelta(hours=1)))
    assert imported.in_use == ("parks",)
    assert reopened(toy).catalogue.source("parks").origin is Origin.IMPORTED


def test_modelled_layers_step_back_once_what_they_stand_on_is_observed(toy: Area) -> None:
    describe(toy, "buildings", status="modelled", stands_on=["streets"])
    describe(toy, "streets", status="modelled")
    modelled = reopened(toy)
    assert modelled.has("buildings")
    report = land(modelled, fetched(STREET, "streets"))
    assert report.stepped_back == ("buildings",)
    assert not reopened(toy).has("buildings")
    assert "buildings" in str(report.deficit.after.reason)
    undo(toy)
    assert reopened(toy).has("buildings")


def none_of(layer: str) -> gpd.GeoDataFrame:
    """Return a layer of green or of lines as a source gives it that has nothing of it."""
    columns = {"parks": parks().columns, "streets": STREET.columns}.get(layer, ["geometry"])
    return gpd.GeoDataFrame({c: [] for c in columns}, geometry="geometry", crs=CRS)


STREET = gpd.GeoDataFrame(
    {
        "osm_id": ["way/1"],
        "street_class": "residential",
        "name": None,
        "walk": True,
        "drive": True,
        "oneway": "both",
    },
    geometry=[LineString([(X0, Y0), (X0 + 400, Y0)])],
    crs=CRS,
)


def landing(day: int, **frames: gpd.GeoDataFrame) -> NewVersion:
    """Return a fetch of several layers."""
    terms = LayerTerms("OpenStreetMap", "ODbL 1.0", "2026-11-29", Status.OBSERVED, 5.0)
    layers = {name: NewLayer(frame, terms) for name, frame in frames.items()}
    return NewVersion("fetch", "osm", AT + timedelta(days=day), layers)


def test_none_in_the_source_is_a_fact_where_a_modelled_layer_steps_back(toy: Area) -> None:
    describe(toy, "parks", status="modelled", stands_on=["streets"])
    describe(toy, "streets", status="modelled")
    assert reopened(toy).has("parks")
    for day in range(2):
        # the same fetch twice has the same answer
        report = land(reopened(toy), landing(day, parks=none_of("parks"), streets=STREET))
        assert set(report.in_use) == {"parks", "streets"}
        assert (report.absent, report.kept, report.stepped_back) == (("parks",), {}, ())
        assert reopened(toy).meta("parks").status is Status.OBSERVED
        assert len(reopened(toy).frame("parks")) == 0
    undo(toy)
    undo(toy)
    assert reopened(toy).frame("parks").area.sum() == pytest.approx(1600)


def test_none_in_the_source_displaces_nothing_that_stays(toy: Area) -> None:
    # nothing makes it step back: its streets are not in this landing
    describe(toy, "parks", status="modelled", stands_on=["buildings"])
    describe(toy, "buildings", status="modelled")
    describe(toy, "streets", status="modelled")
    for day in range(2):
        report = land(reopened(toy), landing(day, parks=none_of("parks"), streets=STREET))
        assert (report.in_use, report.absent) == (("streets",), ())
        assert report.kept == {"parks": "empty"}
    # nor does a modelled layer that somebody chose
    describe(toy, "parks", status="modelled", stands_on=["streets"])
    use(reopened(toy), "shipped", ("parks",), AT + timedelta(days=3))
    report = land(reopened(toy), landing(4, parks=none_of("parks"), streets=STREET))
    assert report.kept == {"parks": "empty"}
    assert reopened(toy).frame("parks").area.sum() == pytest.approx(1600)


def test_none_in_the_source_of_what_never_had_data_is_in_use_each_time(toy: Area) -> None:
    assert not toy.has("water")
    for day in range(2):
        report = land(reopened(toy), landing(day, water=none_of("water"), streets=STREET))
        assert (report.absent, report.kept) == (("water",), {})
        assert len(reopened(toy).frame("water")) == 0


def test_a_layer_that_does_not_pass_the_door_switches_nothing(toy: Area) -> None:
    broken = parks(100.0).assign(access="nobody knows")
    with pytest.raises(SchemaError, match="access"):
        land(toy, fetched(broken))
    assert reopened(toy).catalogue.source("parks").origin is Origin.SHIPPED
    assert history(toy) == ()


def test_the_difference_is_against_what_was_in_use_before(toy: Area) -> None:
    first = land(toy, fetched(parks(100.0, 50.0, 30.0))).changes["parks"]
    # the shipped park has another shape and no id
    assert (first.n_added, first.n_removed, first.n_unchanged) == (3, 1, 0)
    second = land(reopened(toy), fetched(parks(100.0, 40.0), made=AT + timedelta(days=1)))
    change = second.changes["parks"]
    assert (change.n_added, change.n_removed, change.n_changed, change.n_unchanged) == (0, 1, 1, 1)


def test_a_layer_without_a_row_that_can_be_used_displaces_nothing(toy: Area) -> None:
    elsewhere = parks(100.0).translate(xoff=900_000)
    odd = parks(100.0).set_geometry(elsewhere)
    shapeless = parks(100.0).set_geometry(gpd.GeoSeries([None], crs=CRS))
    for n, frame in enumerate((odd, shapeless)):
        report = land(toy, fetched(frame, made=AT + timedelta(hours=n)))
        assert report.kept == {"parks": "empty"}
        with pytest.raises(InputError, match="brings no row"):
            land(toy, fetched(frame, kind="import", made=AT + timedelta(hours=10 + n)))
    assert reopened(toy).catalogue.source("parks").origin is Origin.SHIPPED
    assert len(history(toy)) == 2


def test_the_same_asked_twice_at_one_time_is_two_versions(toy: Area) -> None:
    one = land(toy, fetched(parks(100.0))).version
    two = land(reopened(toy), fetched(parks(50.0, 20.0))).version
    assert one.id != two.id
    assert {entry.version.layers["parks"].n_features for entry in history(toy)} == {1, 2}


def test_a_choice_can_be_taken_back_alone(toy: Area) -> None:
    chart = gpd.GeoDataFrame(
        {"scenario": [None], "level_m": [None]}, geometry=[box(X0, Y0, X0 + 9, Y0 + 9)], crs=CRS
    )
    land(toy, fetched(chart, "tsunami_chart", kind="import"))
    land(reopened(toy), fetched(parks(100.0), made=AT + timedelta(days=1)))
    assert reopened(toy).has("tsunami_chart")
    use(reopened(toy), "strongest", ("tsunami_chart",), AT + timedelta(days=2))
    now = reopened(toy)
    assert not now.has("tsunami_chart")
    assert now.frame("parks").area.sum() == pytest.approx(10_000)


def test_text_that_hides_or_turns_itself_does_not_land(toy: Area) -> None:
    frame = parks(100.0).assign(name="\u202eza\x00lP")
    land(toy, fetched(frame))
    assert reopened(toy).frame("parks")["name"].tolist() == ["zalP"]


def test_a_power_cut_before_the_switch_leaves_the_old_version_in_use(
    toy: Area, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(version_files.VersionShelf, "choose", cut)
        land(toy, fetched(parks(100.0)))
    assert reopened(toy).catalogue.source("parks").origin is Origin.SHIPPED
    # what was downloaded is not lost: it can be taken into use
    (entry,) = history(toy)
    assert use(toy, entry.version.id, (), AT) == ("parks",)
    assert reopened(toy).frame("parks").area.sum() == pytest.approx(10_000)


def test_a_version_taken_away_by_hand_falls_back_to_what_is_there(toy: Area) -> None:
    import shutil

    made = land(toy, fetched(parks(100.0))).version.id
    shutil.rmtree(toy.catalogue.versions.folder / made)
    assert reopened(toy).catalogue.source("parks").origin is Origin.SHIPPED


def test_unknown_layers_and_versions_are_refused_in_one_line(toy: Area, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No layer 'volcanoes'"):
        land(toy, fetched(parks(1.0), "volcanoes"))
    land(toy, fetched(parks(100.0)))
    version = history(toy)[0].version.id
    with pytest.raises(InputError, match="'streets' is not in"):
        use(toy, version, ("streets",), AT)
    with pytest.raises(InputError, match="say which layer"):
        use(toy, "shipped", (), AT)
    with pytest.raises(InputError, match="no switch of version"):
        undo(open_area(toy.catalogue.folder, Workspace(tmp_path / "other")))


def test_changes_are_counted_by_key_as_a_naive_loop_does() -> None:
    before, after = parks(10.0, 20.0, 30.0), parks(10.0, 25.0, 30.0, 40.0).drop(index=2)
    old = dict(zip(before["osm_id"], before.geometry, strict=True))
    new = dict(zip(after["osm_id"], after.geometry, strict=True))
    same = sum(old[k].equals(new[k]) for k in old.keys() & new.keys())
    change = layer_change(before, after)
    assert change.n_added == len(new.keys() - old.keys()) == 1
    assert change.n_removed == len(old.keys() - new.keys()) == 1
    assert change.n_unchanged == same == 1
    assert change.n_changed == len(old.keys() & new.keys()) - same == 1


def test_features_without_a_name_are_told_apart_by_all_they_have() -> None:
    def points(*xs: float) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(geometry=[Point(x, 0) for x in xs], crs=CRS)

    change = layer_change(points(1, 2, 2), points(2, 2, 2, 3))
    assert (change.n_added, change.n_removed, change.n_unchanged) == (2, 1, 2)
    assert not change.by_key
