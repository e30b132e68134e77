"""Locust's users of the council: 500 who read and 50 who write, as people do, over HTTP.

Run by `bench_council`, which says by the environment where the server is, who is signed in and how
long people think: a reader looks at a page for a while before asking for the next.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import time
from pathlib import Path
from typing import Any

from locust import HttpUser
from locust import between
from locust import constant
from locust import events
from locust import task

PLAN = json.loads(Path(os.environ["ILO_GEO_BENCH_PLAN"]).read_text("utf-8"))
LIST = "/api/propuestas"
STATES, KINDS = ("submitted", "in_review", "in_debate"), ("park", "street", "cameras", "other")
WORDS = ("parque", "terraza", "vecinos", "12", "plaza")

taken: list[tuple[str, float, str]] = []
since = [time.time()]
acknowledged: list[dict[str, Any]] = []
_readers, _writers = itertools.cycle(PLAN["readers"]), itertools.cycle(PLAN["writers"])
# what people ask for, not a secret
rng = random.Random(6)  # noqa: S311


@events.request.add_listener
def keep(name: str, response_time: float, exception: object, **_: object) -> None:
    """Keep how long each answer took."""
    taken.append((name, response_time, "" if exception is None else str(exception)[:200]))


@events.spawning_complete.add_listener
def begin(**_: object) -> None:
    """Begin to measure: everybody is there."""
    taken.clear()
    since[:] = [time.time()]


@events.quitting.add_listener
def tell(**_: object) -> None:
    """Write what was measured where the benchmark reads it."""
    seconds = time.time() - since[0]
    told = {"taken": taken, "acknowledged": acknowledged, "seconds": seconds}
    Path(PLAN["out"]).write_text(json.dumps(told), "utf-8")


def _think(seconds: list[float]) -> Any:
    return between(*seconds) if seconds else constant(0)


class Person(HttpUser):
    """Somebody who is signed in."""

    abstract = True

    def sign_in(self, who: dict[str, str]) -> None:
        """Carry the cookies of a session, and its token."""
        self.client.cookies.update({"ilo_session": who["token"], "ilo_csrf": who["csrf"]})
        self.client.headers["X-CSRFToken"] = who["csrf"]


class Reader(Person):
    """Reads the list, filters it, opens a proposal; asks again for what it has seen."""

    fixed_count = PLAN["n_readers"]
    wait_time = _think(PLAN["reader_think_s"])

    def on_start(self) -> None:
        """Come in."""
        self.sign_in(next(_readers))
        self._tag = ""

    @task(4)
    def first_page(self) -> None:
        """Look at the newest, or hear that nothing changed."""
        headers = {"If-None-Match": self._tag} if self._tag else {}
        answer = self.client.get(f"{LIST}?limit=50", headers=headers, name="read list")
        self._tag = answer.headers.get("ETag", "")

    @task(3)
    def filtered(self) -> None:
        """Look at those of a state and a kind."""
        query = f"state={rng.choice(STATES)}&kind={rng.choice(KINDS)}"
        self.client.get(f"{LIST}?limit=50&{query}", name="read filter")

    @task(1)
    def searched(self) -> None:
        """Look for a word."""
        self.client.get(f"{LIST}?limit=50&text={rng.choice(WORDS)}", name="read search")

    @task(4)
    def one(self) -> None:
        """Open a proposal."""
        number = rng.randrange(1, PLAN["n_proposals"] + 1)
        self.client.get(f"{LIST}/{number}", name="read proposal")


class Writer(Person):
    """Proposes, edits what it proposed, comments; remembers what was acknowledged."""

    fixed_count = PLAN["n_writers"]
    wait_time = _think(PLAN["writer_think_s"])

    def on_start(self) -> None:
        """Come in."""
        self._who = next(_writers)
        self.sign_in(self._who)
        self._draft: dict[str, Any] | None = None
        self._n = 0

    def _write(self, method: str, path: str, body: dict[str, Any], name: str) -> Any:
        """Send a change; return the answer's document where it was acknowledged."""
        answer = self.client.request(method, path, json=body, name=name)
        return answer.json() if answer.ok else None

    @task(3)
    def edit(self) -> None:
        """Propose, or write the own proposal anew."""
        self._n += 1
        title = f"Borrador {self._who['name']} {self._n}"
        form = {"title": title, "kind": "park", "description": "x" * 500}
        if self._draft is None:
            made = self._write("POST", LIST, {**form, "shape": PLAN["shape"]}, "write create")
        else:
            asked = {**form, "version": self._draft["version"]}
            made = self._write("PUT", f"{LIST}/{self._draft['number']}", asked, "write edit")
        if made is not None:
            self._draft = made
            told = {"number": made["number"], "version": made["version"], "title": title}
            acknowledged.append(told)

    @task(2)
    def comment(self) -> None:
        """Say something for another's proposal."""
        self._n += 1
        text = f"Comentario {self._who['name']} {self._n}"
        number = rng.choice(PLAN["discussed"])
        asked = {"stance": "for", "text": text}
        made = self._write("POST", f"{LIST}/{number}/comment", asked, "write comment")
        if made is not None:
            acknowledged.append({"number": number, "comment": text})
