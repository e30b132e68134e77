"""A campaign or a scenario on paper: what its proposals do together, then each in short."""

from __future__ import annotations

from collections.abc import Iterator

from ilo_geo.core.layer import Status
from ilo_geo.core.text import Lang
from ilo_geo.core.units import peru_date
from ilo_geo.io.document import Block
from ilo_geo.io.document import Column
from ilo_geo.io.document import Facts
from ilo_geo.io.document import Heading
from ilo_geo.io.document import Picture
from ilo_geo.io.document import Prose
from ilo_geo.io.document import Table
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.sheet import LayerNote
from ilo_geo.proposals.states import lifecycle
from ilo_geo.services.debate_paper import count_line
from ilo_geo.services.debate_paper import verdict_blocks
from ilo_geo.services.dossier_data import ProposalPart
from ilo_geo.services.dossier_sets import BundlesPart
from ilo_geo.services.dossier_sets import CampaignPart
from ilo_geo.services.dossier_sets import MeasurePart
from ilo_geo.services.dossier_sets import MoneyPart
from ilo_geo.services.dossier_sets import ScenarioPart
from ilo_geo.services.paper_words import Words
from ilo_geo.services.paper_words import moment
from ilo_geo.services.paper_words import soles


def campaign_blocks(
    part: CampaignPart, parts: tuple[ProposalPart, ...], picture: Picture | None, lang: Lang
) -> Iterator[Block]:
    """Yield a campaign: envelope, phases, projects, and the best bundles under the envelope."""
    w = Words(lang, "set")
    rows = {
        "phase": rulebook().phases[part.phase].in_(lang),
        "envelope": soles(part.envelope_soles, part.envelope_soles, lang),
        "projects": str(len(parts)),
        "asked_for": _money(part.asked, lang),
        "committed": _money(part.committed, lang),
    }
    yield Heading(w("asked"), 2)
    yield Prose(w("asked_of_campaign"), "big")
    if picture is not None:
        yield picture
    yield Facts("campaign", w("campaign"), tuple((w(name), text) for name, text in rows.items()))
    yield Heading(w("description"))
    yield Prose(part.description or w("no_description"))
    yield Table(
        id="phases",
        title=w("phases"),
        columns=(Column(w("phase"), 4, "strong"), Column(w("planned"), 2), Column(w("began"), 2)),
        rows=tuple(
            (
                rulebook().phases[one.phase].in_(lang),
                peru_date(one.day.isoformat()),
                moment(one.began_at),
            )
            for one in part.phases
        ),
        empty="",
        level=1,
    )
    yield projects(parts, lang)
    yield from _bundles(part.bundles, lang)
    yield from _each(parts, lang)


def scenario_blocks(
    part: ScenarioPart, parts: tuple[ProposalPart, ...], picture: Picture | None, lang: Lang
) -> Iterator[Block]:
    """Yield a scenario: the city before and after, the difference, and its proposals."""
    w = Words(lang, "set")
    if picture is not None:
        yield picture
    for notice in part.notices:
        yield Prose(notice.in_(lang), "small")
    marked = _stands_on_models(part.layers)
    yield Table(
        id="measures",
        title=w("measures"),
        columns=(
            Column(w("measure"), 3, "strong"),
            *(Column(w(name), 1.2, "number") for name in ("before", "after", "change")),
            *(Column(w(name), 1.2, "number") for name in ("low", "high")),
            Column(w("unit"), 1.6),
            Column(w("method"), 4),
        ),
        rows=tuple(_measure(one, lang) for one in part.measures),
        empty="",
        level=1,
        layout="noted",
        modelled=frozenset(range(len(part.measures))) if marked else frozenset(),
    )
    yield Prose(w("counted_by", base=part.base), "small")
    yield _zones(part, marked=marked, lang=lang)
    yield Prose(w("rounded"), "small")
    yield projects(parts, lang)
    yield from _each(parts, lang)


def projects(parts: tuple[ProposalPart, ...], lang: Lang) -> Table:
    """Return the table of proposals: what each is, costs, and how it stands."""
    w, book = Words(lang, "set"), rulebook()
    columns = (
        Column("N.º", 0.8, "number"),
        Column(w("proposal"), 4, "strong"),
        Column(w("kind"), 2),
        Column(w("state"), 1.8),
        Column(w("verdict"), 1.8),
        Column(w("cost_low"), 1.8, "money"),
        Column(w("cost_high"), 1.8, "money"),
        Column(w("support"), 1.2, "number"),
    )
    rows = []
    for part in parts:
        verdict = book.verdicts.get(part.feasibility)
        rows.append(
            (
                part.number,
                part.title,
                book.kinds[part.kind].title.in_(lang),
                lifecycle().states[part.state].in_(lang),
                verdict.in_(lang) if verdict else w("no_verdict"),
                part.cost_min_soles,
                part.cost_max_soles,
                part.n_support,
            )
        )
    return Table("proposals", w("proposals"), columns, tuple(rows), w("no_proposals"), level=1)


