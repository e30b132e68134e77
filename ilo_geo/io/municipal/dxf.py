"""Counts what a DXF comes to before it is drawn: blocks within blocks multiply."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from functools import cache
from pathlib import Path

from ilo_geo.core.errors import InputError
from ilo_geo.io.municipal.limits import limits
from ilo_geo.io.municipal.limits import require_at_most

# group codes: what begins, the name, columns and rows of an array of blocks
BEGINS, NAME, COLUMNS, ROWS = "0", "2", "70", "71"
MODEL = ""
MAX_ARRAY = 1_000_000


@dataclass
class _Insert:
    name: str = ""
    columns: int = 1
    rows: int = 1


@dataclass
class _Block:
    n_entities: int = 0
    inserts: list[_Insert] = field(default_factory=list)


def require_drawable(path: Path, *, name: str) -> None:
    """Refuse a drawing whose blocks, each inserted wherever it is named, pass the limit.

    Raises
    ------
    InputError
        It comes to more entities than the limits allow, or a block holds itself.
    """
    blocks = _blocks(_pairs(path))

    @cache
    def size(block: str) -> int:
        found = blocks.get(block)
        if found is None:
            return 0
        inner = (i.columns * i.rows * size(i.name) for i in found.inserts)
        return min(found.n_entities + sum(inner), 10 * limits().max_dxf_entities)

    try:
        total = size(MODEL)
    except RecursionError as error:
        raise InputError(
            "file.unreadable", where=name, found="a block within itself", expected="a DXF drawing"
        ) from error
    require_at_most(name, "max_dxf_entities", total)


def _pairs(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="latin-1") as lines:
        for code in lines:
            value = next(lines, "")
            yield code.strip(), value.strip()


def _blocks(pairs: Iterator[tuple[str, str]]) -> dict[str, _Block]:
    """Return what each block holds; what is drawn outside any is under ``MODEL``."""
    blocks: dict[str, _Block] = defaultdict(_Block)
    inside, entity, insert = MODEL, "", _Insert()
    for code, value in pairs:
        if code == BEGINS:
            entity = value
            if entity == "ENDBLK":
                inside = MODEL
            elif entity == "INSERT":
                insert = _Insert()
                blocks[inside].inserts.append(insert)
            elif entity != "BLOCK":
                blocks[inside].n_entities += 1
        elif code == NAME and entity == "BLOCK":
            inside = value
        elif entity == "INSERT" and code == NAME:
            insert.name = value
        elif entity == "INSERT" and code in (COLUMNS, ROWS):
            count = min(int(value), MAX_ARRAY) if value.isdigit() else 1
            if code == COLUMNS:
                insert.columns = count
            else:
                insert.rows = count
    return blocks
