"""The council under load: 500 people read and 50 write through waitress, on SQLite.

The server is ``ilo-geo serve`` as anybody starts it, with 5,000 proposals; the people are locust's.
Both share the machine. Afterwards every write that was acknowledged is looked for in the database,
and the log is walked.
"""

from __future__ import annotations

import json
import math
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

from bench_figures import Figure
from bench_figures import best_of
from sqlalchemy import select

from dash_app import cookies
from ilo_geo.core.text import folded
from ilo_geo.io.workspace import Workspace
from ilo_geo.proposals import audit
from ilo_geo.proposals.listing import Filter
from ilo_geo.proposals.people import CITIZEN
from ilo_geo.proposals.people import PLANNER
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.people import system
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.tables import account
from ilo_geo.proposals.tables import comment
from ilo_geo.proposals.tables import proposal
from ilo_geo.proposals.tables import setting
from ilo_geo.proposals.tables import support
from ilo_geo.services.areas import open_area
from ilo_geo.services.council import Council
from ilo_geo.services.council import open_council
from ilo_geo.services.council_views import page_of
from ilo_geo.services.council_views import points_of
from ilo_geo.services.people import begin_session
from ilo_geo.services.prepare import prepare_baseline

N_PROPOSALS, N_READERS, N_WRITERS, SECONDS = 5_000, 500, 50, 60
# how long people look at what they got before they ask again
READER_THINK_S, WRITER_THINK_S = [5.0, 15.0], [2.0, 8.0]
# everybody comes within this; what is measured begins afterwards
ARRIVE_S, SATURATE_S = 10, 20
READ_TARGET_MS, WRITE_TARGET_MS = 300, 500
LOG_ROWS = 100_000
USERS = Path(__file__).parent / "bench_council_users.py"
STATES = ("submitted", "in_review", "in_debate", "approved", "done")
DISCUSSED = STATES[:3]
KINDS = ("park", "street", "cameras", "refuge", "other")


