"""Names that every driver, query and table takes: no reserved word, no name twice by case."""

from __future__ import annotations

from collections.abc import Iterable

from ilo_geo.core.results import Notice
from ilo_geo.io.municipal.values import CONTROL

# names of the row's number and geometry in the files written here, and of frames in memory
RESERVED = frozenset({"fid", "geom", "geometry", "index", "rowid", "ogc_fid", "shape", "_rowid_"})
MAX_NAME_CHARS = 60
# in a line that names columns
SHOWN_CHARS = 40


def shown(name: object) -> str:
    """Return a column's name short enough for a line."""
    text = str(name)
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}…"


def listed(names: Iterable[object]) -> str:
    """Return columns' names for a line, each short enough.

    Examples
    --------
    >>> listed(["Uso", "x" * 3000])
    'Uso, xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'
    """
    return ", ".join(map(shown, names))


def distinct_names(theirs: Iterable[str]) -> list[str]:
    """Return the columns' names, those that repeat an earlier one with a number.

    Examples
    --------
    >>> distinct_names(["uso", "uso_2", "uso", "uso"])
    ['uso', 'uso_2', 'uso_3', 'uso_4']
    """
    names = list(theirs)
    used, distinct = set(names), []
    for position, name in enumerate(names):
        candidate, n = name, 1
        if name in names[:position]:
            while candidate in used:
                n += 1
                candidate = f"{name}_{n}"
        used.add(candidate)
        distinct.append(candidate)
    return distinct


def renamed(names: Iterable[tuple[str, str]]) -> tuple[Notice, ...]:
    """Return what to know of columns that are kept under another name, by old and new one."""
    changed = tuple(f"{shown(old)} → {shown(new)}" for old, new in names if old != new)
    return (Notice("import.renamed", {"columns": ", ".join(changed)}),) if changed else ()


def safe_names(theirs: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Return the name that each column is kept under.

    A word of SQL needs no other name, as every query quotes its columns; ``fid`` and ``geom`` do,
    and so does a name that differs from another only by case.

    Examples
    --------
    >>> safe_names(["select", "fid", "Uso", "USO"])
    {'select': 'select', 'fid': 'fid_2', 'Uso': 'Uso', 'USO': 'USO_2'}
    """
    used = {name.lower() for name in (*RESERVED, *taken)}
    kept = {}
    for name in theirs:
        plain = CONTROL.sub("", name).strip()[:MAX_NAME_CHARS] or "column"
        candidate, n = plain, 1
        while candidate.lower() in used:
            n += 1
            candidate = f"{plain}_{n}"
        used.add(candidate.lower())
        kept[name] = candidate
    return kept
