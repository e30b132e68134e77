"""The best bundles under an envelope: a table, and for each why none other dominates it."""

from __future__ import annotations

from collections.abc import Iterable

from dash import html
from dash.development.base_component import Component

from dash_app.components.badges import status_badge
from dash_app.components.controls import info
from dash_app.components.council_words import money
from dash_app.components.council_words import range_of
from dash_app.components.finding_parts import origin
from dash_app.i18n import Translator
from ilo_geo.core.layer import Status
from ilo_geo.core.units import peru_number
from ilo_geo.proposals.bundles import Bundle
from ilo_geo.proposals.bundles import Frontier
from ilo_geo.proposals.bundles import spread_out
from ilo_geo.services.campaign_bundles import CampaignBundles
from ilo_geo.services.proposal_effects import title_of

MOST_SHOWN = 12
COLUMNS = ("people", "closed", "risk", "cost")
HA_DECIMALS = 2


def bundle_table(t: Translator, found: CampaignBundles) -> list[Component]:
    """Return the bundles with what they bring, and what is left out of them."""
    frontier = found.frontier
    shown = spread_out(frontier, MOST_SHOWN)
    if not shown:
        return [html.P(t("bundles.none"), className="help"), *_left_out(t, found)]
    about = t("bundles.exact", n=len(frontier.bundles), of=frontier.n_projects)
    if not frontier.exact:
        about = t(
            "bundles.searched",
            n=len(frontier.bundles),
            people=peru_number(frontier.people_bound),
            ha=peru_number(frontier.closed_bound, HA_DECIMALS),
        )
    cut = [] if len(shown) == len(frontier.bundles) else [html.P(t("bundles.cut", n=len(shown)))]
    return [
        html.P(about, className="help"),
        *cut,
        html.Div(_table(t, found, shown), className="table-scroll"),
        html.H3(t("bundles.why")),
        html.Ol([_sheet(t, found, shown, n) for n in range(len(shown))], className="bundles"),
        html.P(t("bundles.base", base=t.of(found.base)), className="help"),
        *_left_out(t, found),
    ]


def _table(t: Translator, found: CampaignBundles, shown: tuple[Bundle, ...]) -> Component:
    heads = [t("bundles.bundle"), *[_head(t, found, name) for name in COLUMNS]]
    rows = [
        html.Tr(
            [
                html.Th(str(n), scope="row"),
                html.Td(peru_number(one.people_inhab)),
                html.Td(peru_number(one.closed_ha, HA_DECIMALS)),
                html.Td(peru_number(one.risk_inhab)),
                html.Td(peru_number(one.cost_high)),
            ]
        )
        for n, one in enumerate(shown, start=1)
    ]
    return html.Table(
        [
            html.Caption(t("bundles.caption"), className="unseen"),
            html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])),
            html.Tbody(rows),
        ],
        className="plain-table bundle-table",
    )


def _sheet(t: Translator, found: CampaignBundles, shown: tuple[Bundle, ...], n: int) -> Component:
    one = shown[n]
    titles = "; ".join(t.of(title_of(found.effects[name])) for name in one.ids)
    costs = range_of(t, one.cost_low, one.cost_high)
    return html.Li(
        [
            html.P(titles, className="bundle-projects"),
            html.P(
                [
                    costs,
                    " · ",
                    t("bundles.left_over", money=money(found.frontier.envelope - one.cost_high)),
                ],
                className="help",
            ),
            html.P(" ".join(why(t, shown, n)), className="bundle-why"),
            _arithmetic(t, found, one),
        ]
    )


def _head(t: Translator, found: CampaignBundles, name: str) -> list[Component | str]:
    """Return the name of a column with the (i) of its figures."""
    title, notes = t(f"bundles.{name}"), found.sources.get(name, ())
    about = origin(t, t(f"bundles.{name}_formula"), notes)
    return [title, info(t, title, t(f"bundles.{name}_said"), *about)]


