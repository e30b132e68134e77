"""A council of the small city: people of every role, a clock that is set by hand, a proposal."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

from ilo_geo.proposals import people
from ilo_geo.proposals.commands.voting import open_ballot
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.tables import account
from ilo_geo.services.council import Council
from ilo_geo.services.council import open_council

# a Monday at ten in Lima
START = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)
N_COUNCILLORS = 3


@dataclass
class Clock:
    """A clock that moves a second each time it is asked, and by hand."""

    at: datetime = START

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Town:
    """A council and its people; ``actors`` has one of each role, and three councillors."""

    council: Council
    clock: Clock
    actors: dict[str, Actor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for role in people.ROLES:
            self.actors[role] = self.person(role, role)
        for n in range(2, N_COUNCILLORS + 1):
            self.actors[f"councillor{n}"] = self.person(people.COUNCILLOR, f"councillor{n}")
        self.actors["other_planner"] = self.person(people.PLANNER, "other_planner")
        self.actors[people.VISITOR] = people.visitor

    def person(self, role: str, name: str) -> Actor:
        with self.council.writing(people.system) as repo:
            made = repo.add(
                account,
                "create_account",
                username=name,
                display_name=f"Persona {name}",
                role=role,
                password_hash=None,
                must_change=False,
                active=True,
                pseudonym=f"p-{name}",
                salt="sal",
                created_at=repo.now,
            )
        return Actor(role, made["pseudonym"], made["id"])

    def middle(self) -> tuple[float, float]:
        """Return longitude and latitude of a place well inside the city."""
        districts = self.council.area().frame("districts").to_crs(4326)
        place = districts.union_all().representative_point()
        return place.x, place.y

    def square(self, half_deg: float = 0.0005) -> dict[str, Any]:
        """Return a square in the middle of the city as GeoJSON."""
        x, y = self.middle()
        corners = [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]
        ring = [[x + half_deg * i, y + half_deg * j] for i, j in corners]
        return {"type": "Polygon", "coordinates": [ring]}

    def draft(self, by: str = "planner", **changes: Any) -> dict[str, Any]:
        asked = {"title": "Parque de la terraza", "kind": "park", **changes}
        return self.council.create(self.actors[by], asked, self.square())

    def do(self, by: str, verb: str, found: dict[str, Any], **asked: Any) -> dict[str, Any]:
        return self.council.do(self.actors[by], verb, found["id"], asked)

    def proposal_in(self, state: str, by: str = "planner") -> dict[str, Any]:
        """Return a proposal of ``by`` that went the usual way to ``state``."""
        found = self.draft(by)
        for verb, actor, asked in WAY[state]:
            who = by if actor == "author" else actor
            if verb == "vote":
                asked = {"ballot_id": self.ballot(found)["id"], **asked}
            found = self.do(who, verb, found, **asked)
        return found

    def vote(self, found: dict[str, Any], *choices: str) -> None:
        """Let the councillors vote in turn."""
        ballot_id = self.ballot(found)["id"]
        for n, choice in enumerate(choices, start=1):
            voter = "councillor" if n == 1 else f"councillor{n}"
            self.do(voter, "vote", found, ballot_id=ballot_id, choice=choice)

    def ballot(self, found: dict[str, Any]) -> dict[str, Any]:
        with self.council.reading(people.system) as repo:
            return open_ballot(repo, found)


Step = tuple[str, str, dict[str, Any]]
REASON = {"reason": "Por escrito."}
_SUBMITTED: list[Step] = [("submit", "author", {})]
_REVIEW = [*_SUBMITTED, ("take_up", "civil_defence", {})]
_DEBATE = [
    *_REVIEW,
    ("assess", "civil_defence", {"verdict": "feasible", **REASON}),
    ("open_debate", "secretary", {}),
]
_VOTE = [*_DEBATE, ("open_vote", "secretary", {})]


def _decided(choice: str) -> list[Step]:
    return [
        *_VOTE,
        ("vote", "councillor", {"choice": choice}),
        ("vote", "councillor2", {"choice": choice}),
        ("close_vote", "secretary", {}),
    ]


WAY: dict[str, list[Step]] = {
    "draft": [],
    "submitted": _SUBMITTED,
    "in_review": _REVIEW,
    "observed": [*_REVIEW, ("observe", "civil_defence", REASON)],
    "in_debate": _DEBATE,
    "in_vote": _VOTE,
    "approved": _decided("for"),
    "rejected": _decided("against"),
    "archived": [*_SUBMITTED, ("archive", "secretary", REASON)],
}
WAY["in_progress"] = [*WAY["approved"], ("start", "planner", {})]
WAY["done"] = [*WAY["in_progress"], ("complete", "planner", {})]


def open_town(area: Any, url: str = "") -> Town:
    """Return a town over an area, its records in SQLite or at ``url``."""
    clock = Clock()
    return Town(open_council(lambda: area, url=url, clock=clock), clock)
