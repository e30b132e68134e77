"""Columns and values as municipalities write them."""

from __future__ import annotations

import datetime as dt
import locale

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_geo.core.errors import InputError
from ilo_geo.core.schema import Column
from ilo_geo.io.catalogue import layer_schemas
from ilo_geo.io.municipal.mapping import ColumnMap
from ilo_geo.io.municipal.mapping import suggest
from ilo_geo.io.municipal.mapping import told
from ilo_geo.io.municipal.naming import safe_names
from ilo_geo.io.municipal.rows import convert_table
from ilo_geo.io.municipal.templates import template_table
from ilo_geo.io.municipal.values import as_date
from ilo_geo.io.municipal.values import as_degrees
from ilo_geo.io.municipal.values import as_number
from ilo_geo.io.municipal.values import as_time
from ilo_geo.io.municipal.values import converted
from ilo_geo.io.municipal.words import layer_columns
from ilo_geo.io.municipal.words import layer_words
from ilo_geo.io.municipal.words import words

amounts = st.floats(-1e9, 1e9, allow_nan=False).map(lambda v: round(v, 4))


def mapped(columns: list[str], layer: str, *, is_sheet: bool = False) -> dict[str, str]:
    found = suggest(columns, layer, is_sheet=is_sheet)
    return {**found.columns, **{theirs: what for what, theirs in found.coordinates.items()}}


@pytest.mark.parametrize(
    ("columns", "layer", "expected"),
    [
        (
            ["NOMBRE", "Tipo", "ACCESO"],
            "parks",
            {"NOMBRE": "name", "Tipo": "kind", "ACCESO": "access"},
        ),
        (
            ["COD_CATASTRAL", "TENENCIA", "USO"],
            "lots",
            {"COD_CATASTRAL": "id", "TENENCIA": "tenure", "USO": "use"},
        ),
        (["Nombre", "ESTE", "Norte"], "schools", {"Nombre": "name", "ESTE": "x", "Norte": "y"}),
        (
            ["nombre", "Longitud", "latitud"],
            "schools",
            {"nombre": "name", "Longitud": "lon", "latitud": "lat"},
        ),
        # a Shapefile cuts names at ten letters
        (["hours_per_", "id"], "water_hours", {"hours_per_": "hours_per_day", "id": "id"}),
        (["nombrre"], "schools", {"nombrre": "name"}),
        (["qwerty"], "schools", {}),
    ],
)
def test_columns_are_known_by_name_synonym_and_likeness(
    columns: list[str], layer: str, expected: dict[str, str]
) -> None:
    is_sheet = any(what in expected.values() for what in ("x", "lon"))
    assert mapped(columns, layer, is_sheet=is_sheet) == expected


def test_no_column_is_used_twice() -> None:
    found = suggest(["nombre", "titulo"], "proposals", is_sheet=True)
    assert sorted(found.columns.values()) == sorted(set(found.columns.values()))


def test_what_is_told_must_exist_and_be_told_once() -> None:
    with pytest.raises(InputError, match="no column 'b'; expected one of: a"):
        told(["a"], "schools", {"b": "name"}, name="f")
    with pytest.raises(InputError, match="no column 'zzz'"):
        told(["a"], "schools", {"a": "zzz"}, name="f")
    with pytest.raises(InputError, match="mapped to name"):
        told(["a", "b"], "schools", {"a": "name", "b": "name"}, name="f")


def test_reserved_and_repeated_names_get_others_and_words_of_sql_stay() -> None:
    names = ["select", "order", "fid", "geom", "geometry", "index", "Uso", "USO", "a\0b"]
    kept = safe_names(names)
    assert kept["select"] == "select"
    assert kept["order"] == "order"
    folded = [name.lower() for name in kept.values()]
    assert len(set(folded)) == len(names)
    assert not set(folded) & {"fid", "geom", "geometry", "index"}
    assert kept["a\0b"] == "ab"


@given(amounts)
def test_a_number_is_read_back_however_it_was_written(value: float) -> None:
    english = f"{value:,.4f}"
    spanish = english.translate(str.maketrans(",.", ".,"))
    assert as_number(english) == value
    assert as_number(spanish, comma=True) == value
    assert as_number(repr(value)) == value


@given(amounts.filter(lambda value: abs(value) >= 1000))
def test_thousands_tell_which_sign_is_decimal(value: float) -> None:
    spanish = f"{value:,.4f}".translate(str.maketrans(",.", ".,"))
    assert as_number(spanish) == value


