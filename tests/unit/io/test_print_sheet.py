"""The A3 sheet says what a printed map needs to be believed; read back from the PDF itself."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from pdf_text import PdfText

from ilo_geo.core.layer import Status
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.scales import Scale
from ilo_geo.io.export import write_export
from ilo_geo.io.paper import text_width_mm
from ilo_geo.io.paper import wrapped
from ilo_geo.io.print_sheet import A3_MM
from ilo_geo.io.print_sheet import MAP_BOX
from ilo_geo.io.sheet_texts import figure_text
from ilo_geo.io.sheet_texts import key_figures

PRINTED = date(2026, 11, 22)
SCALE = Scale.model_validate(
    {
        "id": "toy",
        "title": {"es": "Área verde", "en": "Green"},
        "column": "green_m2_per_inhab",
        "unit": {"es": "m² por habitante", "en": "m² per inhabitant"},
        "breaks": [9],
        "classes": [
            {"id": "some", "title": {"es": "Algo", "en": "Some"}, "colour": "#F768A1"},
            {"id": "goal", "title": {"es": "Meta", "en": "Goal"}, "colour": "#FEEBE2"},
        ],
        "missing": {"id": "nobody", "title": {"es": "Nadie", "en": "Nobody"}, "colour": "#BDBDBD"},
        "source": "toy",
    }
)


@pytest.fixture
def result(toy_result: AnalysisResult) -> AnalysisResult:
    summary = {
        "exposed_inhab": 9876.4,
        "exposed_inhab_low": 7011.0,
        "exposed_inhab_high": 13820.2,
        "served_population_ratio": 0.613,
        "green_m2_per_inhab": 0.5,
        "band_width_m": 330.0,
    }
    return replace(toy_result, summary=summary, parameters={"n": 7})


def sheet(result: AnalysisResult, folder: Path, **options: object) -> PdfText:
    given = {"lang": "es", "scales": {"zones": SCALE}, "printed_on": PRINTED, **options}
    return PdfText(write_export(result, "pdf", folder / "sheet.pdf", **given))


def test_the_map_takes_seven_tenths_of_an_a3_sheet(result: AnalysisResult, tmp_path: Path) -> None:
    pdf = sheet(result, tmp_path)
    assert pdf.sizes_mm == [(420, 297)] * 2
    assert MAP_BOX.width * MAP_BOX.height >= 0.7 * A3_MM[0] * A3_MM[1]


def test_the_sheet_says_title_date_sources_classes_and_interval(
    result: AnalysisResult, tmp_path: Path
) -> None:
    pdf = sheet(result, tmp_path)
    drawn, data = (" ".join(page.split()) for page in pdf.pages)
    for page in (drawn, data):
        assert "22/11/2026" in page
        assert "Población: Fuente de population, S/ 1 o $2 (05/2023, CC BY 4.0, oficial)" in page
        assert "Parques: Fuente de parks, S/ 1 o $2 (05/2023, CC BY 4.0, modelado)" in page
        assert "entre 7,011 y 13,820" in page
        assert "(5–95 %), mediana: 330 m" in page
    assert "Áreas verdes públicas · Zonas" in drawn
    assert "Algo (< 9) n = 1" in drawn
    assert "EPSG:32719" in drawn
    assert result.sha256[:12] in drawn
    assert "Hoja 1 de 2" in drawn
    assert "n: 7" in data


def test_a_modelled_layer_is_named_and_marked_all_over_the_map(
    result: AnalysisResult, tmp_path: Path
) -> None:
    marked = sheet(result, tmp_path)
    assert marked.pages[0].count("MODELADO\n") >= 9
    assert "Contiene capas modeladas, no levantadas: Parques." in marked.flat()
    refs = [ref.model_copy(update={"status": Status.OBSERVED}) for ref in result.provenance]
    surveyed = sheet(replace(result, provenance=tuple(refs)), tmp_path)
    assert "MODELADO" not in surveyed.flat()
    assert "Estado: Derivado" in surveyed.flat()


def test_equal_results_give_equal_bytes(result: AnalysisResult, tmp_path: Path) -> None:
    options = {"lang": "es", "scales": {"zones": SCALE}, "printed_on": PRINTED}
    first, second = (
        write_export(result, "pdf", tmp_path / name, **options).read_bytes() for name in "ab"
    )
    assert first == second
    other = write_export(
        result, "pdf", tmp_path / "c", **{**options, "printed_on": date(2027, 1, 2)}
    )
    assert "D:20270102" in PdfText(other).information


def test_each_classed_table_has_its_sheet_in_the_reader_s_language(
    result: AnalysisResult, tmp_path: Path
) -> None:
    parks = result.tables["parks"].assign(green_m2_per_inhab=1.0)
    both = replace(result, tables={**result.tables, "parks": parks})
    pdf = sheet(both, tmp_path, lang="en", scales={"parks": SCALE, "zones": SCALE})
    titles = [line for page in pdf.pages for line in page.split("\n") if "Public green" in line]
    assert len(pdf.pages) == 3
    assert titles[0] == "Public green space · Green spaces"
    assert titles[1] == "Public green space · Zones"
    assert "Sheet 3 of 3" in pdf.pages[2]


def test_an_empty_table_and_a_result_without_map_say_so(
    result: AnalysisResult, tmp_path: Path
) -> None:
    empty = replace(result, tables={"zones": result.tables["zones"].iloc[:0]})
    assert "Sin elementos en este mapa" in sheet(empty, tmp_path).pages[0]
    plain = result.tables["zones"].drop(columns="geometry")
    no_map = replace(result, tables={"zones": plain})
    assert "Sin elementos en este mapa" in sheet(no_map, tmp_path, scales={}).pages[0]
    assert "Sin elementos" not in sheet(result, tmp_path).flat()


def test_context_and_overlays_stand_in_the_legend(result: AnalysisResult, tmp_path: Path) -> None:
    x, y = 252_000.0, 8_047_000.0
    streets = gpd.GeoDataFrame(
        geometry=[shapely.LineString([(x, y), (x + 900, y + 500)])], crs="EPSG:32719"
    )
    bare, full = (
        sheet(result, tmp_path, **options).pages[0].split("\n")
        for options in ({}, {"context": {"streets": streets}, "overlays": ["parks", "unknown"]})
    )
    assert {"Calles", "Áreas verdes"} <= set(full)
    assert not {"Calles", "Áreas verdes"} & set(bare)


def test_the_map_shows_the_extent_asked_for(result: AnalysisResult, tmp_path: Path) -> None:
    near = sheet(result, tmp_path, extent=(252_000, 8_047_000, 252_100, 8_047_080)).pages[0]
    assert "20 m" in near.split("\n")
    assert "500 m" in sheet(result, tmp_path).pages[0].split("\n")


def test_a_list_of_sources_too_long_for_the_sheet_says_it_goes_on(
    result: AnalysisResult, tmp_path: Path
) -> None:
    (ref, *_) = result.provenance
    many = tuple(
        ref.model_copy(update={"layer": f"l{n}", "source": f"Fuente {n} " + "muy larga " * 15})
        for n in range(30)
    )
    first = sheet(replace(result, provenance=many), tmp_path).pages[0]
    assert "Fuente 0 " in first
    assert "Fuente 29" not in first
    assert "… sigue en las tablas exportadas" in first
    # what stands at the foot is never pushed off the page
    assert "22/11/2026" in first


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("exposed_inhab", 9876.6, "9,877"),
        # half a square metre is not one
        ("green_m2_per_inhab", 0.5, "0.50"),
        ("share_safe_ratio", 0.6134, "61.3 %"),
        ("gini_access_ratio", 0.73, "0.73"),
        ("consistency_ratio", 0.042, "0.04"),
        ("exposed_schools", 12.0, "12"),
        ("median_min", float("inf"), "–"),
        ("flooded_land_m2", None, "–"),
    ],
)
def test_figures_are_written_as_they_are_read(name: str, value: float | None, shown: str) -> None:
    assert figure_text(name, value) == shown


def test_a_figure_without_value_stays_in_the_list_and_bounds_are_no_figures() -> None:
    figures = key_figures({"late_inhab": None, "area_m2": 5.0, "area_m2_low": 1.0}, "es")
    assert [figure.value for figure in figures] == ["–", "5 m²"]
    assert figures[1].interval is None


def test_lines_are_cut_where_they_are_too_wide_and_lose_no_word() -> None:
    text = "Contiene capas modeladas, no levantadas: Calles, Parques y plazas"
    lines = wrapped(text, 40, 8.5)
    assert " ".join(lines) == text
    assert len(lines) > 1
    assert all(text_width_mm(line, 8.5) <= 40 for line in lines)
