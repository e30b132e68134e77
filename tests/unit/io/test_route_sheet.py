"""The route sheet says first whether one is in time, and never drops what it stands on."""

from dataclasses import dataclass
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from pdf_text import PdfText
from pyproj import CRS
from pyproj import Transformer

from ilo_geo.core.errors import CrsError
from ilo_geo.core.layer import LayerRef
from ilo_geo.core.layer import Status
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.text import Text
from ilo_geo.io.route_sheet import RouteTerms
from ilo_geo.io.route_sheet import write_route_sheet
from ilo_geo.io.route_sheet import write_route_sheets

UTM = CRS.from_epsg(32719)
X0, Y0 = 252_000.0, 8_047_000.0
TERMS = RouteTerms(walking_speed_m_s=1.1, arrival_min=15.0, level_m=20.0)


PATH = shapely.LineString([(X0, Y0), (X0 + 600, Y0), (X0 + 600, Y0 + 300)])


@dataclass(frozen=True)
class ToyLeg:
    instruction: Text
    length_m: float


@dataclass(frozen=True)
class ToyEnd:
    x_m: float = X0 + 600
    y_m: float = Y0 + 300
    elevation_m: float = 31.4
    street: str | None = "Calle Moquegua"
    place: str | None = "Parque Nieto"
    place_gap_m: float = 84.2


@dataclass(frozen=True)
class ToyRoute:
    total_min: float = 12.1
    slowest_min: float = 0.0
    delay_min: float = 3.0
    length_m: float = 900.0
    climb_m: float = 24.0
    line: shapely.LineString = PATH
    legs: tuple[ToyLeg, ...] = (
        ToyLeg(Text(es="Salga por Jr. Abtao: 600 m.", en="Set out along Jr. Abtao: 600 m."), 600.0),
        ToyLeg(Text(es="Gire a la izquierda: 300 m.", en="Turn left: 300 m."), 300.0),
    )
    meeting_point: ToyEnd = ToyEnd()


@pytest.fixture
def refs(toy_result: AnalysisResult) -> tuple[LayerRef, ...]:
    return toy_result.provenance


def written(folder: Path, route: ToyRoute | None, refs: tuple[LayerRef, ...], **options) -> str:
    given = {"crs": UTM, "terms": TERMS, "provenance": refs, "printed_on": date(2026, 11, 22)}
    path = write_route_sheet(folder / "route.pdf", "Manzana 12-B", route, **{**given, **options})
    return PdfText(path).flat()


def test_the_sheet_says_where_how_long_and_what_it_stands_on(
    tmp_path: Path, refs: tuple[LayerRef, ...]
) -> None:
    text = written(tmp_path, ToyRoute(), refs)
    for said in (
        "Hoja de ruta de evacuación",
        "Manzana 12-B",
        "Camine a: Calle Moquegua, a 84 m de Parque Nieto",
        "13 min · 900 m · sube 24 m",
        "La ola puede llegar a los 15 min: la última persona llega 2.9 min antes.",
        "1. Salga por Jr. Abtao: 600 m.",
        "2. Gire a la izquierda: 300 m.",
        "Cota: 31 m sobre el mar",
        "EPSG:32719: E 252600, N 8047300",
        "Paso en llano: 1.1 m/s",
        "3 min (incluida)",
        "Nivel del mar supuesto: 20 m",
        "Fecha 22/11/2026",
        "Fuente de parks, S/ 1 o $2 (05/2023, CC BY 4.0, modelado)",
    ):
        assert said in text, said


def test_the_meeting_point_in_degrees_is_that_of_pyproj(
    tmp_path: Path, refs: tuple[LayerRef, ...]
) -> None:
    to_degrees = Transformer.from_crs(32719, 4326, always_xy=True)
    lon, lat = to_degrees.transform(X0 + 600, Y0 + 300)
    assert f"WGS 84: {lat:.5f}, {lon:.5f}" in written(tmp_path, ToyRoute(), refs)


@pytest.mark.parametrize(
    ("total_min", "said", "not_said"),
    [
        (15.0, "llega 0.0 min antes", "LLEGA TARDE"),
        (15.1, "LLEGA TARDE", "Salga de inmediato"),
        (19.2, "4.2 min antes que la persona", "Salga de inmediato"),
    ],
)
def test_who_is_late_is_told_so_first(
    tmp_path: Path, refs: tuple[LayerRef, ...], total_min: float, said: str, not_said: str
) -> None:
    text = written(tmp_path, ToyRoute(total_min=total_min), refs)
    assert said in text
    assert not_said not in text