@given(st.floats(-180, 180, allow_nan=False))
def test_degrees_minutes_and_seconds_come_back(value: float) -> None:
    total = round(abs(value) * 3600, 3)
    degrees, rest = divmod(total, 3600)
    minutes, seconds = divmod(rest, 60)
    hemisphere = "S" if value < 0 else "N"
    text = f"{degrees:.0f}° {minutes:.0f}' {seconds:.3f}\" {hemisphere}"
    if not text.count(" 60.000"):
        assert as_degrees(text) == pytest.approx(value, abs=1e-6)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)))
def test_days_are_read_back(day: dt.date) -> None:
    for form in ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d"):
        assert as_date(day.strftime(form)) == day.isoformat()


@given(st.times())
def test_hours_are_read_back(hour: dt.time) -> None:
    locale.setlocale(locale.LC_TIME, "C")
    for form in ("%H:%M", "%H:%M:%S", "%I:%M %p"):
        assert as_time(hour.strftime(form)) == hour.strftime("%H:%M")


@pytest.mark.parametrize("text", ["31/02/2026", "2026-13-01", "ayer", "1/1/26", "", "05/03/2026 x"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert as_date(text) is None


@pytest.mark.parametrize(
    ("value", "column", "code"),
    [
        ("12x", Column(kind="number"), "number"),
        ("1,250", Column(kind="number"), "ambiguous"),
        ("inf", Column(kind="number"), "number"),
        ("12.5", Column(kind="integer"), "integer"),
        ("-1", Column(kind="number", minimum=0), "range"),
        ("quizá", Column(kind="boolean"), "boolean"),
        ("otro", Column(kind="text", allowed=("a", "b")), "allowed"),
        (None, Column(kind="text"), "required"),
        ("S/D", Column(kind="number"), "required"),
    ],
)
def test_a_value_that_cannot_be_says_why(value: object, column: Column, code: str) -> None:
    values = pd.Series([value], index=[7], dtype=object)
    made, faults = converted(values, "zzz", column, "schools")
    assert faults[7].code == f"import.row.{code}"
    assert made.isna().all()


def test_one_decimal_comma_tells_the_others() -> None:
    made, faults = converted(pd.Series(["12,5", "1,250"]), "zzz", Column(kind="number"), "schools")
    assert (made.tolist(), faults) == ([12.5, 1.25], {})
    made, _ = converted(pd.Series(["1,234.5", "1,250"]), "zzz", Column(kind="number"), "schools")
    assert made.tolist() == [1234.5, 1250.0]


def test_words_of_people_become_the_values_allowed() -> None:
    column = layer_columns("parks")["access"]
    made, faults = converted(pd.Series(["PÚBLICO", "Privada", "public"]), "access", column, "parks")
    assert (made.tolist(), faults) == (["public", "private", "public"], {})


def test_every_word_is_of_a_column_there_is_and_means_an_allowed_value() -> None:
    for layer, spec in words().layers.items():
        columns = layer_columns(layer)
        assert set(spec.meanings) <= set(columns), layer
        assert set(spec.example) <= set(columns), layer
        assert {*spec.dates, *spec.times, *spec.unique} <= set(columns) | {"date"}, layer
        for name, meanings in spec.meanings.items():
            allowed = columns[name].allowed
            assert allowed is None or set(meanings) <= set(allowed), (layer, name)


def test_every_template_has_an_example_of_every_column_it_needs() -> None:
    for layer in template_table().layers:
        needed = {n for n, c in layer_schemas()[layer].columns.items() if not c.nullable}
        assert needed <= set(layer_words(layer).example), layer
        assert np.all([c.title is not None for c in layer_columns(layer).values()])


def test_a_code_that_stands_twice_is_told_where_the_layer_does_not_refuse_it() -> None:
    table = pd.DataFrame({"COD": ["A", "A", "A", None, None], "nombre": ["z"] * 5})
    table.index = range(2, 7)
    made, faults, notices = convert_table(table, ColumnMap({}, {}), "poles")
    assert faults == []
    assert len(made) == 5
    assert [(n.code, n.fields["n"], n.fields["column"]) for n in notices] == [
        ("import.codes_twice", 2, "COD")
    ]


def test_a_name_of_three_thousand_letters_is_cut_in_a_line() -> None:
    table = pd.DataFrame({"x" * 3000: ["a"]}, index=[2])
    _made, _faults, notices = convert_table(table, ColumnMap({}, {}), "poles")
    assert notices[0].code == "import.renamed"
    assert len(notices[0].text("es")) < 200
