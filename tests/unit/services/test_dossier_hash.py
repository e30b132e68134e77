"""Equal data give one hash; any change of what is printed gives another."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from papers import with_sheet

from ilo_geo.services.dossier_data import Dossier
from ilo_geo.services.dossiers import gathered


@pytest.fixture(scope="module")
def told(small_area, tmp_path_factory):
    """Return a dossier with comments, votes, documents and a sheet, as JSON's own types."""
    from council_town import open_town

    from ilo_geo.io.workspace import Workspace
    from ilo_geo.services.areas import open_area

    place = Workspace(tmp_path_factory.mktemp("hash"))
    town = open_town(open_area(small_area.catalogue.folder, place))
    found = town.proposal_in("in_debate")
    town.do("planner", "comment", found, stance="for", text="Sombra.")
    town.do("citizen", "support", found)
    town.do("secretary", "open_vote", found)
    town.vote(found, "for", "against", "for")
    town.do("secretary", "close_vote", found)
    made = gathered(town.council, town.actors["planner"], "proposal", "1")
    again = gathered(town.council, town.actors["citizen"], "proposal", "1")
    town.council.database.close()
    assert with_sheet(made).dossier.sha256 == with_sheet(again).dossier.sha256
    # a proposal's has no part of a set, whatever is there instead
    return with_sheet(made).dossier.model_dump(mode="json", exclude={"campaign", "scenario"})


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value that is no list and no table."""
    pairs = (
        value.items() if isinstance(value, dict) else enumerate(value)
        if isinstance(value, list) else None
    )  # fmt: skip
    if pairs is None:
        return [path]
    return [leaf for key, one in pairs for leaf in leaves(one, (*path, key))]


def changed(value: Any, path: tuple[Any, ...]) -> Any:
    """Return another value of the same type."""
    if path[-1] in OTHERS:
        first, second = OTHERS[path[-1]]
        return second if value == first else first
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return "2001-01-01T00:00:00Z" if INSTANT.match(value) else f"{value} x"
    return None


INSTANT = re.compile(r"\d{4}-\d\d-\d\dT")
# what takes one of a few values, or may be absent
OTHERS = {
    "kind": ("campaign", "scenario"),
    "status": ("official", "modelled"),
    "choice": ("for", None),
    "casting_by": ("Ana Alcalde", None),
    "closes_at": ("2001-01-01T00:00:00Z", None),
    **dict.fromkeys(("unit", "ends", "note"), ({"es": "m", "en": "m"}, None)),
    **dict.fromkeys(("level", "level_low", "level_high", "certainty"), ("high", None)),
    **dict.fromkeys(("low", "high", "value", "cost_min_soles", "cost_max_soles"), (7, None)),
}


def test_the_changes_reach_every_leaf(told):
    for path in leaves(told):
        value = told
        for key in path:
            value = value[key]
        assert changed(value, path) != value, path


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_a_leaf_changes_the_hash(told, data):
    path = data.draw(st.sampled_from(leaves(told)))
    other = copy.deepcopy(told)
    place = other
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = changed(place[path[-1]], path)
    assert hash_of(told) != hash_of(other), path
    assert hash_of(told) == hash_of(copy.deepcopy(told))


def hash_of(document: dict[str, Any]) -> str:
    """Return the hash of a dossier read from JSON."""
    return Dossier.model_validate(document).sha256
