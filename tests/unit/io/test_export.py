import csv
import io
import json
import re
import sqlite3
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from matplotlib.image import imread

from ilo_geo.core.errors import ParameterError
from ilo_geo.core.errors import WorkspaceError
from ilo_geo.core.layer import Status
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.scales import Scale
from ilo_geo.io.export import WRITERS
from ilo_geo.io.export import write_export
from ilo_geo.io.legend import exported_table
from ilo_geo.io.legend import legend_rows
from ilo_geo.io.print_map import bar_length_m

SCALE = Scale.model_validate(
    {
        "id": "toy",
        "title": {"es": "Área verde", "en": "Green"},
        "column": "green_m2_per_inhab",
        "unit": {"es": "m² por habitante", "en": "m² per inhabitant"},
        "breaks": [0.5, 9],
        "classes": [
            {"id": "none", "title": {"es": "Nada", "en": "None"}, "colour": "#7A0177"},
            {"id": "some", "title": {"es": "Algo", "en": "Some"}, "colour": "#F768A1"},
            {"id": "goal", "title": {"es": "Meta", "en": "Goal"}, "colour": "#FEEBE2"},
        ],
        "missing": {"id": "nobody", "title": {"es": "Nadie", "en": "Nobody"}, "colour": "#BDBDBD"},
        "source": "toy",
    }
)
SCALES = {"zones": SCALE}


@pytest.fixture
def surveyed(toy_result: AnalysisResult) -> AnalysisResult:
    refs = [ref.model_copy(update={"status": Status.OBSERVED}) for ref in toy_result.provenance]
    return replace(toy_result, provenance=tuple(refs))


def export(result: AnalysisResult, fmt: str, folder: Path) -> Path:
    return write_export(result, fmt, folder / f"result.{fmt}", lang="es", scales=SCALES)


def test_legend_counts_every_feature_once_and_a_break_belongs_to_the_upper_class(
    toy_result: AnalysisResult,
) -> None:
    rows = legend_rows(exported_table(toy_result, "zones", SCALES), SCALE, "es")
    counted = {row.label: row.n_features for row in rows}
    assert counted == {"Nada (< 0.5)": 0, "Algo (0.5 – 9)": 1, "Meta (≥ 9)": 1, "Nadie": 1}


def test_csv_runs_no_formula_and_states_units(toy_result: AnalysisResult, tmp_path: Path) -> None:
    raw = export(toy_result, "csv", tmp_path).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert [row["name"][:2] for row in rows[:3]] == ["'=", "Ñu", "'+"]
    assert not [cell for row in rows for cell in row.values() if cell[:1] in tuple("=+-@\t\r")]
    assert [row["green_m2_per_inhab [m²/hab.]"] for row in rows] == ["0.5", "12.25", "", ""]
    assert {row["status"] for row in rows} == {"modelled"}
    assert rows[0]["modelled_layers"] == "parks"
    assert [row["table"] for row in rows] == ["zones", "zones", "zones", "parks"]


@pytest.mark.parametrize(
    "name", ["  =1+1", "\u00a0@SUM(A1)", "＝1+1", "＋51", "－2", "＠a", "\n=1", " ﹦1", "\t=1"]
)
def test_csv_runs_no_formula_behind_blanks_or_full_width_signs(
    toy_result: AnalysisResult, tmp_path: Path, name: str
) -> None:
    zones = toy_result.tables["zones"].assign(name=name)
    text = export(replace(toy_result, tables={"zones": zones}), "csv", tmp_path).read_bytes()
    rows = csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline=""))
    # what follows a tab or a line's end would begin a cell of its own elsewhere
    inside = {"\n=1": "\n'=1", "\t=1": "\t'=1"}
    assert {row["name"] for row in rows} == {f"'{inside.get(name, name)}"}


def test_a_bare_row_number_is_no_column(toy_result: AnalysisResult, tmp_path: Path) -> None:
    plain = toy_result.tables["zones"].reset_index(drop=True)
    curve = pd.DataFrame({"amount_ratio": [0.0, 0.5]})
    result = replace(toy_result, tables={"zones": plain, "lorenz": curve})
    path = export(result, "gpkg", tmp_path)
    for layer in ("zones", "lorenz"):
        assert "index" not in pyogrio.read_info(path, layer=layer)["fields"]
    assert "index" not in exported_table(result, "zones", SCALES)
    assert "id" in exported_table(toy_result, "zones", SCALES)


def test_csv_keeps_a_negative_number_a_number(toy_result: AnalysisResult, tmp_path: Path) -> None:
    zones = toy_result.tables["zones"].assign(change_m2=[-1.5, 2.0, -3.0])
    result = replace(toy_result, tables={"zones": zones})
    text = export(result, "csv", tmp_path).read_text("utf-8-sig")
    assert [row["change_m2 [m²]"] for row in csv.DictReader(io.StringIO(text))] == [
        "-1.5",
        "2.0",
        "-3.0",
    ]


