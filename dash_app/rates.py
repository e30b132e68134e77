"""The rate of searches by text: of an account, or of the address a visitor comes from."""

from __future__ import annotations

from flask import current_app

from dash_app.access import actor
from dash_app.access import address_of_asker
from ilo_geo.proposals.account_rules import account_rules
from ilo_geo.proposals.listing import Filter
from ilo_geo.services.rates import Rate

EXTENSION = "search_rate"


def require_search_rate(wanted: Filter) -> None:
    """Count a search by text of who asks; the page, its map and the API share the count.

    A list that is not cut down by words is not counted.

    Raises
    ------
    TooOftenError
        They asked too often; ``seconds`` says when they may again.
    """
    if not wanted.text:
        return
    rules, account_id = account_rules().search, actor().account_id
    rate: Rate = current_app.extensions.setdefault(EXTENSION, Rate(rules.window_s))
    if account_id is None:
        rate.take(f"address {address_of_asker()}", rules.most_by_address)
    else:
        rate.take(f"account {account_id}", rules.most)
