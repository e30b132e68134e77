import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from ilo_geo.core.quality import Action
from ilo_geo.core.quality import QualityReport
from ilo_geo.core.quality import check_geometries
from ilo_geo.core.schema import GeometryKind

SQUARE = shapely.box(0, 0, 10, 10)
BOW_TIE = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
# the hole touches the shell at two corners: invalid as drawn, valid as two parts
HOLE_ON_SHELL = shapely.Polygon(
    [(0, 0), (10, 0), (10, 5), (10, 10), (0, 10), (0, 5)], [[(0, 5), (5, 8), (10, 5), (5, 2)]]
)


def check(
    *geometries: shapely.Geometry | None,
    kind: GeometryKind = GeometryKind.POLYGON,
    boundary: shapely.Geometry | None = None,
) -> tuple[gpd.GeoDataFrame, QualityReport]:
    index = [f"row{n}" for n in range(len(geometries))]
    frame = gpd.GeoDataFrame(geometry=list(geometries), index=index, crs="EPSG:32719")
    return check_geometries(frame, kind, boundary=boundary)


def vertices(geometry: shapely.Geometry) -> set[tuple[float, ...]]:
    return {tuple(xy) for xy in shapely.get_coordinates(geometry)}


def findings(report: QualityReport) -> list[tuple[str, str, str]]:
    return [tuple(map(str, row)) for row in report.findings.to_numpy()]


def test_sound_features_pass_without_a_finding() -> None:
    usable, report = check(SQUARE, shapely.box(20, 0, 30, 10))
    assert len(usable) == 2
    assert findings(report) == []


def test_bow_tie_is_set_aside_because_its_crossing_was_never_drawn() -> None:
    usable, report = check(SQUARE, BOW_TIE)
    assert list(usable.index) == ["row0"]
    assert findings(report) == [("row1", "self_crossing", "set_aside")]
    assert report.count(Action.SET_ASIDE) == 1
    assert report.n_features == 2


def test_hole_on_the_shell_is_repaired_with_the_drawn_vertices() -> None:
    usable, report = check(HOLE_ON_SHELL)
    assert findings(report) == [("row0", "invalid", "repaired")]
    repaired = usable.geometry.iloc[0]
    assert repaired.is_valid
    assert repaired.area == 100 - 30
    assert vertices(repaired) == vertices(HOLE_ON_SHELL)


@pytest.mark.parametrize(
    ("geometry", "problem"),
    [
        (None, "empty"),
        (shapely.Polygon(), "empty"),
        (shapely.Point(1, 1), "wrong_geometry_type"),
        (shapely.Point(float("inf"), 1), "not_finite"),
    ],
)
def test_what_cannot_be_used_is_set_aside_and_named(
    geometry: shapely.Geometry | None, problem: str
) -> None:
    usable, report = check(SQUARE, geometry)
    assert list(usable.index) == ["row0"]
    assert findings(report) == [("row1", problem, "set_aside")]


def test_duplicate_drawn_from_another_corner_is_reported_once_and_kept() -> None:
    turned = shapely.Polygon([(10, 10), (0, 10), (0, 0), (10, 0)])
    usable, report = check(SQUARE, turned)
    assert len(usable) == 2
    assert findings(report) == [("row1", "duplicate", "kept")]


def test_sliver_is_reported_and_kept() -> None:
    usable, report = check(shapely.box(0, 0, 100, 0.4), shapely.box(0, 5, 100, 5.6))
    assert len(usable) == 2
    assert findings(report) == [("row0", "sliver", "kept")]


def test_outside_the_study_area_is_reported_and_kept() -> None:
    usable, report = check(
        SQUARE, shapely.box(90, 90, 110, 110), boundary=shapely.box(-5, -5, 95, 20)
    )
    assert len(usable) == 2
    assert findings(report) == [("row1", "outside_study_area", "kept")]


def test_line_that_crosses_itself_is_kept() -> None:
    loop = shapely.LineString([(0, 0), (10, 10), (10, 0), (0, 10)])
    usable, report = check(loop, kind=GeometryKind.LINE)
    assert len(usable) == 1
    assert findings(report) == [("row0", "self_crossing", "kept")]


def test_the_frame_given_is_not_changed() -> None:
    frame = gpd.GeoDataFrame(geometry=[HOLE_ON_SHELL, BOW_TIE], crs="EPSG:32719")
    before = shapely.to_wkb(frame.geometry.to_numpy()).tolist()
    check_geometries(frame, GeometryKind.POLYGON)
    assert shapely.to_wkb(frame.geometry.to_numpy()).tolist() == before


corner = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(
    lambda xy: (float(xy[0]), float(xy[1]))
)


@given(st.lists(corner, min_size=3, max_size=9))
def test_whatever_is_drawn_is_usable_or_reported_and_a_repair_keeps_area_and_vertices(
    corners: list[tuple[float, float]],
) -> None:
    drawn = shapely.Polygon(corners)
    usable, report = check(drawn)
    actions = {problem: action for _, problem, action in findings(report)}
    if len(usable) == 0:
        assert "set_aside" in actions.values()
        return
    kept = usable.geometry.iloc[0]
    assert kept.is_valid
    x, y = shapely.get_coordinates(drawn).T
    if actions.get("invalid") == "repaired":
        assert vertices(kept) == set(corners)
    else:
        # the shoelace formula is the area of a polygon that does not cross itself
        shoelace = abs((x[:-1] * y[1:] - x[1:] * y[:-1]).sum()) / 2
        assert kept.area == pytest.approx(shoelace)
