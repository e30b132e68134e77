"""A rule of the plan opened to its arithmetic: quotation, steps, layers, others, checks."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dash_app.i18n import Translator
from ilo_geo.services.coherence import Line
from ilo_geo.services.coherence import RuleReport
from ilo_geo.services.coherence import word

# parts that a rule may lack; what the layers say is told even where they say nothing
PARTS = ("says", "steps", "layers", "others", "checks")
ALWAYS = "layers"


def rule_sheet(t: Translator, report: RuleReport) -> Component:
    """Return a rule that opens: its verdict in sight, its arithmetic inside."""
    head = html.Summary(
        [
            html.Span(report.id, className="rule-id"),
            html.Span(report.title, className="rule-title"),
            html.Span(
                [
                    html.Span(report.verdict_title, className=f"verdict verdict-{report.verdict}"),
                    html.Span(report.weight_title, className="unit"),
                ],
                className="rule-marks",
            ),
        ]
    )
    meaning = [html.P(words) for words in (report.meaning, report.note) if words]
    parts = [block for part in PARTS for block in _part(t, report, part)]
    return html.Details(
        [head, html.Div([*meaning, *parts], className="rule-body")], className="rule"
    )


def _part(t: Translator, report: RuleReport, part: str) -> list[Component]:
    lines = report.part(part)
    if not lines and part != ALWAYS:
        return []
    title = html.H3(word("parts", part, t.lang))
    if not lines:
        return [title, html.P(word("labels", "nothing", t.lang), className="help")]
    return [title, html.Ul([_line(line) for line in lines], className="rule-lines")]


def _line(line: Line) -> Component:
    value = html.B(f"{line.value} {line.unit}".rstrip(), className=f"state-{line.state or 'known'}")
    sum_ = [html.Span(line.arithmetic, className="rule-sum")] if line.arithmetic else []
    if line.part == "steps":
        sum_.append(html.Span("=", className="rule-sum"))
    about = ", ".join(filter(None, (line.source, line.year)))
    return html.Li(
        [
            html.Span(line.title, className="line-title"),
            html.Span([*sum_, value], className="line-value"),
            *([html.Q(line.quotation)] if line.quotation else []),
            *[html.Span(words, className="line-about") for words in (about, line.mark) if words],
        ]
    )
