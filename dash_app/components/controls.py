"""Controls for parameters, made from the parameters' own words and bounds; all are labelled."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from typing import Any

import dash_mantine_components as dmc
from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.i18n import Translator
from dash_app.state import View
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


def asked(view: View) -> Component:
    """Return what tells the analysis to run: which one, and the parameters of the address."""
    analysis, *also = view.analyses or ("",)
    data = {"analysis": analysis, "also": also, "asked": view.asked}
    return dcc.Store(id=ids.ASKED, data=data)


def parameter_controls(
    t: Translator, specs: Iterable[ParameterSpec], values: dict[str, Any]
) -> tuple[list[Component], list[Component]]:
    """Return the controls shown at first and those under "more options"."""
    shown: list[Component] = []
    more: list[Component] = []
    for spec in specs:
        if isinstance(spec.default, dict | list | tuple):
            # a whole table of values is set in a file, not in a box
            continue
        (more if spec.text.advanced else shown).append(_control(t, spec, values[spec.name]))
    return shown, more


def control_label(t: Translator, spec: ParameterSpec) -> Component:
    """Return the name of a parameter, its mark if it is quoted from memory, and its (i)."""
    title = t.of(spec.text.title)
    mark = []
    if _unverified(spec):
        mark = [" ", html.Abbr(t("control.nv"), title=t("control.nv_about"))]
    about = info(t, title, t.of(spec.text.help), *_facts(t, spec))
    return html.Span(
        [html.Span([title, *mark], className="control-label"), about], className="control-name"
    )


def _control(t: Translator, spec: ParameterSpec, value: Any) -> Component:
    make = _maker(spec)
    title = t.of(spec.text.title)
    head = html.Div(control_label(t, spec), className="control-head")
    return html.Div([head, make(t, spec, title, value)], className="control")


def _maker(spec: ParameterSpec) -> Callable[[Translator, ParameterSpec, str, Any], Component]:
    if spec.choices:
        return _select
    if isinstance(spec.default, bool):
        return _switch
    return _text if isinstance(spec.default, str) else _number


def _text(_t: Translator, spec: ParameterSpec, title: str, value: Any) -> Component:
    return dmc.TextInput(
        id=ids.parameter(spec.name),
        value=value,
        debounce=DEBOUNCE_MS,
        attributes={"input": {"aria-label": title}},
    )


def _facts(t: Translator, spec: ParameterSpec) -> list[str]:
    default = _choice_title(t, spec, spec.default)
    facts = [t("control.default", value=default)]
    if spec.minimum is not None and spec.maximum is not None:
        low, high = peru_number(spec.minimum, 1), peru_number(spec.maximum, 1)
        facts.append(t("control.range", low=low.removesuffix(".0"), high=high.removesuffix(".0")))
    source = [t("control.source", source=spec.text.source)]
    return [*facts, *source, *([t("control.nv_about")] if _unverified(spec) else [])]


def _unverified(spec: ParameterSpec) -> bool:
    """Return whether the default was quoted from memory."""
    return spec.text.verified == "NV"


def _choice_title(t: Translator, spec: ParameterSpec, value: Any) -> str:
    if isinstance(value, bool):
        return t("control.yes" if value else "control.no")
    if value is None:
        return t("control.automatic")
    titles = (t.of(c.title) for c in spec.choices if c.value == value)
    return next(titles, f"{value:g}" if isinstance(value, int | float) else str(value))


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


def _switch(t: Translator, spec: ParameterSpec, title: str, value: Any) -> Component:
    words = (("true", t("control.yes")), ("false", t("control.no")))
    return dmc.Select(
        id=ids.parameter(spec.name),
        data=[{"value": value, "label": label} for value, label in words],
        value=str(value).lower(),
        allowDeselect=False,
        attributes={"input": {"aria-label": title}},
        comboboxProps={"zIndex": OVER_MAP},
    )


def _number(t: Translator, spec: ParameterSpec, title: str, value: Any) -> Component:
    unit = {"suffix": f" {t.of(spec.text.unit)}"} if spec.text.unit else {}
    return dmc.NumberInput(
        id=ids.parameter(spec.name),
        value=value,
        placeholder=t("control.automatic") if spec.default is None else None,
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
