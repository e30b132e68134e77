"""Zone tables leave the house with their level, hatch and how sure each outline is."""

import csv
import io
import json
import re
import sqlite3
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from matplotlib.image import imread
from pydantic import ValidationError

from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.scales import CategoryScale
from ilo_geo.io.export import write_export
from ilo_geo.io.legend import column_title
from ilo_geo.io.legend import exported_table
from ilo_geo.io.legend import unit
from ilo_geo.io.symbols import drawn_symbols

X0, Y0 = 252_000.0, 8_047_000.0
LEVELS = {
    "id": "hazard",
    "title": {"es": "Nivel de peligro", "en": "Hazard level"},
    "column": "level",
    "classes": [
        {"id": "low", "title": {"es": "Bajo", "en": "Low"}, "colour": "#38A800"},
        {"id": "high", "title": {"es": "Alto", "en": "High"}, "colour": "#FFAA00", "pattern": "/"},
        {
            "id": "very_high",
            "title": {"es": "Muy alto", "en": "Very high"},
            "colour": "#E60000",
            "pattern": "x",
        },
    ],
    "missing": {"id": "outside", "title": {"es": "Fuera", "en": "Outside"}, "colour": "#BDBDBD"},
    "outline_column": "certainty",
    "outlines": [
        {
            "id": "possible",
            "title": {"es": "Posible", "en": "Possible"},
            "line": "dashed",
            "opacity": 0.2,
        },
        {"id": "line", "title": {"es": "Línea", "en": "Line"}, "line": "thick", "opacity": 0.6},
        {"id": "certain", "title": {"es": "Seguro", "en": "Sure"}, "line": "solid", "opacity": 0},
    ],
    "source": "toy",
}
SCALE = CategoryScale.model_validate(LEVELS)
SCALES = {"inundation": SCALE}


def zone(level: str, certainty: str, half_m: float) -> dict[str, object]:
    return {
        "id": f"tsunami/all/{level}/{certainty}",
        "title_es": f"Nivel {level}",
        "title_en": f"Level {level}",
        "level": level,
        "certainty": certainty,
        "geometry": shapely.box(X0 - half_m, Y0 - half_m, X0 + half_m, Y0 + half_m),
    }


@pytest.fixture
def flooded(toy_result: AnalysisResult) -> AnalysisResult:
    # severe zones first, as no reader should depend on their order
    rows = [
        zone("very_high", "certain", 150),
        zone("very_high", "line", 200),
        zone("very_high", "possible", 300),
        zone("high", "line", 400),
        zone("high", "possible", 500),
    ]
    zones = gpd.GeoDataFrame(rows, crs="EPSG:32719").set_index("id")
    lines = gpd.GeoDataFrame(
        # GDAL's writer dies of a ring
        {"level_m": [15.0]},
        geometry=[zones.geometry.iloc[1].exterior],
        crs=zones.crs,
        index=["15"],
    ).rename_axis("id")
    needs = pd.DataFrame({"water_l": [10.0]}, index=pd.Index(["water"], name="need"))
    tables = {"inundation": zones, "inundation_line_20": lines, "needs": needs}
    return replace(toy_result, analysis="tsunami", tables=tables)


def export(result: AnalysisResult, fmt: str, folder: Path, **options: object) -> Path:
    path = folder / f"result.{fmt}"
    return write_export(result, fmt, path, lang="es", scales=SCALES, **options)


def test_no_severe_zone_is_drawn_under_a_mild_one_of_the_same_outline(
    flooded: AnalysisResult,
) -> None:
    table = exported_table(flooded, "inundation", SCALES)
    assert list(zip(table["certainty"], table["level"], strict=True)) == [
        ("possible", "high"),
        ("possible", "very_high"),
        ("line", "high"),
        ("line", "very_high"),
        ("certain", "very_high"),
    ]


def test_every_zone_has_exactly_one_symbol(flooded: AnalysisResult) -> None:
    table = exported_table(flooded, "inundation", SCALES)
    symbols = drawn_symbols(table, SCALE, "es", broken=True)
    assert sum(mask for _, mask in symbols).tolist() == [1] * len(table)


def test_an_unknown_level_is_drawn_as_missing(flooded: AnalysisResult) -> None:
    zones = flooded.tables["inundation"].assign(level=["very_high", "??", None, "low", "low"])
    assert list(SCALE.class_ids(zones["level"])) == [
        "very_high",
        "outside",
        "outside",
        "low",
        "low",
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"outline_column": None},
        {"outlines": []},
        {"classes": [LEVELS["classes"][0]] * 2},
        {"missing": LEVELS["classes"][0]},
    ],
)
def test_a_scale_that_contradicts_itself_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CategoryScale.model_validate({**LEVELS, **change})


def qgis_symbols(path: Path, table: str) -> tuple[str, dict[str, list[dict[str, str]]]]:
    """Return what QGIS categorises by and the options of each symbol layer, by category."""
    with sqlite3.connect(path) as database:
        (qml,) = database.execute(
            "SELECT styleQML FROM layer_styles WHERE f_table_name = ? AND useAsDefault", [table]
        ).fetchone()
    database.close()
    renderer = ET.fromstring(qml).find("renderer-v2")  # noqa: S314 - our own file
    assert renderer is not None
    by_name = {
        symbol.attrib["name"]: [
            {
                o.attrib["name"]: o.attrib["value"]
                for o in layer.iter("Option")
                if "name" in o.attrib
            }
            for layer in symbol.iter("layer")
        ]
        for symbol in renderer.iter("symbol")
    }
    drawn = {c.attrib["value"]: by_name[c.attrib["symbol"]] for c in renderer.iter("category")}
    return renderer.attrib.get("attr", ""), drawn


