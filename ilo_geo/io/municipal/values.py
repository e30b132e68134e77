"""Turns what people write into what a column holds: decimal commas, days, yes and no."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ilo_geo.core.results import Notice
from ilo_geo.core.schema import Column
from ilo_geo.io.municipal.words import LayerWords
from ilo_geo.io.municipal.words import fold
from ilo_geo.io.municipal.words import folded_values
from ilo_geo.io.municipal.words import layer_words
from ilo_geo.io.municipal.words import value_texts
from ilo_geo.io.municipal.words import words

# control characters, and those that turn or hide text: bidi marks, zero widths, byte order
CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
THOUSANDS = re.compile(r"[+-]?\d{1,3}([.,])\d{3}(\1\d{3})*")
ONE_COMMA = re.compile(r"[+-]?\d*,\d+")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T](.+))?")
ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T](.+))?")
YEAR = re.compile(r"\d{4}(-\d{2})?")
CLOCK = re.compile(
    r"(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?\s*([ap])?\.?\s*m?\.?(?:[Z+-].*)?", re.IGNORECASE
)
DMS = re.compile(
    r"""\s*([+-]?\d{1,3})\s*[°ºd:\s]\s*(\d{1,2})\s*['′m:\s]\s*(\d{1,2}(?:[.,]\d+)?)\s*(?:["″]|''|s)?\s*([NSEWO])?\s*""",
    re.IGNORECASE,
)
SIXTY = 60
NOON = 12


def clean_text(values: pd.Series) -> tuple[pd.Series, int]:
    """Return text without characters that hide or turn it, trimmed, and how many held some.

    What is no text stays as it is; text of nothing but blanks is none.
    """
    plain = values.tolist()
    n_dirty = 0
    # one search over all: a file of a hundred thousand rows seldom has any
    if CONTROL.search("\n".join(value for value in plain if isinstance(value, str))):
        n_dirty = sum(isinstance(v, str) and CONTROL.search(v) is not None for v in plain)
        plain = [CONTROL.sub("", v) if isinstance(v, str) else v for v in plain]
    trimmed = [(v.strip() or None) if isinstance(v, str) else v for v in plain]
    made = pd.Series(trimmed, index=values.index, dtype=object, name=values.name)
    return made.where(made.notna(), None), n_dirty


def blank(values: pd.Series) -> pd.Series:
    """Return which values say nothing: empty, or a word for it."""
    said = {word.lower() for word in words().blanks}
    # text is asked once a kind of value: a column repeats few
    known = {v: str(v).strip().lower() in said or not str(v).strip() for v in _kinds(values)}
    # `eq` and not truth: where there is no value there is no answer either
    return values.isna() | values.map(known, na_action="ignore").eq(other=True)


def converted(
    values: pd.Series, ours: str, column: Column, layer_id: str
) -> tuple[pd.Series, dict[Any, Notice]]:
    """Return values as a column holds them, and by row why one cannot be.

    ``values`` are cleaned; a blank stays blank, and is a fault only where the column needs one.
    """
    faults: dict[Any, Notice] = {}
    empty = blank(values)
    if not column.nullable:
        faults |= dict.fromkeys(values.index[empty], Notice("import.row.required"))
    present = values[~empty]
    convert = _converter(present, ours, column, layer_words(layer_id))
    made = {value: convert(value) for value in _kinds(present)}
    results = present.map(made)
    wrong = results.map(lambda result: isinstance(result, Notice)).astype(bool)
    faults |= results[wrong].to_dict()
    good = results[~wrong].reindex(values.index)
    return good.astype(object).where(good.notna(), None), faults


def decimal_comma(values: pd.Series) -> bool | None:
    """Return whether a column's commas are decimal, or None where nothing in it tells.

    ``12,5`` tells that they are and ``1,234.5`` that they are not; ``1,250`` alone does not.
    """
    said = {_comma(str(value)) for value in _kinds(values) if isinstance(value, str)} - {None}
    return said.pop() if len(said) == 1 else None


def _comma(text: str) -> bool | None:
    plain = text.strip().replace(" ", "")
    if "," not in plain:
        return None
    if "." in plain or plain.count(",") > 1:
        return plain.rfind(",") > plain.rfind(".") and plain.count(",") == 1
    return None if THOUSANDS.fullmatch(plain) else True


def is_ambiguous(value: Any) -> bool:
    """Return whether a number can be read as a thousand and as a fraction: ``1,250``."""
    text = str(value).strip()
    return ONE_COMMA.fullmatch(text) is not None and THOUSANDS.fullmatch(text) is not None


def as_number(value: Any, comma: bool | None = None) -> float:
    """Return a number however it is written, NaN where it is none or could be two.

    ``comma`` says whether a comma is decimal, see `decimal_comma`.

    Examples
    --------
    >>> as_number("1.234,5"), as_number("1,234.5"), as_number("12,5"), as_number("S/ 3")
    (1234.5, 1234.5, 12.5, nan)
    >>> as_number("1,250"), as_number("1,250", comma=True), as_number("1,250", comma=False)
    (nan, 1.25, 1250.0)
    """
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return float(value)
    text = str(value).strip().replace("\u00a0", "").replace(" ", "")
    if "," in text and "." in text:
        decimal = "," if text.rfind(",") > text.rfind(".") else "."
        whole, _, part = text.rpartition(decimal)
        grouped = THOUSANDS.fullmatch(whole) is not None and decimal not in whole
        text = f"{re.sub('[.,]', '', whole)}.{part}" if grouped else ""
    elif THOUSANDS.fullmatch(text) and _is_grouped(text, comma):
        text = re.sub("[.,]", "", text)
    elif comma is None and is_ambiguous(text):
        text = ""
    elif text.count(",") == 1:
        text = text.replace(",", ".")
    return float(text) if NUMBER.fullmatch(text) else float("nan")