def _arithmetic(t: Translator, found: CampaignBundles, one: Bundle) -> Component:
    """Return what each project brings by itself, and how the figures of the bundle follow."""
    alone = {name: found.alone[name] for name in one.ids}
    costs = {name: found.effects[name].cost_high or 0 for name in one.ids}
    projects = [
        t(
            "bundles.part",
            title=t.of(title_of(found.effects[name])),
            people=peru_number(part.people_inhab),
            ha=peru_number(part.green_ha, HA_DECIMALS),
            hazard=peru_number(part.hazard, HA_DECIMALS),
            risk=peru_number(part.risk_inhab),
            money=money(costs[name]),
        )
        for name, part in alone.items()
    ]
    sums = [
        t(
            "bundles.sum_people",
            apart=peru_number(sum(part.people_inhab for part in alone.values())),
            people=peru_number(one.people_inhab),
        ),
        t(
            "bundles.sum_closed",
            ha=peru_number(sum(part.green_ha for part in alone.values()), HA_DECIMALS),
            closed=peru_number(one.closed_ha, HA_DECIMALS),
        ),
        t(
            "bundles.sum_risk",
            parts=_added(part.risk_inhab for part in alone.values()),
            risk=peru_number(one.risk_inhab),
        ),
        t("bundles.sum_cost", parts=_added(costs.values()), money=money(one.cost_high)),
    ]
    lines = [html.Li(said) for said in (*projects, *sums)]
    return html.Details([html.Summary(t("bundles.arithmetic")), html.Ul(lines)], className="fold")


def _added(amounts: Iterable[float]) -> str:
    return " + ".join(map(peru_number, amounts))


def why(t: Translator, shown: tuple[Bundle, ...], n: int) -> list[str]:
    """Return in words why none of the bundles shown dominates one of them.

    Whatever serves fewer people does not; of each of the others it is said by what it is worse.
    """
    one = shown[n]
    others = [(place, other) for place, other in enumerate(shown, start=1) if other is not one]
    rivals = [pair for pair in others if pair[1].people_inhab >= one.people_inhab]
    if not rivals:
        return [t("bundles.most_people")]
    closes = [place for place, other in rivals if other.closed_ha < one.closed_ha]
    risks = [
        place
        for place, other in rivals
        if place not in closes and other.risk_inhab > one.risk_inhab
    ]
    said = [t("bundles.as_many_people", which=_listed(place for place, _ in rivals))]
    if closes:
        said.append(t("bundles.closes_more", which=_listed(closes)))
    if risks:
        said.append(t("bundles.risks_less", which=_listed(risks)))
    return said


def _listed(places: Iterable[int]) -> str:
    return ", ".join(map(str, places))


def _left_out(t: Translator, found: CampaignBundles) -> list[Component]:
    """Return which projects are in no bundle, and what could not be counted."""
    frontier: Frontier = found.frontier
    said = [
        (t("bundles.not_feasible"), tuple(t.of(title) for title in found.not_feasible)),
        (t("bundles.without_cost"), frontier.without_cost),
        (t("bundles.over_envelope"), frontier.over_envelope),
        (t("bundles.idle"), frontier.idle),
        (t("bundles.not_counted"), tuple(t.of(title) for title in found.not_counted)),
        (t("bundles.hazard_unknown"), tuple(t.of(title) for title in found.hazard_unknown)),
        (
            t("bundles.overlapping"),
            tuple(f"{t.of(one)} / {t.of(other)}" for one, other in found.overlapping),
        ),
    ]
    lines = [html.Li([html.B(f"{words} "), "; ".join(titles)]) for words, titles in said if titles]
    if found.modelled:
        layers = ", ".join(t.of(title).lower() for title in found.modelled)
        badge = status_badge(t, Status.MODELLED)
        lines.insert(0, html.Li([badge, " ", t("bundles.modelled", layers=layers)]))
    return [html.Ul(lines, className="notices")] if lines else []
