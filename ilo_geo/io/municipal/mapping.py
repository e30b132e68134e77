"""Which column of a file is which of ours: by name, by synonym, by likeness, or as told."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from ilo_geo.core.errors import InputError
from ilo_geo.core.schema import Column
from ilo_geo.io.municipal.naming import listed
from ilo_geo.io.municipal.naming import shown
from ilo_geo.io.municipal.words import fold
from ilo_geo.io.municipal.words import layer_columns
from ilo_geo.io.municipal.words import words

# two names this alike are taken for one, if no better pair is left; Shapefiles cut at 10 letters
ALIKE_RATIO = 0.84
SHAPEFILE_NAME_CHARS = 10
X, Y, LON, LAT, WKT, PLACE = "x", "y", "lon", "lat", "wkt", "place"
COORDINATE_SETS = ((X, Y), (LON, LAT), (WKT,), (PLACE,))


@dataclass(frozen=True)
class ColumnMap:
    """Columns of the file by the names they get.

    Attributes
    ----------
    columns
        Ours by theirs.
    coordinates
        Theirs by what they are (``x y lon lat wkt place``).
    """

    columns: Mapping[str, str]
    coordinates: Mapping[str, str]


def suggest(theirs: Iterable[str], layer_id: str, *, is_sheet: bool) -> ColumnMap:
    """Return the likeliest mapping of a file's columns to those of a layer.

    Equal names go first, then synonyms in their order, then likeness; a column is used once. A
    sheet's coordinates are sought first, so that ``x`` is no short name of something else.
    """
    left = list(theirs)
    found: dict[str, str] = {}
    coordinates = _coordinates(left) if is_sheet else {}
    taken = set(coordinates.values()) - {coordinates.get(PLACE)}
    left = [name for name in left if name not in taken]
    for ours, column in layer_columns(layer_id).items():
        said = [ours, *_titles(column), *words().synonyms.get(ours, ())]
        match = _named(said, left) or _alike(said, left)
        if match is not None:
            found[match] = ours
            left.remove(match)
    return ColumnMap(found, coordinates)


def told(theirs: Iterable[str], layer_id: str, pairs: Mapping[str, str], *, name: str) -> ColumnMap:
    """Return a mapping as the user gave it; an empty ours leaves a column unmapped.

    Raises
    ------
    InputError
        A name is of no column of the file or of the layer, or two columns get one name.
    """
    known, ours = list(theirs), layer_columns(layer_id)
    places = words().coordinates
    for left, right in pairs.items():
        if left not in known:
            raise _unknown(name, left, known)
        if right and right not in ours and right not in places:
            raise _unknown(layer_id, right, [*ours, *places])
    columns = {left: right for left, right in pairs.items() if right in ours}
    coordinates = {
        right: left for left, right in pairs.items() if right in places and right not in ours
    }
    given = [right for right in pairs.values() if right]
    twice = sorted({right for right in given if given.count(right) > 1})
    if twice:
        raise InputError("import.map_twice", where=name, found=", ".join(twice))
    return ColumnMap(columns, coordinates)


def merged(base: ColumnMap, over: ColumnMap, dropped: Iterable[str]) -> ColumnMap:
    """Return ``base`` with what the user said over it; ``dropped`` columns are unmapped."""
    gone = {*dropped, *over.columns, *over.coordinates.values()}
    renamed = set(over.columns.values())
    columns = {
        left: right
        for left, right in base.columns.items()
        if left not in gone and right not in renamed
    }
    coordinates = {
        k: v for k, v in base.coordinates.items() if v not in gone and k not in over.coordinates
    }
    return ColumnMap({**columns, **over.columns}, {**coordinates, **over.coordinates})


def _unknown(where: str, found: str, expected: Iterable[str]) -> InputError:
    return InputError(
        "import.map_unknown", where=where, found=shown(found), expected=listed(expected)
    )


def _coordinates(theirs: list[str]) -> dict[str, str]:
    """Return the columns that place a row: the first whole set of them, and the place by name."""
    table = words().coordinates
    found = {what: _named(said, theirs) for what, said in table.items()}
    present = {what: column for what, column in found.items() if column is not None}
    for names in COORDINATE_SETS[:-1]:
        if all(name in present for name in names):
            return {name: present[name] for name in names}
    return {PLACE: present[PLACE]} if PLACE in present else {}


def _named(said: Iterable[str], theirs: list[str]) -> str | None:
    folded = {fold(name): name for name in reversed(theirs)}
    return next((folded[fold(word)] for word in said if fold(word) in folded), None)


def _titles(column: Column) -> tuple[str, ...]:
    return (column.title.es, column.title.en) if column.title else ()


def _alike(said: Iterable[str], theirs: list[str]) -> str | None:
    best, best_ratio = None, ALIKE_RATIO
    for word in said:
        for name in theirs:
            ratio = _likeness(fold(word), fold(name))
            if ratio > best_ratio:
                best, best_ratio = name, ratio
    return best


def _likeness(one: str, other: str) -> float:
    cut = one[:SHAPEFILE_NAME_CHARS].strip()
    if len(one) > SHAPEFILE_NAME_CHARS and cut == other:
        return 1.0
    return SequenceMatcher(None, one, other).ratio()
