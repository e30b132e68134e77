"""The planner of one machine answers to that machine's names only."""

from __future__ import annotations

import pytest
from signed_in import client_for

from dash_app.serve import ENV_HOSTS
from dash_app.serve import answered_hosts


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8050", 200),
        ("localhost", 200),
        ("[::1]:8050", 200),
        ("evil.example", 400),
        ("127.0.0.1.evil.example:8050", 400),
        ("localhost@evil.example", 400),
        ("", 400),
    ],
)
def test_a_page_elsewhere_cannot_name_this_machine(planner, host: str, status: int) -> None:
    client = client_for(planner, hosts=answered_hosts("127.0.0.1"))
    assert client.get("/health", headers={"Host": host}).status_code == status


def test_who_serves_others_says_under_which_names(monkeypatch: pytest.MonkeyPatch) -> None:
    assert answered_hosts("0.0.0.0") is None  # noqa: S104 - compared, not bound
    monkeypatch.setenv(ENV_HOSTS, "mapas.ilo.pe, Otra.pe")
    named = answered_hosts("0.0.0.0")  # noqa: S104
    assert {"mapas.ilo.pe", "otra.pe", "localhost"} <= named
