"""The form of a proposal: its shape, what it says of itself, what others changed meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.controls import OVER_MAP
from dash_app.components.proposal_list import PATH
from dash_app.components.proposal_words import soles
from dash_app.i18n import Translator
from ilo_geo.core.text import Text
from ilo_geo.core.units import MISSING
from ilo_geo.proposals.changes import SAID
from ilo_geo.proposals.changes import Change
from ilo_geo.proposals.rulebook import rulebook

FIRST_KIND = "park"
FORMS = ("point", "line", "polygon")
SOLES = ("cost_min_soles", "cost_max_soles")
FILES = ".geojson,.json,.kml,.kmz,.gpkg,.zip"


def editor(
    t: Translator, record: Mapping[str, Any], shape: Mapping[str, Any] | None
) -> list[Component]:
    """Return the form, filled with a proposal as it is, or empty for a new one."""
    new = "number" not in record
    number = record.get("number", "")
    back = t("proposals.back") if new else t("compare.back", n=number)
    title = t("edit.new") if new else t("edit.title", n=number)
    return [
        dcc.Link(back, href=t.link(PATH if new else f"{PATH}/{number}"), className="back"),
        html.H1(title),
        dcc.Store(id=ids.SHAPE, data=shape),
        dcc.Store(id=ids.EDIT_BASE, data=base_of(record, shape)),
        html.Section([html.H2(t("edit.shape")), *_shape(t, record.get("kind", FIRST_KIND))]),
        html.Section(
            [html.H2(t("edit.what")), *_fields(t, record)],
            className="proposal-fields",
        ),
        html.Div(id=ids.EDIT_SAID, role="alert"),
        html.Button(
            t("edit.save_new") if new else t("edit.save"),
            id=ids.EDIT_SAVE,
            n_clicks=0,
            className="button primary",
        ),
        html.P(t("edit.draft_note") if new else t("edit.version_note"), className="help"),
    ]


def base_of(record: Mapping[str, Any], shape: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what an editor has before them: which version of which proposal, and its values."""
    names = (*SAID, "version", "number", "id")
    return {**{name: record[name] for name in names if name in record}, "shape": shape}


def _fields(t: Translator, record: Mapping[str, Any]) -> list[Component]:
    book, limits = rulebook(), rulebook().limits
    kinds = [{"value": k, "label": t.of(kind.title)} for k, kind in book.kinds.items()]
    commitments = [
        {"value": c, "label": f"{c} · {t.of(title)}"} for c, title in book.commitments.items()
    ]
    money = [
        dmc.NumberInput(
            id=ids.edit_field(name),
            value="" if record.get(name) is None else record[name],
            label=t(f"edit_field.{name}"),
            prefix="S/ ",
            thousandSeparator=",",
            allowDecimal=False,
            allowNegative=False,
            hideControls=True,
        )
        for name in SOLES
    ]
    return [
        _select(t, "kind", kinds, record.get("kind", FIRST_KIND)),
        _line(t, "title", record, limits.title_letters, required=True),
        dmc.Textarea(
            id=ids.edit_field("description"),
            value=record.get("description", ""),
            label=t("edit_field.description"),
            autosize=True,
            minRows=4,
            maxRows=16,
            attributes={"input": {"maxLength": limits.text_letters}},
        ),
        html.Div(money, className="two-fields"),
        html.P(t("edit.cost_note"), className="help"),
        _line(t, "funds_source", record, limits.short_letters),
        _line(t, "invierte_code", record, limits.short_letters),
        _line(t, "office", record, limits.short_letters),
        _select(t, "commitment", commitments, record.get("commitment") or None, clearable=True),
    ]


def _line(
    t: Translator, name: str, record: Mapping[str, Any], letters: int, *, required: bool = False
) -> Component:
    return dmc.TextInput(
        id=ids.edit_field(name),
        value=record.get(name, ""),
        label=t(f"edit_field.{name}"),
        attributes={"input": {"maxLength": letters}},
        withAsterisk=required,
    )


def _select(
    t: Translator,
    name: str,
    choices: list[dict[str, str]],
    value: str | None,
    *,
    clearable: bool = False,
) -> Component:
    return dmc.Select(
        id=ids.edit_field(name),
        data=choices,
        value=value,
        label=t(f"edit_field.{name}"),
        allowDeselect=False,
        clearable=clearable,
        searchable=clearable,
        placeholder=t("edit.none") if clearable else "",
        comboboxProps={"zIndex": OVER_MAP},
        **({"clearButtonProps": {"aria-label": t("edit.none")}} if clearable else {}),
    )


