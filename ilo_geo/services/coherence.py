"""Use case: the plan's figures against each other and against the layers that are loaded now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace

from ilo_geo.city.plan.coherence import Finding
from ilo_geo.city.plan.coherence import Measured
from ilo_geo.city.plan.coherence import counts
from ilo_geo.city.plan.coherence import recompute
from ilo_geo.city.plan.measures import MEASURES
from ilo_geo.city.plan.measures import Chosen
from ilo_geo.city.plan.measures import Scalar
from ilo_geo.city.plan.measures import choose
from ilo_geo.city.plan.read import Theme
from ilo_geo.city.plan.read import read_themes
from ilo_geo.city.plan.report import Line
from ilo_geo.city.plan.report import RuleReport
from ilo_geo.city.plan.report import plan_words
from ilo_geo.city.plan.report import rule_report
from ilo_geo.city.plan.report import word
from ilo_geo.city.plan.rules import LayerFigure
from ilo_geo.city.plan.rules import Verdict
from ilo_geo.city.plan.rules import Weight
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.errors import SchemaError
from ilo_geo.core.layer import RasterLayer
from ilo_geo.core.text import Lang
from ilo_geo.core.text import Text
from ilo_geo.io.catalogue import layer_schemas
from ilo_geo.io.plan_rules import PLAN_FOLDER
from ilo_geo.io.plan_rules import plan_stamp
from ilo_geo.io.plan_rules import read_plan_files
from ilo_geo.services.areas import Area
from ilo_geo.services.city import file_stamps
from ilo_geo.services.city import kept_of

__all__ = ["Coherence", "Line", "RuleReport", "Verdict", "coherence", "plan_words", "word"]

VERDICTS = tuple(verdict.value for verdict in Verdict)


@dataclass(frozen=True)
class Coherence:
    """The rules of a study area recomputed; no findings where it has no rules."""

    themes: tuple[Theme, ...]
    findings: tuple[Finding, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Return how many rules came to each verdict."""
        return {verdict.value: n for verdict, n in counts(self.findings).items()}

    @property
    def titles(self) -> dict[str, Text]:
        """Return the title of each theme."""
        return {theme.id: theme.title for theme in self.themes}

    def reports(self, lang: Lang) -> tuple[RuleReport, ...]:
        """Return the findings in words."""
        titles = self.titles
        return tuple(rule_report(one, titles[one.theme], lang) for one in self.findings)

    def only(
        self, theme: str | None = None, verdict: str | None = None, rule: str | None = None
    ) -> Coherence:
        """Return the findings of one theme, of one verdict, of one rule, or what all of them leave.

        Raises
        ------
        ParameterError
            There is no such theme, verdict or rule.
        """
        for where, found, known in (
            ("theme", theme, tuple(self.titles)),
            ("verdict", verdict, VERDICTS),
            ("rule", rule, tuple(one.rule.id for one in self.findings)),
        ):
            if found is not None and found not in known:
                expected = ", ".join(known)
                raise ParameterError(
                    "parameter.invalid", where=where, found=found[:40], expected=expected
                )
        kept = [
            one
            for one in self.findings
            if theme in (None, one.theme)
            and verdict in (None, one.verdict.value)
            and rule in (None, one.rule.id)
        ]
        return replace(self, findings=tuple(kept))


def has_rules(area: Area) -> bool:
    """Return whether the study area has a ``plan/`` folder with rules."""
    return bool(plan_stamp(area.catalogue.folder))


def require_rules(area: Area) -> None:
    """Refuse a study area that has no rules.

    Raises
    ------
    InputError
        There is no ``plan/`` folder with a rule file.
    """
    if not has_rules(area):
        raise InputError("plan.no_rules", where=area.config.id)


def rule_themes(area: Area) -> tuple[Theme, ...]:
    """Return the rules of a study area as its files say now.

    Raises
    ------
    SchemaError
        A file is faulty; every fault of every file is listed.
    """
    folder = area.catalogue.folder
    return kept_of(area).get(("plan", plan_stamp(folder)), lambda: _read(area))


def _read(area: Area) -> tuple[Theme, ...]:
    folder = area.catalogue.folder
    files, faults = read_plan_files(folder)
    known = (*area.catalogue.declared, *layer_schemas())
    themes, more = read_themes(files, area.config.plan_figures, known)
    if faults or more:
        # no path: the planner shows this to a browser
        where = f"{area.config.id}/{PLAN_FOLDER}"
        raise SchemaError("plan.invalid", where=where, faults=[*faults, *more])
    return themes


def coherence(area: Area) -> Coherence:
    """Return every rule of a study area, measured from its layers as they are now.

    The gravest come first, and of those the weightiest.
    """
    themes = rule_themes(area)
    figures = [figure for theme in themes for rule in theme.rules for figure in rule.layers]
    layers = dict.fromkeys(layer for figure in figures for layer in _layers_of(figure))
    used = [layer for layer in layers if area.has(layer)]
    described = tuple(area.meta(layer).model_dump_json() for layer in used)
    # a layer may hold a hundred thousand features, and the page asks at every look
    stamp = ("coherence", plan_stamp(area.catalogue.folder), file_stamps(area, used), described)
    return kept_of(area).get(stamp, lambda: _recomputed(area, themes))


def _layers_of(figure: LayerFigure) -> tuple[str, ...]:
    return (figure.layer, figure.to.layer) if figure.to else (figure.layer,)


def _recomputed(area: Area, themes: tuple[Theme, ...]) -> Coherence:
    findings = [
        recompute(theme, rule, measure_all(area, rule.layers))
        for theme in themes
        for rule in theme.rules
    ]
    verdicts, weights = list(Verdict), list(Weight)
    findings.sort(key=lambda f: (verdicts.index(f.verdict), weights.index(f.rule.weight)))
    return Coherence(themes, tuple(findings))


def measure_all(area: Area, figures: Iterable[LayerFigure]) -> list[Measured]:
    """Return the figures as the layers have them now; what cannot be measured says why."""
    return [_measure(area, figure) for figure in figures]


def _measure(area: Area, figure: LayerFigure) -> Measured:
    named = dict.fromkeys(_layers_of(figure))
    if not all(area.has(layer) for layer in named):
        return Measured(figure, None, ())
    metas = tuple(area.meta(layer) for layer in named)
    try:
        chosen = _chosen(area, figure.layer, figure.where.items(), figure.column)
        other = _chosen(area, figure.to.layer, figure.to.where.items()) if figure.to else chosen
        return Measured(figure, MEASURES[figure.measure].take(chosen, other), metas)
    except InputError as fault:
        return Measured(figure, None, metas, fault)


def _chosen(
    area: Area, layer_id: str, where: Iterable[tuple[str, Scalar]], column: str | None = None
) -> Chosen:
    layer = area.layer(layer_id)
    if isinstance(layer, RasterLayer):
        raise InputError("plan.measure", where=layer_id, found="features")
    return choose(layer_id, layer.data, dict(where), column)
