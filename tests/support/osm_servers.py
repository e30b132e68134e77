"""Loopback servers that speak as Overpass, Nominatim and a bucket do, and misbehave when told to.

``misbehave`` holds what to do wrong at the next requests, one a request; ``always`` at all of them.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from urllib.parse import urlsplit

import shapely

FIXTURE = Path(__file__).parents[1] / "data" / "overpass_poa.json"
FEATURES = re.compile(
    r"\((node|way|relation)\['([^']+)'(?:='([^']*)')?\]\(poly:'([^']+)'\);\(\._;>;\);\);"
)
STREETS = re.compile(r'\(way\["([^"]+)"~"([^"]+)"\]\(poly:\'([^\']+)\'\);>;\);')
REMARK = 'runtime error: Query timed out in "query" at line 1 after 180 seconds.'
SHORTEST_CUT_BYTES = 64
HTML = b"<!DOCTYPE html><html><body>Please sign in to the network</body></html>"
Element = dict[str, Any]


class Loopback:
    """A server of this machine: what it was asked, and how it shall misbehave."""

    def __init__(self) -> None:
        self.misbehave: deque[str] = deque()
        self.always: str | None = None
        self.cut_at: int | None = None
        self.log: list[tuple[str, str, str | None]] = []
        self.agents: set[str | None] = set()
        self.n_bytes = 0
        self.silence = threading.Event()
        self._http = _Server(("127.0.0.1", 0), _Handler)
        self._http.owner = self
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def answer(self, path: str, body: str) -> tuple[str, bytes] | None:
        raise NotImplementedError


@contextmanager
def serving(server: Any) -> Iterator[Any]:
    """Yield a server and stop it at the end."""
    try:
        yield server
    finally:
        server.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    owner: Loopback

    def handle_error(self, request: Any, client_address: Any) -> None:
        # a client that hangs up is no fault of the server
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # an answer in one piece: what is cut, is cut where the test says
    wbufsize = -1
    server: _Server

    def log_message(self, *_args: Any) -> None:
        pass

    def do_POST(self) -> None:
        self.reply(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def do_GET(self) -> None:
        self.reply("")

    def do_HEAD(self) -> None:
        self.reply("")

    def reply(self, body: str) -> None:
        owner = self.server.owner
        owner.log.append((self.command, self.path, self.headers.get("Range")))
        owner.agents.add(self.headers.get("User-Agent"))
        wrong = owner.always or (owner.misbehave.popleft() if owner.misbehave else "")
        found = owner.answer(self.path, body)
        if wrong == "slow":
            # the client's patience is shorter than this silence
            owner.silence.wait(2.0)
        if found is None:
            self.write(404, "text/plain", b"no such thing", {}, wrong)
        elif wrong.isdecimal():
            self.write(int(wrong), "text/html", b"busy", {"Retry-After": "7"}, wrong)
        else:
            kind, content = _spoiled(wrong, *found)
            self.write(*self.ranged(kind, content, wrong), wrong)

    def ranged(self, kind: str, content: bytes, wrong: str) -> tuple[int, str, bytes, Any]:
        """Return status, kind, content and headers: of the part that was asked for, if any."""
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        if asked is None or wrong in ("html", "no_range"):
            return 200, kind, content, {}
        first = int(asked[1])
        last = min(int(asked[2] or len(content)), len(content) - 1)
        headers = {"Content-Range": f"bytes {first}-{last}/{len(content)}"}
        return 206, kind, content[first : last + 1], headers

    def write(
        self, status: int, kind: str, content: bytes, headers: dict[str, str], wrong: str
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if wrong == "unsized":
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if wrong in ("truncated", "unsized", "cut"):
            self.close_connection = True
        if wrong == "truncated" and len(content) > SHORTEST_CUT_BYTES:
            content = content[: len(content) // 2]
        if wrong == "cut":
            content = content[: self.server.owner.cut_at]
        self.server.owner.n_bytes += len(content)
        try:
            self.wfile.write(content)
        except OSError:
            # the client hung up, which is its right
            self.close_connection = True


def _spoiled(wrong: str, kind: str, content: bytes) -> tuple[str, bytes]:
    """Return kind and content as this misbehaviour changes them."""
    if wrong == "html":
        return "text/html; charset=utf-8", HTML
    if wrong == "kind":
        return "application/octet-stream", content
    if wrong == "shape":
        return kind, json.dumps({"version": 2, "features": []}).encode()
    if wrong == "remark":
        return kind, json.dumps({"elements": [], "remark": REMARK}).encode()
    if wrong == "unsized":
        return kind, content[: len(content) // 2]
    return kind, content


class Overpass(Loopback):
    """Answers the queries that osmnx writes, over the elements it holds."""

    def __init__(self, elements: list[Element], current: str = "2021-02-01T00:00:00Z") -> None:
        super().__init__()
        self.current = current
        self.nodes = {e["id"]: e for e in elements if e["type"] == "node"}
        self.ways = {e["id"]: e for e in elements if e["type"] == "way"}
        self.relations = {e["id"]: e for e in elements if e["type"] == "relation"}
        self.queries: list[str] = []

    @property
    def endpoint(self) -> str:
        return f"{self.url}/api"

    def answer(self, path: str, body: str) -> tuple[str, bytes] | None:
        if path != "/api/interpreter":
            return None
        query = parse_qs(body)["data"][0]
        self.queries.append(query)
        found: dict[tuple[str, int], Element] = {}
        for kind, key, value, poly in FEATURES.findall(query):
            self._add(
                found, kind, poly, lambda tags, k=key, v=value: tags.get(k) == v if v else k in tags
            )
        for key, pattern, poly in STREETS.findall(query):
            self._add(
                found, "way", poly, lambda tags, k=key, p=pattern: re.search(p, tags.get(k, ""))
            )
        document = {
            "version": 0.6,
            "osm3s": {"timestamp_osm_base": self.current},
            "elements": list(found.values()),
        }
        return "application/json", json.dumps(document).encode()

    def _add(self, found: Any, kind: str, poly: str, test: Any) -> None:
        numbers = [float(n) for n in poly.split()]
        square = shapely.Polygon(zip(numbers[1::2], numbers[::2], strict=True))
        shapely.prepare(square)
        table = {"node": self.nodes, "way": self.ways, "relation": self.relations}[kind]
        for element in table.values():
            if test(element.get("tags", {})) and self._touches(element, square):
                self._down(found, element)

    def _touches(self, element: Element, square: shapely.Geometry) -> bool:
        if element["type"] == "node":
            return bool(square.intersects(shapely.Point(element["lon"], element["lat"])))
        if element["type"] == "way":
            places = [self.nodes[n] for n in element["nodes"] if n in self.nodes]
            line = [(place["lon"], place["lat"]) for place in places]
            return len(line) > 1 and bool(square.intersects(shapely.LineString(line)))
        ways = [self.ways[m["ref"]] for m in element["members"] if m["ref"] in self.ways]
        return any(self._touches(way, square) for way in ways)

    def _down(self, found: Any, element: Element) -> None:
        found[element["type"], element["id"]] = element
        for node in element.get("nodes", ()):
            if node in self.nodes:
                found["node", node] = self.nodes[node]
        for member in element.get("members", ()):
            if member["type"] == "way" and member["ref"] in self.ways:
                self._down(found, self.ways[member["ref"]])


class Nominatim(Loopback):
    """Answers searches by the first word of what is searched."""

    def __init__(self, places: dict[str, shapely.Geometry]) -> None:
        super().__init__()
        self.places = places
        self.searched: list[str] = []

    def answer(self, path: str, _body: str) -> tuple[str, bytes] | None:
        parts = urlsplit(path)
        if parts.path != "/search":
            return None
        searched = parse_qs(parts.query)["q"][0]
        self.searched.append(searched)
        names = [name for name in self.places if searched.startswith(name)]
        found = [self._place(name) for name in names]
        return "application/json", json.dumps(found).encode()

    def _place(self, name: str) -> dict[str, Any]:
        outline = self.places[name]
        west, south, east, north = outline.bounds
        return {
            "place_id": 1,
            "licence": "Data © OpenStreetMap contributors, ODbL 1.0",
            "osm_type": "relation",
            "osm_id": 7,
            "lat": str((south + north) / 2),
            "lon": str((west + east) / 2),
            "class": "boundary",
            "type": "administrative",
            "importance": 0.5,
            "name": name.upper(),
            "display_name": f"{name}, Moquegua",
            "boundingbox": [str(south), str(north), str(west), str(east)],
            "geojson": shapely.geometry.mapping(outline),
        }


class Bucket(Loopback):
    """Holds files by path, and gives parts of them."""

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__()
        self.files = files

    def answer(self, path: str, _body: str) -> tuple[str, bytes] | None:
        content = self.files.get(path)
        return None if content is None else ("image/tiff", content)


def recorded() -> list[Element]:
    """Return the elements of the real city's corner."""
    return json.loads(FIXTURE.read_text(encoding="utf-8"))["elements"]
