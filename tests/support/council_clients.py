"""Programs that talk to a town's council over HTTP, each signed in as somebody of it."""

from __future__ import annotations

from typing import Any

from signed_in import signed

from dash_app.factory import create_app
from ilo_geo.proposals.people import system
from ilo_geo.services.people import begin_session


class TownClients:
    """Clients of one app by the name of who is signed in; ``visitor`` is nobody."""

    def __init__(self, planner: Any, town: Any) -> None:
        self.town = town
        self.server = create_app(planner, town.council).server
        self._kept: dict[str, Any] = {}

    def __call__(self, name: str) -> Any:
        if name not in self._kept:
            client = self.server.test_client()
            account_id = self.town.actors[name].account_id
            if account_id is not None:
                with self.town.council.writing(system) as repo:
                    signed(client, begin_session(repo, account_id, repo.now))
            self._kept[name] = client
        return self._kept[name]
