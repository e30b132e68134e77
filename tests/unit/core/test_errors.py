"""What a reader elsewhere is told names files and no folders of this machine."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_geo.core.errors import OPTION
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import SchemaError
from ilo_geo.core.text import messages

NAMES = st.text(string.ascii_letters + string.digits + "-_ñÁ ", min_size=1, max_size=12).filter(
    lambda name: name.strip() == name
)


@given(st.lists(NAMES, min_size=1, max_size=5), st.sampled_from(["/", "\\"]))
def test_no_folder_of_a_path_is_told(folders: list[str], slash: str) -> None:
    drive = "C:" if slash == "\\" else ""
    path = drive + slash + slash.join([*folders, "plano.gpkg"])
    told = InputError("file.not_found", where=path).public_text("es")
    assert told == InputError("file.not_found", where="…/plano.gpkg").text("es")


def test_paths_inside_listed_faults_are_shortened_too() -> None:
    faults = ["/home/ana/ws/parks/layer.yaml: title: missing", "/srv/a b/x.gpkg: the file is lost"]
    error = SchemaError("catalogue.invalid", where="/home/ana/ws", faults=faults)
    told = error.public_text("en")
    assert "ana" not in told
    assert "srv" not in told
    assert "…/layer.yaml: title: missing" in told
    assert "…/x.gpkg: the file is lost" in told


@pytest.mark.parametrize(
    "text", ["9 m²/hab", "S/ 5.03 y S/ 6.1", "sí / no / tal vez", "http://a.b/c/d", "y/o", "1/2/3"]
)
def test_what_is_no_path_stays(text: str) -> None:
    error = InputError("parameter.invalid", where="x", found=text, expected="y")
    assert text in error.public_text("es")


@pytest.mark.parametrize(
    ("code", "rest"),
    [
        ("import.several_layers", "a.zip: tiene 2 capas (x (--y).shp). Elija una."),
        ("import.columns_missing", "Asígnelas o dé un valor a todas las filas."),
        ("import.crs_missing", "Pregunte a quien lo hizo e indíquelo."),
        ("import.crs.degrees", "Indique EPSG:4326 si nadie le dice otro."),
        ("import.rows_fail", "o cargue solo las válidas."),
        ("import.no_coordinates", "Indique este/norte, lon/lat, wkt o lugar."),
    ],
)
def test_a_page_is_not_told_options_of_the_command_line(code: str, rest: str) -> None:
    fields = dict.fromkeys(("found", "crs", "kind", "layer", "all", "row", "column"), "x")
    said = {**fields, "where": "a.zip", "n": 2, "expected": "x (--y).shp", "likely": "EPSG:4326"}
    error = InputError(code, **said)
    assert error.text("es") != error.public_text("es")
    assert error.public_text("es").endswith(rest)


def test_every_option_in_a_message_of_loads_stands_in_brackets() -> None:
    for code, text in messages().items():
        if code.startswith("import."):
            assert "--" not in OPTION.sub("", text.es) + OPTION.sub("", text.en), code
