"""Scenarios, sets of proposals to be looked at together: one function a verb.

A scenario holds only proposals that whoever makes it may read, and shows to each reader only those
that the reader may read. It decides nothing, so it has no states.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.proposals.commands import is_own
from ilo_geo.proposals.commands import readable
from ilo_geo.proposals.commands import require_allowed
from ilo_geo.proposals.forms import form_of
from ilo_geo.proposals.model import VersionForm
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.scenario_forms import EditScenarioForm
from ilo_geo.proposals.scenario_forms import ScenarioForm
from ilo_geo.proposals.tables import proposal
from ilo_geo.proposals.tables import scenario
from ilo_geo.proposals.tables import scenario_item

READ, CREATE = "read_scenario", "create_scenario"
EDIT, DISCARD = "edit_scenario", "discard_scenario"


def create_scenario(repo: Repository, asked: Mapping[str, Any]) -> Record:
    """Write a scenario of the actor's own.

    Raises
    ------
    RefusedError
        The actor may not.
    NotFoundError
        One of the proposals is none that the actor may know of.
    InputError
        What was asked is faulty.
    """
    require_allowed(repo, CREATE)
    form = form_of(ScenarioForm, asked)
    chosen = [readable(repo, one)["id"] for one in form.proposal_ids]
    made = repo.add(
        scenario,
        CREATE,
        title=form.title,
        account_id=repo.actor.account_id,
        created_at=repo.now,
        updated_at=repo.now,
    )
    _add(repo, CREATE, made, chosen)
    return made


def edit_scenario(repo: Repository, scenario_id: str, asked: Mapping[str, Any]) -> Record:
    """Write a scenario anew over the version that was seen.

    Proposals in it that the actor may not read stay in it.

    Raises
    ------
    RefusedError
        It is somebody else's.
    ConflictError
        It was changed meanwhile.
    NotFoundError
        There is no such scenario, or no such proposal that the actor may know of.
    """
    found = _own(repo, EDIT, scenario_id)
    form = form_of(EditScenarioForm, asked)
    chosen = {readable(repo, one)["id"] for one in form.proposal_ids}
    changed = repo.change(
        scenario, EDIT, found, seen=form.version, title=form.title, updated_at=repo.now
    )
    items = repo.find(scenario_item, scenario_item.c.scenario_id == scenario_id)
    for item in items:
        if item["proposal_id"] not in chosen and _known(repo, item["proposal_id"]):
            repo.remove(scenario_item, EDIT, item)
    held = {item["proposal_id"] for item in items}
    _add(repo, EDIT, changed, [one for one in form.proposal_ids if one not in held])
    return changed


def discard_scenario(repo: Repository, scenario_id: str, asked: Mapping[str, Any]) -> Record:
    """Take a scenario back; its proposals stay.

    Raises
    ------
    RefusedError
        It is somebody else's.
    ConflictError
        It was changed meanwhile.
    """
    found = _own(repo, DISCARD, scenario_id)
    form = form_of(VersionForm, asked)
    if form.version != found["version"]:
        raise ConflictError("council.changed_meanwhile", found=form.version, now=found["version"])
    for item in repo.find(scenario_item, scenario_item.c.scenario_id == scenario_id):
        repo.remove(scenario_item, DISCARD, item)
    repo.remove(scenario, DISCARD, found)
    return found


def members(repo: Repository, scenario_id: str) -> tuple[list[Record], int]:
    """Return the proposals of a scenario that the actor may read, by number, and how many others.

    Raises
    ------
    RefusedError
        The actor may not read scenarios.
    NotFoundError
        There is no such scenario.
    """
    require_allowed(repo, READ)
    repo.get(scenario, scenario_id)
    items = repo.find(scenario_item, scenario_item.c.scenario_id == scenario_id)
    known = [one for item in items if (one := _known(repo, item["proposal_id"]))]
    return sorted(known, key=lambda one: int(one["number"])), len(items) - len(known)


def _own(repo: Repository, verb: str, scenario_id: str) -> Record:
    """Return a scenario that the actor may change."""
    require_allowed(repo, READ)
    found = repo.get(scenario, scenario_id)
    require_allowed(repo, verb, own=is_own(repo.actor, found))
    return found


def _known(repo: Repository, proposal_id: str) -> Record | None:
    """Return a proposal that the actor may read, None for any other."""
    if repo.first(proposal, proposal.c.id == proposal_id) is None:
        return None
    try:
        return readable(repo, proposal_id)
    except NotFoundError:
        return None


def _add(repo: Repository, verb: str, found: Record, ids: Iterable[str]) -> None:
    for proposal_id in ids:
        repo.add(scenario_item, verb, scenario_id=found["id"], proposal_id=proposal_id)