def test_qgis_draws_level_by_colour_and_hatch_and_certainty_by_outline(
    flooded: AnalysisResult, tmp_path: Path
) -> None:
    path = export(flooded, "gpkg", tmp_path)
    attribute, drawn = qgis_symbols(path, "inundation")
    # the QGIS expression is SQL too: SQLite gives the value of each feature
    with sqlite3.connect(path) as database:
        values = {v for (v,) in database.execute(f"SELECT {attribute} FROM inundation")}  # noqa: S608
    database.close()
    assert values == set(drawn)
    fill, hatch, thick = drawn["very_high/line"]
    # six tenths of the class's colour on white
    assert fill["color"] == "240,102,102,255"
    assert (hatch["style"], thick["outline_style"]) == ("diagonal_x", "solid")
    _, hatch, dashed = drawn["high/possible"]
    assert (hatch["style"], dashed["outline_style"]) == ("b_diagonal", "dash")
    (thin,) = drawn["very_high/certain"]
    assert (thin["style"], thin["outline_style"]) == ("no", "solid")
    assert float(thick["outline_width"]) > float(thin["outline_width"])


def test_the_lines_are_a_layer_of_their_own(flooded: AnalysisResult, tmp_path: Path) -> None:
    path = export(flooded, "gpkg", tmp_path)
    assert gpd.read_file(path, layer="inundation_line_20").geom_type.unique() == ["LineString"]
    assert list(pyogrio.read_dataframe(path, layer="needs")["status"]) == ["modelled"]
    features = json.loads(export(flooded, "geojson", tmp_path).read_text("utf-8"))["features"]
    assert {f["properties"]["table"] for f in features} == {"inundation", "inundation_line_20"}


def test_csv_lists_the_tables_asked_for_with_their_status(
    flooded: AnalysisResult, tmp_path: Path
) -> None:
    def rows(result: AnalysisResult, **options: object) -> list[dict[str, str]]:
        text = export(result, "csv", tmp_path, **options).read_text("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))

    listed = rows(flooded, listed=["inundation", "needs"])
    assert [row["table"] for row in listed] == ["inundation"] * 5 + ["needs"]
    assert {row["status"] for row in listed} == {"modelled"}
    assert listed[-1]["water_l [l]"] == "10.0"
    plain = replace(flooded, tables={"needs": flooded.tables["needs"]})
    assert [row["need"] for row in rows(plain)] == ["water"]


def test_the_page_hatches_the_classes_on_the_map_and_in_the_legend(
    flooded: AnalysisResult, tmp_path: Path
) -> None:
    page = export(flooded, "html", tmp_path).read_text("utf-8")
    defined = set(re.findall(r'<pattern id="([^"]+)"', page))
    used = set(re.findall(r"url\(#(hatch[^)]+)\)", page))
    # two classes, each with the fill of a line and of what is only possible
    assert len(defined) == 4
    assert used == defined
    # a canvas paints no SVG pattern
    assert '"preferCanvas": false' in page
    assert "Muy alto" in page
    assert "Level very_high" not in page


def test_paper_shows_the_colour_of_the_legend_where_bands_overlap(
    flooded: AnalysisResult, tmp_path: Path
) -> None:
    pixels = imread(export(flooded, "png", tmp_path))[..., :3]
    # very high and high at six tenths on white
    for colour in ((240, 102, 102), (255, 204, 102)):
        same = (abs(pixels * 255 - colour) < 1.5).all(axis=-1)
        assert same[:, : same.shape[1] * 3 // 4].sum() > 1000, colour
        assert same[:, same.shape[1] * 3 // 4 :].sum() > 100, colour


@pytest.mark.parametrize("fmt", ["png", "pdf", "html", "csv", "geojson", "gpkg"])
def test_a_hazard_without_zones_or_without_a_map_is_exported(
    flooded: AnalysisResult, tmp_path: Path, fmt: str
) -> None:
    empty = {name: table.iloc[:0] for name, table in flooded.tables.items()}
    assert export(replace(flooded, tables=empty), fmt, tmp_path).stat().st_size > 0
    plain = replace(flooded, tables={"needs": flooded.tables["needs"]})
    path = write_export(plain, fmt, tmp_path / f"plain.{fmt}", lang="es", scales={})
    assert path.stat().st_size > 0


def test_bounds_have_the_title_and_unit_of_their_figure() -> None:
    assert unit("exposed_inhab_low", "es") == unit("exposed_inhab", "es") == "hab."
    assert unit("radiation_kw_m2_high", "es") == "kW/m²"
    assert unit("flooded_land_m2_high", "en") == "m²"
    assert [unit(f"x{end}", "es") for end in ("_min", "_l", "_kcal")] == ["min", "l", "kcal"]
    title = column_title("exposed_inhab", "es")
    assert column_title("exposed_inhab_high", "es") == f"{title} (máximo)"


@pytest.mark.browser
def test_the_hatched_page_opens_offline_and_paints_the_patterns(
    flooded: AnalysisResult, tmp_path: Path, browser
) -> None:
    page = browser.new_page(viewport={"width": 1000, "height": 700})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(export(flooded, "html", tmp_path).as_uri())
    page.wait_for_selector("path.leaflet-interactive")
    fills = page.eval_on_selector_all(
        "path.leaflet-interactive", "all => all.map(p => p.getAttribute('fill'))"
    )
    assert "url(#hatch-F06666-2)" in fills
    assert faults == []
    page.close()
