"""Every table of the council filled with what is hard to carry over, and all of it read plainly."""

from __future__ import annotations

import hashlib
from datetime import UTC
from datetime import datetime
from io import BytesIO
from typing import Any

from PIL import Image

from ilo_geo.proposals import audit
from ilo_geo.proposals.people import system
from ilo_geo.proposals.tables import AUDITED
from ilo_geo.proposals.tables import agenda_item
from ilo_geo.proposals.tables import attempt
from ilo_geo.proposals.tables import attendance
from ilo_geo.proposals.tables import audit as log
from ilo_geo.proposals.tables import campaign
from ilo_geo.proposals.tables import invitation
from ilo_geo.proposals.tables import login_session
from ilo_geo.proposals.tables import phase_change
from ilo_geo.proposals.tables import scenario
from ilo_geo.proposals.tables import scenario_item
from ilo_geo.proposals.tables import setting
from ilo_geo.proposals.tables import sheet
from ilo_geo.proposals.tables import sitting
from ilo_geo.services.council import Council
from ilo_geo.services.document_store import store

ODD = "Ñandú «<b>»\n\t'; DROP TABLE proposal; -- \u2028 😀 =1+1 \\ %_"
CONTENT = {"ñ": [0.1 + 0.2, 1e-300, -0.0, 1e22, 2**53 + 1, None, True, ODD], "": {"a": {}}}


def png(seed: int = 0, side: int = 4) -> bytes:
    """Return a small image, another for each seed."""
    out = BytesIO()
    Image.new("RGB", (side, side), (seed % 256, seed // 256 % 256, 7)).save(out, "PNG")
    return out.getvalue()


def fill(town: Any) -> None:
    """Put rows in every table, sign-ins too, and two documents."""
    planner = town.actors["planner"]
    first = town.draft(title="'; DROP TABLE proposal; --", description=ODD)
    store(town.council, planner, first["number"], BytesIO(png(1)), "plano ñ.png")
    store(town.council, planner, first["number"], BytesIO(png(2)), "../../foto.png")
    town.do("planner", "submit", first)
    town.do("planner", "comment", first, stance="for", text=ODD)
    town.do("citizen", "support", first)
    decided = town.proposal_in("approved")
    _add_rest(town, first, decided)


def _add_rest(town: Any, first: dict[str, Any], decided: dict[str, Any]) -> None:
    me = town.actors["planner"].account_id
    with town.council.writing(system) as repo:
        token = hashlib.sha256(b"x").hexdigest()
        now = repo.now
        for key, value in (("a", None), ("b", CONTENT), ("c", [1]), ("d", "ñ")):
            repo.add(setting, "change_setting", id=key, value=value)
        repo.add(
            invitation, "invite", token_sha256=token, role="citizen", created_by=me,
            created_at=now, expires_at=datetime(2199, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
        )  # fmt: skip
        held_under = repo.add(
            campaign, "create_campaign", title=ODD, description="", envelope_soles=2**40,
            phase="preparation", phase_days={"preparation": "2026-01-01"}, account_id=me,
            created_at=now, updated_at=now,
        )  # fmt: skip
        repo.add(
            phase_change, "move_campaign", campaign_id=held_under["id"], from_phase="a",
            to_phase="b", at=now, actor="p", role="secretary", reason=ODD,
        )  # fmt: skip
        repo.add(
            sheet, "compute", proposal_id=first["id"], made_at=now, geometry_sha256=token,
            inputs_sha256=token, content=CONTENT,
        )  # fmt: skip
        held = repo.add(
            sitting, "plan_sitting", number=1, title=ODD, place="", starts_at=now,
            state="planned", current_proposal_id="", created_at=now, presided_by=ODD,
            cancel_reason=ODD,
        )  # fmt: skip
        repo.add(
            agenda_item, "plan_sitting", sitting_id=held["id"], proposal_id=decided["id"],
            position=1,
        )  # fmt: skip
        repo.add(
            attendance, "record_attendance", sitting_id=held["id"], account_id=me, at=now
        )  # fmt: skip
        made = repo.add(
            scenario, "create_scenario", title=ODD, account_id=me, created_at=now, updated_at=now
        )
        repo.add(scenario_item, "create_scenario", scenario_id=made["id"], proposal_id=first["id"])
        repo.connection.execute(attempt.insert(), {"key": token, "at": now})
        signed_in = {"token_sha256": token, "account_id": me, "created_at": now, "seen_at": now}
        repo.connection.execute(login_session.insert(), signed_in)


def all_rows(council: Council) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table that is backed up, by table."""
    with council.reading(system) as repo:
        return {table.name: repo.find(table) for table in (*AUDITED, log)}


def first_broken(council: Council) -> Any:
    with council.reading(system) as repo:
        return audit.first_broken(repo.connection)
