"""Makes ``tests/data/overpass_poa.json``: a corner of a real city as Overpass would answer it.

``python tests/support/osm_fixture.py FOLDER`` with the folder of the Porto Alegre extract. The data
are © OpenStreetMap contributors, ODbL 1.0; the file says so itself.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import osmium

FIXTURE = Path(__file__).parents[1] / "data" / "overpass_poa.json"
# west, south, east, north: a park with a pond, squares, steps, one-way streets
WINDOW = (-51.2215, -30.0415, -51.2095, -30.0315)
KINDS = {"n": "node", "w": "way", "r": "relation"}
CURRENT = "2021-02-01T00:00:00Z"
ATTRIBUTION = (
    "Cut from the Porto Alegre extract that the R package r5r (MIT) distributes. The data is made "
    "available under ODbL 1.0, © OpenStreetMap contributors."
)
Element = dict[str, Any]


def elements(path: Path) -> list[Element]:
    """Return every element of an extract as Overpass writes it."""
    return [_element(thing) for thing in osmium.FileProcessor(str(path))]


def _element(thing: Any) -> Element:
    kind = thing.type_str()
    element: Element = {"type": KINDS[kind], "id": thing.id}
    if kind == "n":
        element |= {"lat": round(thing.lat, 7), "lon": round(thing.lon, 7)}
    elif kind == "w":
        element["nodes"] = [node.ref for node in thing.nodes]
    else:
        element["members"] = [
            {"type": KINDS[m.type], "ref": m.ref, "role": m.role} for m in thing.members
        ]
    tags = dict(thing.tags)
    return {**element, "tags": tags} if tags else element


def cut(all_elements: list[Element]) -> list[Element]:
    """Return what touches the window, whole: ways with their nodes, relations with their ways."""
    west, south, east, north = WINDOW
    nodes = {e["id"]: e for e in all_elements if e["type"] == "node"}
    ways = {e["id"]: e for e in all_elements if e["type"] == "way"}
    inside = {
        key for key, e in nodes.items() if west < e["lon"] < east and south < e["lat"] < north
    }
    chosen = {key for key, e in ways.items() if inside & set(e["nodes"])}
    relations = [e for e in all_elements if e["type"] == "relation"]
    kept = [e for e in relations if chosen & {m["ref"] for m in e["members"] if m["type"] == "way"}]
    chosen |= {m["ref"] for e in kept for m in e["members"] if m["ref"] in ways}
    placed = {node for key in chosen for node in ways[key]["nodes"]}
    wanted = {key for key in inside if "tags" in nodes[key]} | (placed & set(nodes))
    return [*(nodes[key] for key in sorted(wanted)), *(ways[key] for key in sorted(chosen)), *kept]


def main(folder: Path) -> None:
    """Write the fixture."""
    document = {
        "version": 0.6,
        "generator": "tests/support/osm_fixture.py",
        "osm3s": {"timestamp_osm_base": CURRENT, "copyright": ATTRIBUTION},
        "elements": cut(elements(folder / "poa_osm.pbf")),
    }
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    FIXTURE.write_text(text.replace('{"type"', '\n{"type"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
