"""Looks at every answer of a server before anyone trusts it: status, kind, length, shape.

Hung into `requests` (which osmnx and we call) as a response hook. What is wrong becomes a
`SetbackError` with one clear line; a body is counted as it comes, so that a long one shows its
progress, can be stopped, and cannot fill the memory.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
import shapely
from shapely.errors import ShapelyError

from ilo_geo.core.errors import FetchError
from ilo_geo.core.units import MISSING
from ilo_geo.io.fetch.patience import SetbackError
from ilo_geo.io.fetch.patience import asked_wait_s

# try the same server again later; any other refusal is final for that server
LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
JSON_KINDS = ("application/json", "text/json", "application/geo+json", "application/osm3s+json")
N_LISTED_CHARACTERS = 120
MAX_LAT_DEG, MAX_LON_DEG = 90, 180
# what shapely raises about a GeoJSON that is none
SHAPE_FAULTS = (ValueError, TypeError, KeyError, IndexError, AttributeError, ShapelyError)
ELEMENT_KEYS = {"node": ("id", "lat", "lon"), "way": ("id", "nodes"), "relation": ("id", "members")}
Check = Callable[[Any, str], None]


def host_of(url: str) -> str:
    """Return the server of an address, as it is named before people."""
    return urlsplit(url).netloc.rpartition("@")[2]


@dataclass(frozen=True)
class Inspector:
    """Inspects answers that should be JSON; ``check`` looks at their shape."""

    check: Check
    max_bytes: int
    heard: Callable[[int], None]

    def __call__(self, response: requests.Response, *_args: Any, **_kwargs: Any) -> None:
        """Raise `SetbackError` for an answer that is of no use."""
        host = host_of(response.url)
        require_status(response, host)
        require_size(response, host, self.max_bytes)
        response.raw = CountedBody(response.raw, self.max_bytes, host, self.heard)
        kind = kind_of(response)
        if kind not in JSON_KINDS:
            found = kind or MISSING
            raise SetbackError(FetchError("fetch.not_json", where=host, found=found))
        try:
            document = json.loads(response.content)
        except ValueError as error:
            raise SetbackError(FetchError("fetch.truncated", where=host)) from error
        self.check(document, host)


@contextmanager
def plain_failures(url: str) -> Iterator[None]:
    """Turn what `requests` raises about the network into a `SetbackError`."""
    host = host_of(url)
    try:
        yield
    except requests.Timeout as error:
        raise SetbackError(FetchError("fetch.timeout", where=host)) from error
    except requests.exceptions.ChunkedEncodingError as error:
        raise SetbackError(FetchError("fetch.truncated", where=host)) from error
    except requests.RequestException as error:
        found = type(error).__name__
        raise SetbackError(FetchError("fetch.no_connection", where=host, found=found)) from error


def kind_of(response: requests.Response) -> str:
    """Return the content type without its parameters."""
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def require_status(response: requests.Response, host: str) -> None:
    """Refuse any answer but a good one."""
    status = response.status_code
    if status in (200, 206):
        return
    wait_s = asked_wait_s(response.headers.get("Retry-After"), time.time())
    if status == 429:
        found = f"{wait_s:.0f} s"
        raise SetbackError(FetchError("fetch.busy", where=host, found=found), wait_s=wait_s)
    if status in LATER:
        raise SetbackError(FetchError("fetch.failing", where=host, found=status), wait_s=wait_s)
    raise SetbackError(FetchError("fetch.refused", where=host, found=status), out=True)


def require_size(response: requests.Response, host: str, max_bytes: int) -> None:
    """Refuse an answer that says it is too long."""
    stated = response.headers.get("Content-Length", "")
    if stated.isdecimal() and int(stated) > max_bytes:
        raise too_large(host, max_bytes)


def too_large(host: str, max_bytes: int) -> SetbackError:
    """Return what to say of an answer longer than is taken."""
    expected = f"{max_bytes / 1e6:,.0f} MB"
    return SetbackError(FetchError("fetch.too_large", where=host, expected=expected), out=True)


class CountedBody:
    """The body of an answer, counted as it is read."""

    def __init__(self, raw: Any, max_bytes: int, host: str, heard: Callable[[int], None]) -> None:
        self._raw = raw
        self._max_bytes = max_bytes
        self._host = host
        self._heard = heard
        self._n_bytes = 0

    def stream(self, *args: Any, **kwargs: Any) -> Iterator[bytes]:
        """Yield the body piece by piece; unpacked, as its packed length says little."""
        for piece in self._raw.stream(*args, **kwargs):
            self._n_bytes += len(piece)
            if self._n_bytes > self._max_bytes:
                raise too_large(self._host, self._max_bytes)
            self._heard(self._n_bytes)
            yield piece

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)


def check_overpass(document: Any, host: str) -> None:
    """Refuse an answer that is not of Overpass' shape, or that says it broke off."""
    if not isinstance(document, dict):
        raise _other_shape(host, "elements")
    remark = str(document.get("remark", ""))
    if remark:
        # "runtime error: Query timed out …" comes with a status of 200 and part of the data
        found = " ".join(remark.split())[:N_LISTED_CHARACTERS]
        raise SetbackError(FetchError("fetch.remark", where=host, found=found))
    elements = document.get("elements")
    if not isinstance(elements, list):
        raise _other_shape(host, "elements")
    for element in elements:
        missing = _missing(element)
        if missing is not None:
            raise _other_shape(host, f"elements.{missing}")


def _missing(element: Any) -> str | None:
    """Return what an element lacks or has of another kind, None where it is as it should be."""
    kind = element.get("type") if isinstance(element, dict) else None
    if kind not in ELEMENT_KEYS:
        return "type"
    lacking = next((key for key in ELEMENT_KEYS[kind] if key not in element), None)
    if lacking is not None:
        return f"{kind}.{lacking}"
    if not isinstance(element["id"], int):
        return f"{kind}.id"
    tags = element.get("tags", {})
    if not isinstance(tags, dict) or not all(isinstance(value, str) for value in tags.values()):
        return f"{kind}.tags"
    return None if _is_placed(kind, element) else f"{kind}.{ELEMENT_KEYS[kind][-1]}"


def _is_placed(kind: str, element: Any) -> bool:
    if kind == "node":
        lat, lon = element["lat"], element["lon"]
        numbers = isinstance(lat, int | float) and isinstance(lon, int | float)
        return numbers and abs(lat) <= MAX_LAT_DEG and abs(lon) <= MAX_LON_DEG
    if kind == "way":
        nodes = element["nodes"]
        return isinstance(nodes, list) and all(isinstance(node, int) for node in nodes)
    members = element["members"]
    return isinstance(members, list) and all(
        isinstance(member, dict)
        and member.get("type") in ELEMENT_KEYS
        and isinstance(member.get("ref"), int)
        and isinstance(member.get("role"), str)
        for member in members
    )


def check_nominatim(document: Any, host: str) -> None:
    """Refuse an answer that is not a list of places as Nominatim gives them."""
    if not isinstance(document, list):
        raise _other_shape(host, "[]")
    for place in document:
        for key in ("geojson", "boundingbox", "importance"):
            if not isinstance(place, dict) or key not in place:
                raise _other_shape(host, key)
        try:
            shapely.geometry.shape(place["geojson"])
        except SHAPE_FAULTS as error:
            raise _other_shape(host, "geojson") from error


def _other_shape(host: str, missing: str) -> SetbackError:
    return SetbackError(FetchError("fetch.schema", where=host, found=missing), out=True)
