import pytest
from pydantic import ValidationError

from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import SchemaError
from ilo_geo.core.errors import WorkspaceError
from ilo_geo.core.text import Text
from ilo_geo.core.units import m2_to_ha
from ilo_geo.core.units import peru_date
from ilo_geo.core.units import peru_number


def test_no_text_exists_in_one_language_only() -> None:
    with pytest.raises(ValidationError):
        Text.model_validate({"es": "Hola"})
    with pytest.raises(ValidationError):
        Text(es="Hola", en="")


def test_an_error_speaks_both_languages_in_one_line() -> None:
    error = SchemaError("layer.schema", where="a.gpkg", layer="parks", faults=["x\ny", "z"])
    assert error.text("en").startswith(
        "a.gpkg: 2 mismatches with the schema of 'parks': (1) x y; (2) z"
    )
    assert error.text("es").startswith("a.gpkg: 2 diferencias con el esquema de «parks»")
    assert "\n" not in error.text("es")


@pytest.mark.parametrize(("kind", "code"), [(InputError, 2), (WorkspaceError, 1)])
def test_exit_code_tells_bad_input_from_failure(kind: type[InputError], code: int) -> None:
    assert kind("file.not_found", where="x").exit_code == code


def test_numbers_and_dates_are_written_as_in_peru() -> None:
    assert peru_number(79927) == "79,927"
    assert peru_number(1234.567, 2) == "1,234.57"
    assert peru_number(float("nan")) == "–"
    assert peru_date("2026-11-22") == "22/11/2026"
    assert m2_to_ha(12_500) == 1.25
