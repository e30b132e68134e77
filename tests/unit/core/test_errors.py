"""What a reader elsewhere is told names files and no folders of this machine."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import SchemaError

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