def _shape(t: Translator, kind: str) -> list[Component]:
    """Return the ways to give a proposal its shape; assets/proposals.js draws."""
    words = {f"data-{key}": t(f"draw.{key}") for key in DRAWING}
    return [
        html.Div(forms(t, kind), id=ids.SHAPE_FORMS),
        html.P(id=ids.SHAPE_SAID, className="shape-said", role="status", **words),
        _bar(t),
        html.Details(
            [
                html.Summary(t("edit.coordinates")),
                dmc.Textarea(
                    id=ids.SHAPE_TEXT,
                    value="",
                    label=t("edit.coordinates_label"),
                    description=t("edit.coordinates_help"),
                    autosize=True,
                    minRows=3,
                    maxRows=8,
                    className="coordinates",
                ),
                html.Div(
                    [
                        html.Button(
                            t(f"edit_as.{form}"),
                            id={"type": ids.SHAPE_TYPED, "form": form},
                            n_clicks=0,
                            className="button",
                        )
                        for form in FORMS
                    ],
                    className="buttons",
                ),
            ],
            className="fold",
        ),
        html.Details(
            [
                html.Summary(t("edit.file")),
                html.Button(
                    [
                        html.B(t("edit.choose_file")),
                        html.Span(t("edit.file_kinds"), className="help"),
                    ],
                    id="shape-file",
                    className="upload-zone",
                    **{"data-accept": FILES},
                ),
                html.Ul(
                    id="shape-offered", className="offered", **{"aria-label": t("edit.offered")}
                ),
            ],
            className="fold",
        ),
    ]


# what the drawing says while one draws
DRAWING = (
    "none", "has_point", "has_line", "has_polygon", "has_other", "next", "close", "placed", "few",
    "sending", "failed", "choose",
)  # fmt: skip
# what one can press while one draws, each also without a mouse
BAR = ("here", "undo", "finish", "cancel")


def forms(t: Translator, kind: str) -> list[Component]:
    """Return the buttons that begin a shape: those that a kind of proposal may have."""
    known = rulebook().kinds
    may = known[kind].shapes if kind in known else FORMS
    buttons = [
        html.Button(t(f"draw.{form}"), className="button draw", **{"data-draw": form})
        for form in FORMS
        if form in may
    ]
    return [html.Div(buttons, className="buttons draw-forms")]


def _bar(t: Translator) -> Component:
    return html.Div(
        [
            html.P(className="draw-hint", role="status"),
            html.Div(
                [
                    html.Button(t(f"draw.{act}"), className="button", **{"data-draw": act})
                    for act in BAR
                ],
                className="buttons",
            ),
        ],
        id="draw-bar",
        className="draw-bar",
        hidden=True,
        role="group",
        **{"aria-label": t("draw.about")},
    )


def conflict(
    t: Translator, changed: Iterable[Change], moved: bool, typed: Mapping[str, Any]
) -> list[Component]:
    """Return what somebody else changed while one edited; what was typed stays in the form."""
    rows = [
        html.Tr(
            [
                html.Th(t(f"edit_field.{one.field}"), scope="row"),
                html.Td(told(t, one.field, one.seen)),
                html.Td(told(t, one.field, one.now)),
                html.Td(told(t, one.field, typed.get(one.field))),
            ]
        )
        for one in changed
    ]
    heads = [t("edit.field"), t("edit.was"), t("edit.theirs"), t("edit.yours")]
    table = html.Table(
        [html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])), html.Tbody(rows)],
        className="plain-table conflict",
    )
    return [
        html.Div(
            [
                html.P(html.B(t("edit.conflict"))),
                html.P(t("edit.conflict_about")),
                *([html.Div(table, className="table-scroll", tabIndex=0)] if rows else []),
                *([html.P(t("edit.moved"))] if moved else []),
                *([html.P(t("edit.same_words"))] if not rows and not moved else []),
            ],
            className="notice notice-stale",
        )
    ]


def told(t: Translator, name: str, value: Any) -> str:
    """Return the value of a field in words."""
    if value in (None, ""):
        return MISSING
    if name in SOLES:
        return soles(value) if isinstance(value, int | float) else str(value)
    words: Mapping[str, Text] = {
        "kind": {k: kind.title for k, kind in rulebook().kinds.items()},
        "commitment": rulebook().commitments,
    }.get(name, {})
    return t.of(words[value]) if value in words else str(value)