def test_geojson_is_rfc_7946_with_provenance(toy_result: AnalysisResult, tmp_path: Path) -> None:
    content = json.loads(export(toy_result, "geojson", tmp_path).read_text("utf-8"))
    assert "crs" not in content
    assert [p["layer"] for p in content["provenance"]] == ["population", "parks"]
    assert content["status"] == "modelled"
    zones = [f for f in content["features"] if f["properties"]["table"] == "zones"]
    expected = toy_result.tables["zones"].to_crs(4326).geometry.to_numpy()
    drawn = np.array([shapely.geometry.shape(f["geometry"]) for f in zones])
    assert (shapely.hausdorff_distance(drawn, expected) < 1e-6).all()
    for polygon in drawn:
        assert polygon.exterior.is_ccw
        assert not any(ring.is_ccw for ring in polygon.interiors)
    assert len(drawn[0].interiors) == 1
    decimals = re.findall(r"\d+\.(\d+)", json.dumps([f["geometry"] for f in zones]))
    assert max(map(len, decimals)) == 6
    assert zones[2]["properties"]["green_m2_per_inhab"] is None


def test_gpkg_gives_the_tables_back(toy_result: AnalysisResult, tmp_path: Path) -> None:
    path = export(toy_result, "gpkg", tmp_path)
    zones = gpd.read_file(path, layer="zones").set_index("id")
    assert zones.crs == "EPSG:32719"
    expected = toy_result.tables["zones"]
    assert (zones["name"] == expected["name"]).all()
    assert shapely.equals(zones.geometry.to_numpy(), expected.geometry.to_numpy()).all()
    assert list(zones["toy_class"]) == ["some", "goal", "nobody"]
    assert set(zones["status"]) == {"modelled"}
    sources = pyogrio.read_dataframe(path, layer="provenance")
    assert list(sources["status"]) == ["official", "modelled"]
    assert list(sources["title"]) == ["Población", "Parques"]


def test_gpkg_metadata_names_source_licence_and_status_of_each_layer(
    toy_result: AnalysisResult, tmp_path: Path
) -> None:
    described = pyogrio.read_info(export(toy_result, "gpkg", tmp_path), layer="zones")
    metadata = described["layer_metadata"]
    assert metadata["SOURCE_parks"].endswith("| CC BY 4.0 | 2023-05 | modelled")
    assert metadata["RESULT_SHA256"] == toy_result.sha256


def test_qgis_style_is_the_default_and_draws_every_class(
    toy_result: AnalysisResult, tmp_path: Path
) -> None:
    with sqlite3.connect(export(toy_result, "gpkg", tmp_path)) as database:
        rows = database.execute(
            "SELECT f_table_name, f_geometry_column, styleQML, useAsDefault FROM layer_styles"
            " WHERE f_table_schema = '' ORDER BY useAsDefault, update_time DESC"
        ).fetchall()
        columns = dict(
            database.execute("SELECT table_name, column_name FROM gpkg_geometry_columns")
        )
    database.close()
    styles = {name: ET.fromstring(qml) for name, _, qml, _ in rows}  # noqa: S314 - our own file
    assert {name: column for name, column, _, _ in rows} == columns
    assert all(default for *_, default in rows)
    renderer = styles["zones"].find("renderer-v2")
    assert renderer is not None
    assert renderer.attrib["attr"] == "toy_class"
    drawn = {c.attrib["value"]: c.attrib["symbol"] for c in renderer.iter("category")}
    assert list(drawn) == ["none", "some", "goal", "nobody"]
    symbols = {s.attrib["name"]: s for s in renderer.iter("symbol")}
    options = {o.attrib.get("name"): o.attrib.get("value") for o in symbols[drawn["goal"]].iter()}
    assert options["color"] == "254,235,226,255"
    assert options["outline_style"] == "dash"


def test_surveyed_inputs_are_not_marked_modelled(surveyed: AnalysisResult, tmp_path: Path) -> None:
    page = export(surveyed, "html", tmp_path).read_text("utf-8")
    assert 'class="banner"' not in page
    assert set(gpd.read_file(export(surveyed, "gpkg", tmp_path), layer="zones")["status"]) == {
        "derived"
    }


