"""What is asked of a council's database after something went wrong, and who writes to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from council_child import repository
from sqlalchemy import select

from ilo_geo.core.errors import DatabaseError
from ilo_geo.proposals import audit
from ilo_geo.proposals.people import system
from ilo_geo.proposals.tables import audit as log
from ilo_geo.proposals.tables import proposal
from ilo_geo.proposals.tables import setting
from ilo_geo.proposals.tables import state_change

CHILD = Path(__file__).parent / "council_child.py"
REPO = Path(__file__).parents[2]
N_WRITES = 200


def child(where, seed, n_writes=N_WRITES):
    environment = {**os.environ, "PYTHONPATH": str(REPO)}
    return subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, CHILD, where, str(seed), str(n_writes)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


def acknowledged(process, n_lines=None):
    """Return what the child said before it ended, or the first lines of it."""
    lines = []
    for line in process.stdout:
        if line.startswith("{"):
            lines.append(json.loads(line))
        if n_lines is not None and len(lines) >= n_lines:
            break
    return lines


def write(database, key="a", value=1):
    with database.writing() as connection:
        return repository(connection, system).add(setting, "change_setting", id=key, value=value)


def keys(database):
    with database.reading() as connection:
        return set(connection.execute(select(setting.c.id)).scalars())


def refusal(database, *, of=write):
    """Return the code of a refused write, sure that it is one line and in time."""
    start = time.monotonic()
    with pytest.raises(DatabaseError) as caught:
        of(database)
    assert time.monotonic() - start < 15
    for lang in ("es", "en"):
        assert "\n" not in caught.value.text(lang)
        assert str(Path(database.where).parent) not in caught.value.public_text(lang)
    return caught.value.code


def require_whole(database, told):
    """Every acknowledged write is there, none is there by half, the chain holds."""
    with database.reading() as connection:
        assert audit.first_broken(connection) is None
        hashes = dict(connection.execute(select(log.c.seq, log.c.hash)).all())
        rows = connection.execute(select(log.c.verb, log.c.subject)).all()
        states = dict(connection.execute(select(proposal.c.id, proposal.c.state)).all())
        order = select(state_change.c.proposal_id, state_change.c.to_state).order_by(
            state_change.c.at
        )
        moved = dict(connection.execute(order).all())
    lost = [one for one in told if "seq" in one and hashes.get(one["seq"]) != one["hash"]]
    assert lost == []
    # a step is two rows: the change of state and the proposal; never one without the other
    steps = Counter((verb, subject) for verb, subject in rows)
    for verb in ("submit", "take_up", "observe", "answer"):
        assert steps[verb, "proposal"] == steps[verb, "state_change"]
    assert {one: state for one, state in states.items() if state != "draft"} == moved
