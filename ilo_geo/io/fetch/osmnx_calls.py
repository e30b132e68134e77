"""The one room that drives osmnx: its public settings are set for a call and given back.

osmnx makes the query, sends it and keeps the answer in its cache (`cache_only_mode`); the answers
are inspected by a response hook handed over in `settings.requests_kwargs`. So its own endless
retries (55 s after every 429 or 504, whatever the server asks for) never begin, and nothing that is
of no use reaches its cache. Its settings are global, so that one call at a time is made.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import geopandas as gpd
import shapely

from ilo_geo.core.errors import FetchError
from ilo_geo.io.fetch.answers import Inspector
from ilo_geo.io.fetch.answers import host_of
from ilo_geo.io.fetch.answers import plain_failures
from ilo_geo.io.fetch.patience import SetbackError
from ilo_geo.io.fetch.settings import Manners

HIGHWAY = "highway"
# tiles are made here; osmnx shall not cut them once more
NEVER_CUT_M2 = 1e15
_turn = threading.Lock()


@dataclass(frozen=True)
class Call:
    """How a call is made: who asks, and who inspects the answer."""

    manners: Manners
    inspector: Inspector


def download_streets(
    square: shapely.Polygon, classes: tuple[str, ...], endpoint: str, folder: Path, call: Call
) -> None:
    """Put the answer for the highways of these classes in and near a square into ``folder``."""
    chosen = f'["{HIGHWAY}"~"^({"|".join(classes)})$"]'
    with _overpass(endpoint, folder, call) as osmnx:
        osmnx.graph_from_polygon(square, custom_filter=chosen)


def download_features(
    square: shapely.Polygon,
    tags: Mapping[str, bool | list[str]],
    endpoint: str,
    folder: Path,
    call: Call,
) -> None:
    """Put the answer for everything with one of these tags in a square into ``folder``."""
    with _overpass(endpoint, folder, call) as osmnx:
        osmnx.features_from_polygon(square, dict(tags))


def search_boundary(query: str, endpoint: str, call: Call) -> gpd.GeoDataFrame | None:
    """Return the first place of that name that has an outline, or None where there is none."""
    values = {"nominatim_url": endpoint, "use_cache": False}
    try:
        with _settings(values, call) as osmnx, plain_failures(endpoint):
            return osmnx.geocode_to_gdf(query)
    except (ValueError, TypeError):
        # how osmnx says "nothing found" and "no polygon among them"; the shape was inspected before
        return None


@contextmanager
def _overpass(endpoint: str, folder: Path, call: Call) -> Iterator[ModuleType]:
    values = {
        "overpass_url": endpoint,
        # its status page costs a request more and its pauses cannot be stopped; ours can
        "overpass_rate_limit": False,
        "use_cache": True,
        "cache_folder": folder,
        "cache_only_mode": True,
        "max_query_area_size": NEVER_CUT_M2,
    }
    try:
        with _settings(values, call) as osmnx, plain_failures(endpoint):
            yield osmnx
    except InterruptedError:
        # how osmnx ends when it was asked only to keep the answer
        if not any(folder.glob("*.json")):
            failed = FetchError("fetch.truncated", where=host_of(endpoint))
            raise SetbackError(failed) from None


@contextmanager
def _settings(values: Mapping[str, Any], call: Call) -> Iterator[ModuleType]:
    """Yield osmnx set up for one call, and give everything back that it changes."""
    # two seconds to import: only who fetches waits for it
    import osmnx

    manners = call.manners
    own = {
        "http_user_agent": manners.name,
        "http_referer": manners.user_agent,
        # Overpass is told the same, and reads whole seconds only
        "requests_timeout": int(manners.timeout_s),
        "requests_kwargs": {"hooks": {"response": [call.inspector]}},
        # never ask another server for a name
        "doh_url_template": None,
        "log_console": False,
        "log_file": False,
        **values,
    }
    with _turn:
        before = {name: getattr(osmnx.settings, name) for name in own}
        look_up = socket.getaddrinfo
        try:
            for name, value in own.items():
                setattr(osmnx.settings, name, value)
            yield osmnx
        finally:
            for name, value in before.items():
                setattr(osmnx.settings, name, value)
            # osmnx nails a server's name to one address for the whole process
            socket.getaddrinfo = look_up