def test_png_is_a3_and_the_watermark_shows(
    toy_result: AnalysisResult, surveyed: AnalysisResult, tmp_path: Path
) -> None:
    marked = imread(export(toy_result, "png", tmp_path))
    height, width, _ = marked.shape
    assert width / height == pytest.approx(420 / 297, rel=0.01)
    colours = {tuple(np.round(c * 255).astype(int)) for c in marked[::3, ::3, :3].reshape(-1, 3)}
    # "some" and "goal" of the scale are painted, blended by the watermark in places
    assert {(247, 104, 161), (254, 235, 226)} <= colours
    plain = imread(export(surveyed, "png", tmp_path))
    middle = (slice(height // 3, height // 2), slice(width // 4, width // 2))
    assert marked[middle].mean() < plain[middle].mean()


@pytest.mark.parametrize(("longest", "length"), [(1, 1), (4999, 2000), (5000, 5000), (0.7, 0.5)])
def test_scale_bar_is_a_round_length(longest: float, length: float) -> None:
    assert bar_length_m(longest) == pytest.approx(length)


def test_html_asks_for_nothing_and_escapes_names(
    toy_result: AnalysisResult, tmp_path: Path
) -> None:
    page = export(toy_result, "html", tmp_path).read_text("utf-8")
    outside_code = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert not re.findall(r"(?:src|href)\s*=|@import|url\(", outside_code)
    assert "<script src" not in page
    assert "<img src=x" not in page
    assert "MODELADO" in page


def test_a_name_that_is_a_template_is_not_run(
    toy_result: AnalysisResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What branca renders twice must hold no template of somebody else (CWE-1336)."""
    monkeypatch.chdir(tmp_path)
    # quotes are escaped before; a program needs none
    code = "{{ cycler.__init__.__globals__.os.mkdir(dict(ran=1)|join) }}{{ 7*7 }}"
    zones = toy_result.maps["zones"]
    for hostile in (zones.assign(name=code), zones.rename(columns={"name": code})):
        ref = toy_result.provenance[0].model_copy(update={"source": code})
        tables = {**toy_result.tables, "zones": hostile}
        result = replace(toy_result, tables=tables, provenance=(ref,))
        page = export(result, "html", tmp_path).read_text("utf-8")
        assert not (tmp_path / "ran").exists()
        assert "7*7" in page


def test_a_table_without_geometry_goes_along(toy_result: AnalysisResult, tmp_path: Path) -> None:
    curve = pd.DataFrame({"population_ratio": [0.0, 0.5], "amount_ratio": [0.0, 0.25]})
    result = replace(toy_result, tables={"lorenz": curve, **toy_result.tables})
    for fmt in ("png", "html"):
        assert export(result, fmt, tmp_path).stat().st_size > 0
    content = json.loads(export(result, "geojson", tmp_path).read_text("utf-8"))
    assert content["tables"]["lorenz"][1]["amount_ratio"] == 0.25
    read = pyogrio.read_dataframe(export(result, "gpkg", tmp_path), layer="lorenz")
    assert list(read["amount_ratio"]) == [0.0, 0.25]
    text = export(result, "csv", tmp_path).read_text("utf-8-sig")
    assert {row["table"] for row in csv.DictReader(io.StringIO(text))} == {"zones", "parks"}


def test_an_empty_table_is_exported(toy_result: AnalysisResult, tmp_path: Path) -> None:
    empty = {name: table.iloc[:0] for name, table in toy_result.tables.items()}
    for fmt in WRITERS:
        assert export(replace(toy_result, tables=empty), fmt, tmp_path).stat().st_size > 0


def test_unknown_format_names_the_known_ones(toy_result: AnalysisResult, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"docx.+gpkg, geojson, csv, png, html"):
        export(toy_result, "docx", tmp_path)


def test_a_refused_write_keeps_the_previous_file(
    toy_result: AnalysisResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    previous = export(toy_result, "geojson", tmp_path).read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(WorkspaceError, match="No space left"):
        export(toy_result, "geojson", tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["result.geojson"]
    assert (tmp_path / "result.geojson").read_bytes() == previous


@pytest.mark.browser
def test_html_opens_offline_and_draws_the_features(
    toy_result: AnalysisResult, tmp_path: Path, browser
) -> None:
    path = export(toy_result, "html", tmp_path)
    page = browser.new_page(viewport={"width": 1000, "height": 700})
    asked: list[str] = []
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("dialog", lambda dialog: faults.append(dialog.message))
    page.route("**/*", lambda route: (asked.append(route.request.url), route.continue_()))
    page.goto(path.as_uri())
    page.wait_for_selector("canvas")
    count = """() => {
        const {data} = document.querySelector('canvas').getContext('2d')
            .getImageData(0, 0, 1000, 700);
        let n = 0;
        for (let i = 0; i < data.length; i += 4)
            if (data[i] > 240 && data[i + 1] > 80 && data[i + 1] < 120 && data[i + 3] > 200) n++;
        return n; }"""
    page.wait_for_function(f"({count})() > 1000")
    page.mouse.click(500, 350)
    popup = page.wait_for_selector(".leaflet-popup-content")
    assert "<img" not in popup.inner_html()
    assert "Ñuñoa" in popup.inner_text()
    assert asked == [path.as_uri()]
    assert faults == []
    page.close()
