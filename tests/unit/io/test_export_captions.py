"""Every exported figure says what it stands on: population base, year, standards, sources."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pyogrio
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text as MplText

from ilo_geo.core.parameters import Choice
from ilo_geo.core.parameters import ParameterSpec
from ilo_geo.core.parameters import ParameterText
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.text import Text
from ilo_geo.io.export import write_export
from ilo_geo.io.legend import caption
from ilo_geo.io.legend import parameter_table


@pytest.fixture
def based(toy_result: AnalysisResult) -> AnalysisResult:
    parameters = {
        "population_base": "plan_2015",
        "year": 2018,
        "standard_m2_per_inhab": 9.0,
        "access_distance_m": 300.0,
    }
    return replace(toy_result, parameters=parameters)


def spec(name: str, title: str, default: object, **options: object) -> ParameterSpec:
    unit = options.pop("unit", None)
    text = ParameterText(
        title=Text(es=title, en=name),
        help=Text(es=title, en=name),
        unit=Text(es=str(unit), en=str(unit)) if unit else None,
        source="toy",
        advanced=bool(options.pop("advanced", False)),
    )
    return ParameterSpec(name, text, default, **options)


SPECS = (
    spec(
        "population_base",
        "Población",
        "plan_2015",
        choices=(Choice("plan_2015", Text(es="Plan 2015 (3,000)", en="Plan"), "toy"),),
    ),
    spec("year", "Año", 2018),
    spec("standard_m2_per_inhab", "Estándar", 9.0, unit="m² por habitante"),
    spec("access_distance_m", "Distancia", 300.0, unit="m", advanced=True),
)


def export(result: AnalysisResult, fmt: str, folder: Path) -> Path:
    path = folder / f"result.{fmt}"
    return write_export(result, fmt, path, lang="es", scales={}, specs=SPECS)


def drawn_texts(
    result: AnalysisResult, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[str, float | None]]:
    """Return every text on the printed map with its opacity."""
    figures: list[Figure] = []
    save = Figure.savefig

    def kept(figure: Figure, *args: object, **options: object) -> None:
        figures.append(figure)
        save(figure, *args, **options)

    monkeypatch.setattr(Figure, "savefig", kept)
    export(result, "png", folder)
    return [(text.get_text(), text.get_alpha()) for text in figures[0].findobj(MplText)]


def test_csv_says_on_every_row_what_its_figures_stand_on(
    based: AnalysisResult, tmp_path: Path
) -> None:
    text = export(based, "csv", tmp_path).read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len({len(row) for row in rows}) == 1
    for row in rows:
        assert row["parameter_population_base"] == "Plan 2015 (3,000)"
        assert row["parameter_year"] == "2018"
        assert row["parameter_standard_m2_per_inhab [m²/hab.]"] == "9.0"
        assert row["result_sha256"] == based.sha256
        assert row["sources"].split("; ")[1] == (
            "parks: Fuente de parks, S/ 1 o $2, CC BY 4.0, 2023-05, modelled"
        )


def test_the_caption_names_base_year_and_standard_and_what_was_changed(
    based: AnalysisResult,
) -> None:
    line = "Población: Plan 2015 (3,000) · Año: 2018 · Estándar: 9 m² por habitante"
    assert caption(parameter_table(based, SPECS, "es")) == line
    changed = replace(based, parameters={**based.parameters, "access_distance_m": 1500.0})
    assert caption(parameter_table(changed, SPECS, "es")) == f"{line} · Distancia: 1,500 m"


def test_every_drawn_export_shows_the_caption(
    based: AnalysisResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = caption(parameter_table(based, SPECS, "es"))
    assert f'<div class="caption">{line}</div>' in export(based, "html", tmp_path).read_text(
        "utf-8"
    )
    content = json.loads(export(based, "geojson", tmp_path).read_text("utf-8"))
    assert content["caption"] == line
    assert line in [text for text, _ in drawn_texts(based, tmp_path, monkeypatch)]


def test_png_names_the_zones_and_repeats_a_light_watermark(
    based: AnalysisResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zones = based.tables["zones"].assign(name=["Miramar", "Costs $1 or $2", "Alto Ilo"])
    written = drawn_texts(replace(based, tables={"zones": zones}), tmp_path, monkeypatch)
    assert {"Miramar", "Costs $1 or $2", "Alto Ilo"} <= {text for text, _ in written}
    alphas = [alpha for text, alpha in written if text == "MODELADO"]
    assert len(alphas) > 1
    assert all(alpha is not None and alpha <= 0.12 for alpha in alphas)


def test_gpkg_holds_parameters_and_summary(based: AnalysisResult, tmp_path: Path) -> None:
    result = replace(based, summary={**based.summary, "served_ratio_by_age": {"0-14": 0.25}})
    path = export(result, "gpkg", tmp_path)
    parameters = pyogrio.read_dataframe(path, layer="parameters").set_index("name")
    assert list(parameters.loc["population_base", ["title", "value"]]) == [
        "Población",
        "Plan 2015 (3,000)",
    ]
    assert parameters.loc["standard_m2_per_inhab", "unit"] == "m² por habitante"
    summary = pyogrio.read_dataframe(path, layer="summary").set_index(["name", "group"])
    assert summary.loc[("population_inhab", ""), "value"] == 3000
    assert summary.loc[("population_inhab", ""), "unit"] == "hab."
    assert summary.loc[("served_ratio_by_age", "0-14"), "value"] == 0.25
    metadata = pyogrio.read_info(path, layer="zones")["layer_metadata"]
    assert metadata["PARAMETER_population_base"] == "Plan 2015 (3,000)"
    assert "Población: Plan 2015 (3,000)" in metadata["DESCRIPTION"]
