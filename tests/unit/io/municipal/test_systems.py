"""Reference systems of municipal files: shifts against other tools, contradictions caught."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pytest
import shapely
from pyproj import CRS

from ilo_geo.core.errors import CrsError
from ilo_geo.io.municipal.systems import known_crs
from ilo_geo.io.municipal.systems import moved
from ilo_geo.io.municipal.systems import parsed_crs
from ilo_geo.io.municipal.systems import require_in_place
from ilo_geo.io.municipal.systems import shift_to_display

ILO_DEG = (-71.5, -17.8, -71.1, -17.4)
EAST_M, NORTH_M, FOOT_M = 252_000.0, 8_047_000.0, 0.3048
ESRI_PSAD56 = (
    'PROJCS["PSAD_1956_UTM_Zone_19S",GEOGCS["GCS_Provisional_S_American_1956",'
    'DATUM["D_Provisional_S_American_1956",SPHEROID["International_1924",6378388.0,297.0]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
    'PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",10000000.0],'
    'PARAMETER["Central_Meridian",-69.0],PARAMETER["Scale_Factor",0.9996],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)


def points(x: float, y: float) -> np.ndarray:
    return np.array([shapely.Point(x, y)])


@pytest.mark.parametrize(
    ("code", "accuracy_m"),
    [
        ("EPSG:24879", 16.0),
        ("EPSG:4248", 16.0),
        ("EPSG:5389", 1.0),
        ("EPSG:31979", 1.0),
        ("EPSG:32719", 0.0),
        ("EPSG:4326", 0.0),
    ],
)
def test_a_shift_has_the_accuracy_of_the_registry(code: str, accuracy_m: float) -> None:
    shift = shift_to_display(CRS(code), ILO_DEG, name="f")
    assert shift.accuracy_m == accuracy_m
    assert shift.is_datum_shift == (accuracy_m > 0)


@pytest.mark.parametrize("code", ["EPSG:24879", "EPSG:24878", "EPSG:5389", "EPSG:31979"])
def test_positions_are_those_of_gdal(code: str) -> None:
    """GDAL of the system, with another PROJ, is told where the city is and asked the same."""
    tool = shutil.which("gdaltransform")
    if tool is None:
        pytest.skip("no gdaltransform on this machine")
    east = EAST_M if "78" not in code else 888_000.0
    answer = subprocess.run(  # noqa: S603 - a fixed command
        [tool, "-s_srs", code, "-t_srs", "EPSG:4326"],
        input=f"{east} {NORTH_M}\n",
        capture_output=True,
        text=True,
        check=True,
        env={"OSR_DEFAULT_AXIS_MAPPING_STRATEGY": "TRADITIONAL_GIS_ORDER", "PROJ_NETWORK": "OFF"},
    )
    expected = [float(part) for part in answer.stdout.split()[:2]]
    shift = shift_to_display(CRS(code), ILO_DEG, name="f")
    got = moved(points(east, NORTH_M), shift)[0]
    # a hundredth of a second of arc is 0.3 m; the tools agree to a millimetre
    assert (got.x, got.y) == pytest.approx(expected, abs=2e-8)


def test_a_ballpark_is_no_shift() -> None:
    with pytest.raises(CrsError, match="no transformation of stated accuracy"):
        shift_to_display(CRS("EPSG:4684"), ILO_DEG, name="f")


def test_the_words_of_a_prj_are_known_again() -> None:
    assert known_crs(CRS(ESRI_PSAD56)).to_epsg() == 24879


def test_an_unknown_code_is_one_line_with_those_offered() -> None:
    with pytest.raises(CrsError, match=r"'PSAD' is not a known reference system.*EPSG:24879"):
        parsed_crs("PSAD")


@pytest.mark.parametrize("code", ["EPSG:32719", "EPSG:24879", "EPSG:5389", "EPSG:31979"])
def test_what_lies_at_the_city_passes(code: str) -> None:
    assert require_in_place(points(EAST_M, NORTH_M), CRS(code), ILO_DEG, name="f") == CRS(code)


@pytest.mark.parametrize(
    ("x", "y", "said", "code", "likely"),
    [
        (NORTH_M, EAST_M, "EPSG:32719", "swapped", "EPSG:32719"),
        (-17.6, -71.3, "EPSG:4326", "swapped", "EPSG:4326"),
        (-17.6, -71.3, None, "swapped", "EPSG:4326"),
        (EAST_M / FOOT_M, NORTH_M / FOOT_M, "EPSG:32719", "feet", "EPSG:32719"),
        (EAST_M / FOOT_M, NORTH_M / FOOT_M, None, "feet", "EPSG:32719"),
        (EAST_M / 1000, NORTH_M / 1000, "EPSG:24879", "kilometres", "EPSG:24879"),
        (EAST_M, NORTH_M - 1e7, "EPSG:32719", "no_northing", "EPSG:32719"),
        (EAST_M - 5e5, NORTH_M, "EPSG:32719", "no_easting", "EPSG:32719"),
        (EAST_M - 5e5, NORTH_M - 1e7, "EPSG:32719", "no_offsets", "EPSG:32719"),
        (EAST_M, NORTH_M, "EPSG:32718", "other", "EPSG:32719"),
        (EAST_M, NORTH_M, "EPSG:4326", "other", "EPSG:32719"),
        (-71.3, -17.6, "EPSG:32719", "degrees", "EPSG:4326"),
        (-17.6, -71.3, "EPSG:32719", "degrees_swapped", "EPSG:4326"),
        (NORTH_M, EAST_M, "EPSG:4326", "other_swapped", "EPSG:32719"),
        (300.0, 300.0, "EPSG:32719", "elsewhere", None),
    ],
)
def test_a_contradiction_names_the_remedy(
    x: float, y: float, said: str | None, code: str, likely: str | None
) -> None:
    crs = None if said is None else CRS(said)
    with pytest.raises(CrsError) as caught:
        require_in_place(points(x, y), crs, ILO_DEG, name="f.shp")
    assert caught.value.code == f"import.crs.{code}"
    assert caught.value.fields.get("likely") == likely
    assert str(caught.value).startswith("f.shp: ")


def test_a_file_without_a_system_is_asked_for_it_and_told_what_fits() -> None:
    with pytest.raises(CrsError) as caught:
        require_in_place(points(EAST_M, NORTH_M), None, ILO_DEG, name="f")
    assert caught.value.fields["expected"] == "EPSG:32719, EPSG:24879, EPSG:5389, EPSG:31979"
    assert "cannot be told apart" in str(caught.value)
