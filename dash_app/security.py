"""What the browser may do with our pages, and how answers are packed."""

from __future__ import annotations

import gzip
from functools import lru_cache
from urllib.parse import urlsplit

from dash import Dash
from flask import Response
from flask import request

TILE_HOST = "https://tile.openstreetmap.org"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PACKED = (
    "application/json",
    "application/geo+json",
    "text/html",
    "text/css",
    "application/javascript",
    "text/javascript",
)
SMALLEST_PACKED_BYTES = 1_000


def content_policy(app: Dash, *, tiles: bool) -> str:
    """Return the policy: everything from here, scripts by file or by hash, nothing evaluated."""
    hashes = " ".join(f"'{value}'" for value in (h.strip("'") for h in app.csp_hashes()))
    images = f" {TILE_HOST}" if tiles else ""
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {hashes}",
            # leaflet and mantine place things by inline styles
            "style-src 'self' 'unsafe-inline'",
            f"img-src 'self' data: blob:{images}",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    )


def protect(app: Dash, *, tiles: bool, hosts: frozenset[str] | None = None) -> None:
    """Send the policy with every answer and gzip what is worth it; call when all is registered.

    ``hosts`` are the names under which the planner answers, None for any: a page elsewhere must
    not reach it by giving this machine a name of its own.
    """
    policy = content_policy(app, tiles=tiles)

    @app.server.before_request
    def refuse_other_names() -> Response | None:
        if hosts is None or urlsplit(f"//{request.host}").hostname in hosts:
            return None
        return Response("unknown host", status=400, mimetype="text/plain")

    @app.server.after_request
    def finish(response: Response) -> Response:
        response.headers.update(HEADERS)
        # what is handed out as a file has a stricter one of its own
        response.headers.setdefault("Content-Security-Policy", policy)
        return _packed(response)


def _packed(response: Response) -> Response:
    wanted = "gzip" in request.headers.get("Accept-Encoding", "")
    raw = "Content-Encoding" not in response.headers and not response.direct_passthrough
    if not (wanted and raw and response.mimetype in PACKED and response.status_code == 200):
        return response
    body = response.get_data()
    if len(body) >= SMALLEST_PACKED_BYTES:
        # the bundles are large and their address changes with their content: packed once
        pack = _packed_once if request.path.startswith("/_dash-component-suites/") else _pack
        response.set_data(pack(body))
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
    return response


def _pack(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=5)


_packed_once = lru_cache(maxsize=64)(_pack)