def _bundles(part: BundlesPart | object, lang: Lang) -> Iterator[Block]:
    w = Words(lang, "set")
    if not isinstance(part, BundlesPart):
        yield Heading(w("bundles"))
        yield Prose(w("no_bundles", reason=part))
        return
    marked = _stands_on_models(part.layers)
    yield Table(
        id="bundles",
        title=w("bundles"),
        columns=(
            Column(w("bundle"), 1.2, "number"),
            Column(w("holds"), 4, "strong"),
            Column(w("people"), 1.6, "number"),
            Column(w("closed"), 1.6, "number"),
            Column(w("risk"), 1.6, "number"),
            Column(w("cost_low"), 2, "money"),
            Column(w("cost_high"), 2, "money"),
        ),
        rows=tuple(
            (
                n,
                ", ".join(map(str, one.numbers)),
                round(one.people_inhab),
                round(one.closed_ha, 3),
                round(one.risk_inhab),
                one.cost_low,
                one.cost_high,
            )
            for n, one in enumerate(part.bundles, start=1)
        ),
        empty=w("bundles_none"),
        level=1,
        modelled=frozenset(range(len(part.bundles))) if marked else frozenset(),
    )
    if part.bundles:
        yield Prose(w("bundles_said", n=len(part.bundles), all=part.n_all), "small")
    yield Prose(w("bundles_exact" if part.exact else "bundles_search"), "small")
    yield Prose(w("counted_by", base=part.base), "small")
    told = {name: getattr(part, name) for name in ("without_cost", "over_envelope", "idle")}
    told |= {
        name: [title.in_(lang) for title in getattr(part, name)]
        for name in ("not_feasible", "not_counted", "hazard_unknown")
    }
    told["overlapping"] = [f"{a.in_(lang)} / {b.in_(lang)}" for a, b in part.overlapping]
    for name, titles in told.items():
        if titles:
            yield Prose(w(name, list="; ".join(titles)), "small")


def _measure(one: MeasurePart, lang: Lang) -> tuple[str | float | None, ...]:
    values = (one.before, one.after, one.change, one.low, one.high)
    rounded = [None if v is None else round(v, one.decimals) for v in values]
    said = f"{one.said.in_(lang)}\n{Words(lang, 'dossier')('formula', text=one.formula.in_(lang))}"
    return (one.title.in_(lang), *rounded, one.unit.in_(lang), said)


def _zones(part: ScenarioPart, *, marked: bool, lang: Lang) -> Table:
    w = Words(lang, "set")
    names = [
        f"{name}_{step}"
        for name in ("deficit_ha", "green_m2_per_inhab", "served_population_inhab")
        for step in ("before", "after", "change")
    ]
    rows = tuple(
        (one.name, *(_rounded(one.values[name], name) for name in names)) for one in part.zones
    )
    columns = (
        Column(w("zone"), 2.4, "strong"),
        *(Column(w(name), 1.2, "number") for name in names),
    )
    every = frozenset(range(len(rows))) if marked else frozenset()
    return Table("zones", w("zones"), columns, rows, w("no_zones"), level=1, modelled=every)


def _rounded(value: float | None, name: str) -> float | None:
    if value is None:
        return None
    return round(value) if name.startswith("served") else round(value, 2)


def _each(parts: tuple[ProposalPart, ...], lang: Lang) -> Iterator[Block]:
    """Yield each proposal in short; its own dossier has the rest."""
    w = Words(lang, "set")
    if not parts:
        return
    yield Heading(w("each"))
    yield Prose(w("each_said"), "small")
    for part in parts:
        yield Heading(w("each_title", number=part.number, title=part.title), 2)
        rows = [
            (w("cost"), soles(part.cost_min_soles, part.cost_max_soles, lang) or w("unsaid")),
            (w("zone"), part.zone or w("unsaid")),
            (w("path"), f"/propuestas/{part.number}"),
        ]
        rows += [(w("votes"), _outcome(part, lang))] if part.ballots else []
        yield Facts(f"proposal-{part.number}", f"N.º {part.number}", tuple(rows))
        if part.description:
            yield Prose(part.description)
        yield from verdict_blocks(part, lang, level=2)


def _outcome(part: ProposalPart, lang: Lang) -> str:
    last = part.ballots[-1]
    return f"{rulebook().outcomes[last.outcome].in_(lang)}: {count_line(last, lang)}"


def _money(money: MoneyPart, lang: Lang) -> str:
    w = Words(lang, "set")
    told = soles(money.low, money.high, lang)
    return told if not money.n_unknown else w("unknown_costs", told=told, n=money.n_unknown)


def _stands_on_models(layers: tuple[LayerNote, ...]) -> bool:
    return any(note.status is Status.MODELLED for note in layers)
