"""Opens the planner in a browser: ``python -m dash_app.serve`` or ``ilo-geo serve``."""

from __future__ import annotations

import os
import threading
import webbrowser
from pathlib import Path
from typing import Annotated
from typing import Any

import typer
import waitress

from dash_app.factory import ENV_TLS_PROXY
from dash_app.factory import create_app
from dash_app.planner import Planner
from dash_app.routes.documents import max_body_bytes
from ilo_geo.core.text import messages
from ilo_geo.services.areas import open_area
from ilo_geo.services.council import Council
from ilo_geo.services.council import open_council
from ilo_geo.services.import_desk import max_upload_bytes
from ilo_geo.services.people import first_administrator
from ilo_geo.services.prepare import prepare_baseline

THREADS, CONNECTIONS = 8, 2_000
ENV_TILES = "ILO_GEO_ONLINE_TILES"
# names the planner answers to where others reach it, separated by commas
ENV_HOSTS = "ILO_GEO_HOSTS"
LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1"))


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8050,
    area: Annotated[Path | None, typer.Option(help="Study area folder.")] = None,
    *,
    open_browser: Annotated[bool, typer.Option(help="Open a browser tab.")] = False,
) -> None:
    """Serve the planner until it is stopped."""
    opened = open_area(area)
    prepare_baseline(opened.catalogue, progress=_say)
    planner = Planner(opened, tiles=os.environ.get(ENV_TILES) == "1")
    council = open_council(lambda: planner.area)
    server = waitress.create_server(
        create_app(planner, council, hosts=answered_hosts(host)).server,
        host=host,
        port=port,
        threads=THREADS,
        # a browser holds its connections open: a hundred, as is usual, would shut the others out
        connection_limit=CONNECTIONS,
        # the other way of waiting for them ends at 1,024 files
        asyncore_use_poll=True,
        # it keeps a body on the disk before anybody is asked whether they may send it
        max_request_body_size=max(max_upload_bytes(), max_body_bytes()),
        **behind_proxy(os.environ.get(ENV_TLS_PROXY, "")),
    )
    address = f"http://{host}:{server.effective_port}/"
    typer.echo(address)
    _say_first_password(council)
    planner.warm_up()
    if open_browser:
        threading.Timer(0.5, webbrowser.open, [address]).start()
    try:
        server.run()
    except KeyboardInterrupt:
        server.close()
    finally:
        planner.jobs.close()
        council.database.close()


def behind_proxy(proxy: str) -> dict[str, Any]:
    """Return what the server believes of a proxy: whom it speaks for, and whether by TLS.

    Anybody else who says so is not believed, so that nobody slips by a rate under another address.
    """
    if not proxy.strip():
        return {}
    told = {"x-forwarded-for", "x-forwarded-proto"}
    return {
        "trusted_proxy": proxy.strip(),
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": told,
        "clear_untrusted_proxy_headers": True,
    }


def answered_hosts(host: str) -> frozenset[str] | None:
    """Return the names to answer to: those of this machine alone, unless it listens to others."""
    named = frozenset(name.strip().lower() for name in os.environ.get(ENV_HOSTS, "").split(","))
    if host in LOOPBACK or named != {""}:
        return LOOPBACK | named - {""}
    return None


def _say_first_password(council: Council) -> None:
    """Print, once ever, what the first person signs in with."""
    made = first_administrator(council)
    if made is not None:
        username, password = made
        typer.echo(messages()["account.first"].format("es", username=username, password=password))


def _say(code: str, done_ratio: float) -> None:
    """Print a step of the preparation."""
    typer.echo(f"{messages()[code].es} … {done_ratio:.0%}", err=True)


if __name__ == "__main__":
    typer.run(serve)
