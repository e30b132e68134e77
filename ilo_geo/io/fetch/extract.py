"""Turns answers of Overpass into an OpenStreetMap extract, which the one reader of extracts reads.

So what is fetched and what is read from a file become layers by the same code, to the vertex. The
extract is written as .osm by hand: on a full disk osmium's writer would end the whole program.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from ilo_geo.io.workspace import atomic_path

# characters that XML has no way to write
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Element = dict[str, Any]


@dataclass(frozen=True)
class Gathered:
    """Elements by id, each once; ``current`` is the instant the oldest answer was current at."""

    nodes: dict[int, Element]
    ways: dict[int, Element]
    relations: dict[int, Element]
    current: str | None

    @property
    def date(self) -> str | None:
        """Return the day of the oldest answer."""
        return self.current[:10] if self.current else None


def gather(answers: Iterable[Path]) -> Gathered:
    """Return what all answers hold; one element lies in every tile and theme it belongs to."""
    nodes: dict[int, Element] = {}
    ways: dict[int, Element] = {}
    relations: dict[int, Element] = {}
    kinds = {"node": nodes, "way": ways, "relation": relations}
    instants = []
    for path in answers:
        document = json.loads(path.read_text(encoding="utf-8"))
        instants.append(str(document.get("osm3s", {}).get("timestamp_osm_base", "")))
        for element in document["elements"]:
            known = kinds[element["type"]]
            # a node that only places a way may come without its tags from another question
            if "tags" in element or element["id"] not in known:
                known[element["id"]] = element
    stated = [instant for instant in instants if instant]
    return Gathered(nodes, ways, relations, min(stated, default=None))


def write_extract(found: Gathered, path: Path) -> None:
    """Write the elements as an extract (.osm), in the order that the format asks for.

    Raises
    ------
    WorkspaceError
        The disk refused.
    """
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8") as stream:
        stream.write('<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">\n')
        for elements in (found.nodes, found.ways, found.relations):
            for key in sorted(elements):
                stream.writelines(_lines(elements[key]))
        stream.write("</osm>\n")


def _lines(element: Element) -> Iterator[str]:
    kind, number = element["type"], element["id"]
    place = f' lat="{element["lat"]:.7f}" lon="{element["lon"]:.7f}"' if kind == "node" else ""
    yield f'<{kind} id="{number}"{place}>\n'
    for node in element.get("nodes", ()):
        yield f'<nd ref="{node}"/>\n'
    for member in element.get("members", ()):
        role = _quoted(member["role"])
        yield f'<member type="{member["type"]}" ref="{member["ref"]}" role={role}/>\n'
    for key, value in element.get("tags", {}).items():
        yield f"<tag k={_quoted(key)} v={_quoted(value)}/>\n"
    yield f"</{kind}>\n"


def _quoted(text: str) -> str:
    return quoteattr(NOT_XML.sub("", text))