@pytest.mark.parametrize(
    ("slowest_min", "said"),
    [
        (14.0, "la última persona llega 1.0 min antes"),
        (17.5, "NO TODOS LLEGAN: la ola puede llegar a los 15 min, 2.5 min antes que la última"),
        (float("inf"), "NO TODOS LLEGAN: para una parte de este lugar no hay ruta"),
    ],
)
def test_a_place_is_in_time_only_if_its_last_person_is(
    tmp_path: Path, refs: tuple[LayerRef, ...], slowest_min: float, said: str
) -> None:
    text = written(tmp_path, ToyRoute(slowest_min=slowest_min), refs)
    assert said in text
    assert "inf" not in text.replace("info", "")


def test_minutes_are_never_rounded_in_the_reader_s_favour(
    tmp_path: Path, refs: tuple[LayerRef, ...]
) -> None:
    assert "13 min · 900 m" in written(tmp_path, ToyRoute(total_min=12.01), refs)


def test_no_way_to_safety_is_said_and_no_meeting_point_is_made_up(
    tmp_path: Path, refs: tuple[LayerRef, ...]
) -> None:
    text = written(
        tmp_path, None, refs, places={"Manzana 12-B": shapely.box(X0, Y0, X0 + 9, Y0 + 9)}
    )
    assert "NO HAY RUTA A TERRENO SEGURO" in text
    assert "Punto de encuentro" not in text
    assert "Camine a" not in text
    assert "Fuente de parks" in text


def test_a_modelled_layer_is_named_and_without_one_the_route_is_still_only_computed(
    tmp_path: Path, refs: tuple[LayerRef, ...]
) -> None:
    modelled = written(tmp_path, ToyRoute(), refs)
    assert "capas no levantadas en campo: Parques. Recórrala antes de usarla." in modelled
    surveyed = [ref.model_copy(update={"status": Status.OBSERVED}) for ref in refs]
    text = written(tmp_path, ToyRoute(), tuple(surveyed))
    assert "MODELADO" not in text
    assert "Ruta calculada, no ensayada." in text


def test_the_sheet_is_written_in_the_reader_s_language(
    tmp_path: Path, refs: tuple[LayerRef, ...]
) -> None:
    text = written(tmp_path, ToyRoute(), refs, lang="en")
    assert "Evacuation route sheet" in text
    assert "1. Set out along Jr. Abtao: 600 m." in text
    assert "the last person arrives 2.9 min before it" in text


def test_a_meeting_point_without_names_is_high_ground(
    tmp_path: Path, refs: tuple[LayerRef, ...]
) -> None:
    nameless = ToyEnd(street=None, place=None, place_gap_m=float("nan"))
    text = written(tmp_path, replace(ToyRoute(), meeting_point=nameless), refs)
    assert "Camine a: terreno alto" in text
    assert "nan" not in text


def test_a_far_place_does_not_name_the_meeting_point(
    tmp_path: Path, refs: tuple[LayerRef, ...]
) -> None:
    far = ToyEnd(place="Desembocadura del río", place_gap_m=675.0)
    text = written(tmp_path, replace(ToyRoute(), meeting_point=far), refs)
    assert "Camine a: Calle Moquegua 13 min" in text
    assert "Desembocadura" not in text


@pytest.mark.parametrize("n_legs", [40, 200])
def test_a_way_too_long_for_the_sheet_says_it_goes_on(
    tmp_path: Path, refs: tuple[LayerRef, ...], n_legs: int
) -> None:
    legs = tuple(
        ToyLeg(Text(es=f"Tramo {n} por una calle larga.", en="x"), 10.0) for n in range(n_legs)
    )
    text = written(tmp_path, replace(ToyRoute(), legs=legs), refs)
    assert "Tramo 0 " in text
    assert (f"Tramo {n_legs - 1} " in text) or "… el camino sigue en el mapa" in text
    assert "Fuente de parks" in text


def test_each_route_has_its_sheet_and_context_its_legend(
    tmp_path: Path, refs: tuple[LayerRef, ...]
) -> None:
    around = gpd.GeoDataFrame(geometry=[shapely.box(X0 - 500, Y0 - 500, X0 + 500, Y0)], crs=UTM)
    routes = {"Norte": ToyRoute(), "Sur — un nombre muy largo " * 4: ToyRoute(), "Este": None}
    path = write_route_sheets(
        tmp_path / "routes.pdf",
        routes,
        crs=UTM,
        terms=TERMS,
        provenance=refs,
        context={"inundation": around, "streets": around.iloc[:0]},
    )
    pdf = PdfText(path)
    assert pdf.sizes_mm == [(210, 297)] * 3
    for name, page in zip(routes, pdf.pages, strict=True):
        assert " ".join(name.split()) in " ".join(page.split())
        assert "Zona inundable" in page
        assert "\nCalles\n" not in page


def test_a_route_in_degrees_is_refused_and_nothing_is_written(
    tmp_path: Path, refs: tuple[LayerRef, ...]
) -> None:
    with pytest.raises(CrsError):
        written(tmp_path, ToyRoute(), refs, crs=CRS.from_epsg(4326))
    assert list(tmp_path.iterdir()) == []