def _is_grouped(text: str, comma: bool | None) -> bool:
    """Return whether the signs of ``1.250`` or ``1,250,000`` part thousands."""
    if text.count(",") + text.count(".") > 1:
        return True
    return comma is False if "," in text else comma is True


def as_degrees(value: Any) -> float:
    r"""Return a coordinate in degrees, also from degrees, minutes and seconds.

    Examples
    --------
    >>> as_degrees("-17,639"), as_degrees("-17.639"), round(as_degrees("71°20'15.0\" O"), 6)
    (-17.639, -17.639, -71.3375)
    """
    # no degree has thousands: either sign is decimal
    number = as_number(value.replace(",", ".") if isinstance(value, str) else value)
    match = DMS.fullmatch(str(value)) if np.isnan(number) else None
    if match is None:
        return number
    degrees, minutes, seconds = float(match[1]), float(match[2]), float(match[3].replace(",", "."))
    if minutes >= SIXTY or seconds >= SIXTY:
        return float("nan")
    size = abs(degrees) + minutes / SIXTY + seconds / SIXTY**2
    negative = match[1].startswith("-") or (match[4] or "").upper() in ("S", "W", "O")
    return -size if negative else size


def as_date(value: Any) -> str | None:
    """Return a day in ISO 8601 with the hour if there is one, None where it is none.

    Examples
    --------
    >>> as_date("5/3/2026 21:30"), as_date("2026-03-05"), as_date("31/02/2026")
    ('2026-03-05T21:30', '2026-03-05', None)
    """
    text = str(value).strip()
    if YEAR.fullmatch(text):
        return text
    first, iso = DAY_FIRST.fullmatch(text), ISO.fullmatch(text)
    if first:
        year, month, day, rest = first[3], first[2], first[1], first[4]
    elif iso:
        year, month, day, rest = iso[1], iso[2], iso[3], iso[4]
    else:
        return None
    try:
        date = str(np.datetime64(f"{year}-{int(month):02d}-{int(day):02d}"))
    except ValueError:
        return None
    hour = as_time(rest) if rest else None
    if rest and hour is None:
        return None
    return date if hour in (None, "00:00") else f"{date}T{hour}"


def as_time(value: Any) -> str | None:
    """Return an hour as HH:MM, None where it is none.

    Examples
    --------
    >>> as_time("9:05 p. m."), as_time("21:30:00"), as_time("25:00")
    ('21:05', '21:30', None)
    """
    text = re.sub(r"\s+", " ", str(value)).strip().replace(". m", "m")
    match = CLOCK.fullmatch(text)
    if match is None:
        return None
    hour, minute, half = int(match[1]), int(match[2]), (match[3] or "").lower()
    if half and not 1 <= hour <= NOON:
        return None
    if half:
        hour = hour % NOON + (NOON if half == "p" else 0)
    return f"{hour:02d}:{minute:02d}" if hour < 24 and minute < SIXTY else None


def _kinds(values: pd.Series) -> list[Any]:
    return list(values.dropna().unique())


def _converter(
    present: pd.Series, ours: str, column: Column, spec: LayerWords
) -> Callable[[Any], Any]:
    """Return what makes of one value what the column holds, or the notice that says why not."""
    if ours in spec.dates:
        return lambda value: as_date(value) or Notice("import.row.date")
    if ours in spec.times:
        return lambda value: as_time(value) or Notice("import.row.time")
    if column.kind == "boolean":
        truth = words().truth
        return lambda value: _boolean(value, truth)
    if column.kind in ("number", "integer"):
        comma = decimal_comma(present)
        return lambda value: _number(value, column, comma)
    allowed = column.allowed or ()
    said = value_texts(allowed, spec.meanings.get(ours, {}))
    refused = Notice("import.row.allowed", {"expected": tuple(text for _value, text in said)})
    meanings = dict.fromkeys(allowed, ()) | dict(spec.meanings.get(ours, {}))
    known = folded_values(meanings)
    return lambda value: _text(value, known, refused if allowed else None)


def _boolean(value: Any, truth: Mapping[str, bool]) -> Any:
    number = as_number(value)
    said = str(int(number)) if number in (0, 1) else fold(value)
    return truth[said] if said in truth else Notice("import.row.boolean")


def _number(value: Any, column: Column, comma: bool | None) -> Any:
    number = as_number(value, comma)
    if not np.isfinite(number):
        unclear = comma is None and is_ambiguous(value)
        return Notice("import.row.ambiguous") if unclear else Notice("import.row.number")
    if column.kind == "integer" and number % 1:
        return Notice("import.row.integer")
    low, high = column.minimum, column.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        ends = {
            "low": "-∞" if low is None else f"{low:,.10g}",
            "high": "∞" if high is None else f"{high:,.10g}",
        }
        return Notice("import.row.range", ends)
    return int(number) if column.kind == "integer" else number


def _text(value: Any, known: Mapping[str, str], refused: Notice | None) -> Any:
    found = known.get(fold(value)) if known else None
    if found is not None:
        return found
    if refused is not None:
        return refused
    # Excel gives codes as numbers
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole else str(value)