def council_under_load() -> Iterator[Figure]:
    """Serve the real planner to 550 people for a minute, then as fast as it goes."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder) / "workspace")
        area = open_area(workspace=workspace)
        prepare_baseline(area.catalogue)
        council = open_council(lambda: area, url="")
        plan = _filled(council)
        yield from _queries(council)
        with _served(workspace, Path(folder) / "log") as (address, pid):
            told = _loaded(plan, address, Path(folder), SECONDS, pid)
            yield from _figures(told, pid, "as people read")
            _require_nothing_lost(council, told["acknowledged"])
            eager = {**plan, "reader_think_s": [], "writer_think_s": [], "n_readers": 16}
            eager["n_writers"] = 4
            fast = _loaded(eager, address, Path(folder), SATURATE_S, pid)
            _say("20 who never think", fast, pid)
            _require_nothing_lost(council, fast["acknowledged"])
        yield _walked(council)
        council.database.close()


def _filled(council: Council) -> dict[str, Any]:
    """Fill the council with proposals and people; return who they are."""
    rng = random.Random(6)  # noqa: S311 - no secret
    west, south, east, north = council.area().boundary.bounds
    with council.writing(system) as repo:
        writers = [_person(repo, PLANNER, n) for n in range(N_WRITERS)]
        readers = [_person(repo, CITIZEN, n) for n in range(N_READERS)]
        ids = [writer["id"] for writer in writers]
        for _ in range(N_PROPOSALS):
            number = repo.next_number(proposal)
            x, y = rng.uniform(west, east), rng.uniform(south, north)
            made = _proposal(repo, number, rng, (x, y), ids[number % N_WRITERS])
            for reader in rng.sample(readers, 2):
                repo.add(
                    support, "support", proposal_id=made["id"], account_id=reader["id"], at=repo.now
                )
            repo.add(
                comment, "comment", proposal_id=made["id"], stance="for", text="Por los vecinos.",
                at=repo.now, account_id=ids[0], hidden_by="", hidden_reason="",
            )  # fmt: skip
        discussed = repo.find(proposal, proposal.c.state.in_(DISCUSSED))
        return {
            "n_proposals": N_PROPOSALS,
            "discussed": [one["number"] for one in discussed],
            "n_readers": N_READERS,
            "n_writers": N_WRITERS,
            "reader_think_s": READER_THINK_S,
            "writer_think_s": WRITER_THINK_S,
            "shape": _square(council),
            "readers": [_signed_in(repo, one) for one in readers],
            "writers": [_signed_in(repo, one) for one in writers],
        }


def _person(repo: Repository, role: str, n: int) -> dict[str, Any]:
    name = f"{role}{n}"
    return repo.add(
        account, "create_account", username=name, display_name=name, role=role, password_hash=None,
        must_change=False, active=True, pseudonym=f"p-{name}", salt="sal", created_at=repo.now,
    )  # fmt: skip


def _signed_in(repo: Repository, person: dict[str, Any]) -> dict[str, str]:
    token = begin_session(repo, person["id"], repo.now)
    return {"name": person["username"], "token": token, "csrf": cookies.csrf_of(token)}


def _proposal(
    repo: Repository, number: int, rng: random.Random, place: tuple[float, float], author: str
) -> dict[str, Any]:
    import shapely

    shape = shapely.Point(place).buffer(rng.uniform(10, 80), quad_segs=4)
    title, state = f"Parque {number} de la terraza", rng.choice(STATES)
    box = dict(zip(("min_x", "min_y", "max_x", "max_y"), shape.bounds, strict=True))
    return repo.add(
        proposal, "create", number=number, title=title, description="Para los vecinos. " * 20,
        kind=rng.choice(KINDS), geometry=shapely.to_wkb(shape), srid=32719, **box,
        funds_source="", invierte_code="", office="", commitment="", origin="drawn",
        origin_ref="", account_id=author, state=state, state_since=repo.now, feasibility="",
        feasibility_reason="", feasibility_by="", zone="",
        search_text=folded(f"{title} {'Para los vecinos. ' * 20}"),
        created_at=repo.now, updated_at=repo.now,
    )  # fmt: skip


def _square(council: Council) -> dict[str, Any]:
    districts = council.area().frame("districts").to_crs(4326)
    place, half_deg = districts.union_all().representative_point(), 0.0003
    corners = ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
    ring = [[place.x + half_deg * i, place.y + half_deg * j] for i, j in corners]
    return {"type": "Polygon", "coordinates": [ring]}


@contextmanager
def _served(workspace: Workspace, log: Path) -> Iterator[tuple[str, int]]:
    """Start the planner as anybody does; yield its address and its process."""
    environment = {**os.environ, "ILO_GEO_WORKSPACE": str(workspace.root)}
    environment.pop("ILO_GEO_DATABASE_URL", None)
    command = [sys.executable, "-m", "dash_app.serve", "--port", "0"]
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=environment)
        try:
            while not (found := re.search(r"http://\S+", log.read_text())):
                if process.poll() is not None:
                    raise RuntimeError(log.read_text())
                time.sleep(0.5)
            _wait_until_quiet(process.pid)
            yield found[0].rstrip("/"), process.pid
        finally:
            process.terminate()
            process.wait()


def _wait_until_quiet(pid: int) -> None:
    """Wait until the server has warmed up: it computes what its first page shows."""
    for _ in range(120):
        before = _cpu_s(pid)
        time.sleep(1)
        if _cpu_s(pid) - before < 0.05:
            return


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _loaded(
    plan: dict[str, Any], address: str, folder: Path, seconds: int, pid: int
) -> dict[str, Any]:
    """Let everybody come and go; return what was measured once all were there."""
    before_s, start = _cpu_s(pid), time.perf_counter()
    out, place = folder / "out.json", folder / "plan.json"
    place.write_text(json.dumps({**plan, "out": str(out)}), "utf-8")
    n_users = plan["n_readers"] + plan["n_writers"]
    command = [sys.executable, "-m", "locust", "-f", USERS, "--headless", "--host", address]
    command += ["-u", str(n_users), "-r", str(math.ceil(n_users / ARRIVE_S))]
    command += [
        "-t",
        f"{seconds + ARRIVE_S}s",
        "--only-summary",
        "--loglevel",
        "ERROR",
    ]
    environment = {**os.environ, "ILO_GEO_BENCH_PLAN": str(place)}
    subprocess.run(command, env=environment, check=False, capture_output=True)
    told: dict[str, Any] = json.loads(out.read_text("utf-8"))
    share = (_cpu_s(pid) - before_s) / (time.perf_counter() - start)
    return {**told, "cores": share, "load": os.getloadavg()[0]}


def _figures(told: dict[str, Any], pid: int, what: str) -> Iterator[Figure]:
    _say(what, told, pid)
    for kind, target_ms in (("read", READ_TARGET_MS), ("write", WRITE_TARGET_MS)):
        times = _times(told, kind)
        n_users = N_READERS if kind == "read" else N_WRITERS
        size = f"{n_users} users, {len(times):,} requests"
        p95_s = _quantile(times, 0.95) / 1000
        yield Figure(f"council: {kind}, 95 of 100 within", size, p95_s, f"≤ {target_ms / 1000} s")


def _say(what: str, told: dict[str, Any], pid: int) -> None:
    failures = [failure for _, _, failure in told["taken"] if failure]
    rate = len(told["taken"]) / told["seconds"]
    memory_mb = (
        int(re.findall(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0]) / 1024
    )
    print(
        f"council, {what}: {len(told['taken']):,} requests, {rate:.0f}/s, {len(failures)} failed, "
        f"{len(told['acknowledged']):,} writes acknowledged, server at most {memory_mb:.0f} MB, "
        f"{told['cores']:.2f} of {os.cpu_count()} cores, load of the machine {told['load']:.1f}"
    )
    for failure, n in Counter(failures).most_common(3):
        print(f"  failed {n} times: {failure}")
    for name in sorted({name for name, _, _ in told["taken"]}):
        times = _times(told, name)
        told_ms = ", ".join(
            f"p{round(100 * q)} {_quantile(times, q):.0f} ms" for q in (0.5, 0.95, 0.99)
        )
        print(f"  {name:14} {len(times):6,}  {told_ms}, longest {max(times):.0f} ms")


def _times(told: dict[str, Any], kind: str) -> list[float]:
    return sorted(ms for name, ms, _ in told["taken"] if name.startswith(kind))


def _quantile(times: list[float], q: float) -> float:
    return times[math.ceil(q * len(times)) - 1]


def _require_nothing_lost(council: Council, told: list[dict[str, Any]]) -> None:
    """Find every acknowledged write in the database, and walk the log."""
    newest: dict[int, dict[str, Any]] = {}
    for one in told:
        if "title" in one and one["version"] >= newest.get(one["number"], one)["version"]:
            newest[one["number"]] = one
    with council.reading(system) as repo:
        texts = set(repo.connection.execute(select(comment.c.text)).scalars())
        columns = proposal.c.number, proposal.c.version, proposal.c.title
        rows = repo.connection.execute(select(*columns)).all()
        broken = audit.first_broken(repo.connection)
    kept = {row.number: (row.version, row.title) for row in rows}
    lost = [one for one in told if "comment" in one and one["comment"] not in texts]
    # one more may have been written whose answer nobody waited for
    lost += [
        one
        for number, one in newest.items()
        if kept.get(number, (0, ""))[0] < one["version"]
        or (kept[number][0] == one["version"] and kept[number][1] != one["title"])
    ]
    verdict = "chain intact" if broken is None else f"BROKEN {broken}"
    print(f"  {len(told):,} acknowledged writes looked for, {len(lost)} lost, {verdict}")
    if lost or broken:
        raise RuntimeError(lost[:3], broken)


def _queries(council: Council) -> Iterator[Figure]:
    reader = Actor(CITIZEN, "p-citizen0", "0")
    shape = f"{N_PROPOSALS:,} proposals"
    for what, work in (
        ("page of 50", lambda: page_of(council, reader, Filter(), limit=50)),
        (
            "search by two words",
            lambda: page_of(council, reader, Filter(text="12 terraza"), limit=50),
        ),
        ("all on the map", lambda: points_of(council, reader, Filter())),
    ):
        taken_s, _ = best_of(work)
        yield Figure(f"council: {what}", shape, taken_s, "≤ 0.2 s")


def _walked(council: Council) -> Figure:
    """Walk a log of 100,000 rows with the records they speak of."""
    with council.writing(system) as repo:
        for n in range(audit.head(repo.connection).seq, LOG_ROWS):
            repo.add(setting, "change_setting", id=f"bench{n}", value=n)
    with council.reading(system) as repo:
        taken_s, broken = best_of(lambda: audit.first_broken(repo.connection), 1)
        n_rows = audit.head(repo.connection).seq
    if broken is not None:
        raise RuntimeError(broken)
    return Figure("council: walk the audit log", f"{n_rows:,} rows", taken_s, "≤ 30 s")


if __name__ == "__main__":
    from bench_figures import show

    begun = datetime.now(UTC)
    show([replace(figure) for figure in council_under_load()])
    print(f"took {(datetime.now(UTC) - begun).total_seconds():.0f} s")
