"""A served planner with a town's people, each in a browser of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from council_town import Town
from signed_in import browser_cookies

from ilo_geo.proposals.people import system
from ilo_geo.services.people import begin_session


@dataclass
class Hall:
    """``open_it`` opens an address of the planner in a new browser that nobody is signed in on."""

    town: Town
    address: str
    open_it: Callable[..., Any]

    def seat(self, name: str, path: str = "/sesion", size: str = "desktop") -> Any:
        """Open a page as one of the town's people."""
        with self.town.council.writing(system) as repo:
            token = begin_session(repo, self.town.actors[name].account_id, repo.now)
        page = self.open_it("/entrar", size, None)
        page.context.add_cookies(browser_cookies(self.address, token))
        page.goto(f"{self.address}{path}")
        page.wait_for_selector("#sitting-words h1, #sittings-body h1, #budget-body h1")
        return page
