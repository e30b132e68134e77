"""The table of permissions in docs/people.md is the one the program goes by."""

from __future__ import annotations

from pathlib import Path

import yaml

REPO = Path(__file__).parents[2]
DATA = yaml.safe_load(
    (REPO / "ilo_geo" / "proposals" / "permissions.yaml").read_text(encoding="utf-8")
)
NAMED = dict(zip(("published", "discussed"), DATA["lists"], strict=False))
BEGIN, END = "<!-- permissions -->", "<!-- /permissions -->"


def states(where: object) -> str:
    if where == "always":
        return "always"
    known = next((name for name, listed in NAMED.items() if listed == where), None)
    return known or ", ".join(where)


def cell(granted: object) -> str:
    if not isinstance(granted, dict):
        return states(granted) if granted else "–"
    parts = [states(granted["any"])] if "any" in granted else []
    own = [f"own: {states(granted['own'])}"] if "own" in granted else []
    return "; ".join([*parts, *own])


def table() -> str:
    roles = list(DATA["roles"])
    head = ["verb", *(DATA["roles"][role]["en"].lower() for role in roles)]
    rows = [
        [f"`{verb}` {said['title']['en'].lower()}", *(cell(said["grants"].get(r)) for r in roles)]
        for verb, said in DATA["verbs"].items()
    ]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def test_the_table_in_the_docs_is_the_table_of_the_program() -> None:
    text = (REPO / "docs" / "people.md").read_text(encoding="utf-8")
    assert text.partition(BEGIN)[2].partition(END)[0].strip() == table()
