"""Turns answers of Overpass into an OpenStreetMap extract, which the one reader of extracts reads.

So what is fetched and what is read from a file become layers by the same code, to the vertex.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import osmium

from ilo_geo.io.osm import HEADER_DATE

GENERATOR = "ilo-geo fetch"
MEMBER = {"node": "n", "way": "w", "relation": "r"}
Element = dict[str, Any]


@dataclass(frozen=True)
class Gathered:
    """Elements by id, each once; ``current`` is the instant the oldest answer was current at."""

    nodes: dict[int, Element]
    ways: dict[int, Element]
    relations: dict[int, Element]
    current: str | None


def gather(answers: Iterable[Path]) -> Gathered:
    """Return what all answers hold; one element lies in every tile and theme it belongs to."""
    found = Gathered({}, {}, {}, None)
    kinds = {"node": found.nodes, "way": found.ways, "relation": found.relations}
    instants = []
    for path in answers:
        document = json.loads(path.read_text(encoding="utf-8"))
        instants.append(str(document.get("osm3s", {}).get("timestamp_osm_base", "")))
        for element in document["elements"]:
            known = kinds.get(element["type"])
            # a node that only places a way may come without its tags from another question
            if known is not None and ("tags" in element or element["id"] not in known):
                known[element["id"]] = element
    stated = [instant for instant in instants if instant]
    return Gathered(found.nodes, found.ways, found.relations, min(stated, default=None))


def write_extract(found: Gathered, path: Path) -> None:
    """Write the elements as an extract (.osm.pbf), in the order that the format asks for."""
    header = osmium.io.Header()
    header.set("generator", GENERATOR)
    if found.current:
        header.set(HEADER_DATE, found.current)
    writer = osmium.SimpleWriter(str(path), header=header, overwrite=True)
    try:
        for node in _by_id(found.nodes):
            place = (node["lon"], node["lat"])
            writer.add_node(osmium.osm.mutable.Node(location=place, **_common(node)))
        for way in _by_id(found.ways):
            writer.add_way(osmium.osm.mutable.Way(nodes=way["nodes"], **_common(way)))
        for relation in _by_id(found.relations):
            members = [(MEMBER[m["type"]], m["ref"], m["role"]) for m in relation["members"]]
            writer.add_relation(osmium.osm.mutable.Relation(members=members, **_common(relation)))
    finally:
        writer.close()


def _by_id(elements: dict[int, Element]) -> list[Element]:
    return [elements[key] for key in sorted(elements)]


def _common(element: Element) -> dict[str, Any]:
    return {"id": element["id"], "tags": element.get("tags", {})}
