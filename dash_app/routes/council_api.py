"""The council's proposals over HTTP as JSON, for programs: list, read, propose, edit, decide.

A program signs in as a person does and carries the same cookies and token; what it may do is the
same table.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from threading import Lock
from typing import Any

from flask import Blueprint
from flask import Response
from flask import abort
from flask import request

from dash_app.access import actor
from dash_app.i18n import translator
from dash_app.rates import require_search_rate
from dash_app.routes.json_answers import JSON
from dash_app.routes.json_answers import answer_errors_in_json
from dash_app.routes.json_answers import answered
from dash_app.sheet_desk import SheetDesk
from ilo_geo.core.errors import InputError
from ilo_geo.proposals.forms import form_of
from ilo_geo.proposals.listing import Filter
from ilo_geo.services.council import Council
from ilo_geo.services.council_json import USUAL_ROWS
from ilo_geo.services.council_json import box_in_metres
from ilo_geo.services.council_json import list_document
from ilo_geo.services.council_json import parsed
from ilo_geo.services.council_json import proposal_document
from ilo_geo.services.council_json import state_tag
from ilo_geo.services.council_views import numbered
from ilo_geo.services.council_views import proposal_view

LIST = "/api/propuestas"
ONE = f"{LIST}/<int:number>"
# words of an address that say what is listed: more than one value, and one
MANY, SINGLE = {"state": "states", "kind": "kinds"}, {"zone": "zone", "campaign": "campaign_id"}
BESIDE = ("text", "mine", "bbox", "limit", "offset", "lang")
TAG_LETTERS, MOST_TAGS = 32, 5_000
DISCARD, SUBMIT, SHAPE = "discard", "submit", "shape"
# kept by its reader alone, and asked about each time
REVALIDATE = "private, no-cache"


@dataclass
class _Told:
    """The tags of answers that were given, by the state of the records they were made of."""

    _tags: OrderedDict[str, str] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, state: str) -> str | None:
        with self._lock:
            return self._tags.get(state)

    def keep(self, state: str, tag: str) -> None:
        with self._lock:
            self._tags[state] = tag
            while len(self._tags) > MOST_TAGS:
                self._tags.popitem(last=False)


def blueprint(council: Council, desk: SheetDesk) -> Blueprint:
    """Return the routes of one council; what is submitted has its technical sheet computed.

    Not at each write of a draft: whoever looks at it has that done, and a program that writes
    hundreds would keep all others waiting.
    """
    routes = Blueprint("council_api", __name__)
    answer_errors_in_json(routes)
    told = _Told()

    @routes.get(LIST)
    def listing() -> Response:
        wanted, limit, offset = _wanted(council), _number("limit", USUAL_ROWS), _number("offset", 0)
        require_search_rate(wanted)

        def made() -> Response:
            return answered(list_document(council, actor(), wanted, limit=limit, offset=offset))

        return _tagged(council, told, made)

    @routes.get(ONE)
    def one(number: int) -> Response:
        return _tagged(council, told, lambda: _told(council, number))

    @routes.post(LIST)
    def create() -> Response:
        asked = _body()
        shape = _shape(asked)
        made = council.create(actor(), asked, shape)
        answer = _told(council, made["number"], 201)
        answer.headers["Location"] = f"{LIST}/{made['number']}"
        return answer

    @routes.put(ONE)
    def edit(number: int) -> Response:
        asked = _body()
        shape = _shape(asked)
        council.edit(actor(), _id_of(council, number), asked, shape)
        return _told(council, number)

    @routes.post(f"{ONE}/<verb>")
    def perform(number: int, verb: str) -> Response:
        done = council.do(actor(), verb, _id_of(council, number), _body())
        if verb == SUBMIT:
            desk.wanted(done["id"])
        # a draft that was discarded is no more
        return Response(status=204) if verb == DISCARD else _told(council, number)

    @routes.route("/api/<path:_elsewhere>", methods=["GET", "POST", "PUT", "DELETE", "PATCH"])
    def nowhere(_elsewhere: str) -> Response:
        # or it would be a page of the planner
        abort(404)

    return routes


def _tagged(council: Council, told: _Told, made: Any) -> Response:
    """Return an answer with a tag; whoever has it already is told so without making it."""
    state = state_tag(council, actor(), (request.path, request.query_string.decode("latin-1")))
    tag = told.get(state)
    if tag is not None and request.if_none_match.contains_weak(tag):
        answer = Response(status=304)
    else:
        answer = made()
        # of what is told and to whom, so that nothing that is not told changes it
        who = (actor().role, actor().account_id or "", request.full_path)
        tagged = "\0".join(who).encode(errors="replace") + answer.get_data()
        tag = hashlib.sha256(tagged).hexdigest()[:TAG_LETTERS]
        told.keep(state, tag)
        if request.if_none_match.contains_weak(tag):
            answer = Response(status=304)
    answer.set_etag(tag, weak=True)
    answer.headers["Cache-Control"] = REVALIDATE
    answer.headers["Vary"] = "Cookie, Accept-Encoding"
    return answer


def _told(council: Council, number: int, status: int = 200) -> Response:
    lang = translator(request.args.get("lang")).lang
    view = proposal_view(council, actor(), number)
    return answered(proposal_document(view, lang), status)


def _id_of(council: Council, number: int) -> str:
    with council.reading(actor()) as repo:
        found: str = numbered(repo, number)["id"]
    return found


def _wanted(council: Council) -> Filter:
    """Return what the address asks for; a word that is not known is a mistake, not ignored."""
    given = request.args
    unknown = set(given) - {*MANY, *SINGLE, *BESIDE}
    if unknown:
        expected = ", ".join((*MANY, *SINGLE, *BESIDE))
        raise InputError(
            "parameter.invalid", where="?", found=min(unknown)[:40], expected=expected
        )  # fmt: skip
    asked: dict[str, Any] = {field: given.getlist(word) for word, field in MANY.items()}
    asked |= {field: given[word] for word, field in SINGLE.items() if word in given}
    asked["text"], asked["mine"] = given.get("text", ""), given.get("mine", "0")
    if given.get("bbox"):
        asked["box"] = box_in_metres(council, given["bbox"])
    return form_of(Filter, asked)


def _number(name: str, usual: int) -> int:
    text = request.args.get(name, str(usual))
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InputError("parameter.invalid", where=name, found=text[:20], expected="0, 1, 2 …")
    return int(text)


def _body() -> dict[str, Any]:
    """Return the object that was sent; only as JSON, which no form of another page can send."""
    if request.mimetype != JSON:
        raise InputError("council.no_json", found=request.mimetype[:40])
    return parsed(request.get_data(cache=False))


def _shape(asked: dict[str, Any]) -> Mapping[str, Any] | None:
    shape = asked.pop(SHAPE, None)
    if shape is not None and not isinstance(shape, Mapping):
        raise InputError("council.shape_unreadable", found=type(shape).__name__)
    return shape
