"""Controls for parameters, made from the parameters' own words and bounds; all are labelled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.i18n import Translator
from ilo_geo.core.parameters import ParameterSpec
from ilo_geo.core.units import peru_number
from ilo_geo.green.standards import CUSTOM

# a person stops typing for this long before the analysis runs
DEBOUNCE_MS = 500
# pop-ups lie above everything on the map
OVER_MAP = 2000


def info(t: Translator, subject: str, *lines: Component | str) -> Component:
    """Return an (i) button that opens ``lines``."""
    # the browser's own disclosure: mantine's pop-ups cost the page seconds at every update
    body = [line if isinstance(line, Component) else html.P(line) for line in lines if line]
    button = html.Summary("i", **{"aria-label": t("info.about", subject=subject)})
    return html.Details([button, html.Div(body, className="info-body")], className="info")


def parameter_controls(
    t: Translator, specs: Iterable[ParameterSpec], values: dict[str, Any]
) -> tuple[list[Component], list[Component]]:
    """Return the controls shown at first and those under "more options"."""
    shown: list[Component] = []
    more: list[Component] = []
    for spec in specs:
        (more if spec.text.advanced else shown).append(_control(t, spec, values[spec.name]))
    return shown, more


def _control(t: Translator, spec: ParameterSpec, value: Any) -> Component:
    title = t.of(spec.text.title)
    make = _select if spec.choices else _number
    label = html.Label(title, htmlFor=f"parameter-{spec.name}", className="control-label")
    about = info(t, title, t.of(spec.text.help), *_facts(t, spec))
    return html.Div(
        [html.Div([label, about], className="control-head"), make(t, spec, title, value)],
        className="control",
    )


def _facts(t: Translator, spec: ParameterSpec) -> list[str]:
    default = _choice_title(t, spec, spec.default) if spec.choices else f"{spec.default:g}"
    facts = [t("control.default", value=default)]
    if spec.minimum is not None and spec.maximum is not None:
        low, high = peru_number(spec.minimum, 1), peru_number(spec.maximum, 1)
        facts.append(t("control.range", low=low.removesuffix(".0"), high=high.removesuffix(".0")))
    return [*facts, t("control.source", source=spec.text.source)]


def _choice_title(t: Translator, spec: ParameterSpec, value: Any) -> str:
    return next((t.of(c.title) for c in spec.choices if c.value == value), str(value))


def _select(t: Translator, spec: ParameterSpec, title: str, value: Any) -> Component:
    data = [{"value": str(c.value), "label": t.of(c.title)} for c in spec.choices]
    if value == CUSTOM:
        data.append({"value": CUSTOM, "label": t("control.custom")})
    return dmc.Select(
        id=ids.parameter(spec.name),
        data=data,
        value=str(value),
        allowDeselect=False,
        attributes={"input": {"aria-label": title}},
        comboboxProps={"zIndex": OVER_MAP},
    )


def _number(t: Translator, spec: ParameterSpec, title: str, value: Any) -> Component:
    unit = {"suffix": f" {t.of(spec.text.unit)}"} if spec.text.unit else {}
    return dmc.NumberInput(
        id=ids.parameter(spec.name),
        value=value,
        min=spec.minimum,
        max=spec.maximum,
        step=1 if spec.integer or (spec.maximum or 0) <= 50 else 50,
        # a value out of range is refused in words, not silently bent to the limit
        clampBehavior="none",
        allowDecimal=not spec.integer,
        thousandSeparator=",",
        debounce=DEBOUNCE_MS,
        attributes={"input": {"aria-label": title}},
        **unit,
    )
