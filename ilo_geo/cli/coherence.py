"""``ilo-geo coherence``: the plan's figures against each other and against the layers."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ilo_geo.cli.options import AreaOption
from ilo_geo.cli.options import JsonOption
from ilo_geo.cli.options import print_json
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.results import plain
from ilo_geo.core.text import LANGS
from ilo_geo.core.text import Lang
from ilo_geo.services.areas import open_area
from ilo_geo.services.coherence import Coherence
from ilo_geo.services.coherence import RuleReport
from ilo_geo.services.coherence import coherence as recompute
from ilo_geo.services.coherence import require_rules
from ilo_geo.services.coherence import word
from ilo_geo.services.coherence_files import PARTS
from ilo_geo.services.coherence_files import summary_line
from ilo_geo.services.coherence_files import write_coherence

ThemeOption = Annotated[str | None, typer.Option(help="Only the rules of this theme.")]
VerdictOption = Annotated[
    str | None, typer.Option(help="Only: contradiction, notice, coherent or no_data.")
]
RuleOption = Annotated[str | None, typer.Option(help="Only this rule, opened to its arithmetic.")]
OutOption = Annotated[Path | None, typer.Option(help="Write a file: .csv or .html.")]
LangOption = Annotated[str, typer.Option(help="Language: es or en.")]


def coherence(
    area: AreaOption = None,
    theme: ThemeOption = None,
    verdict: VerdictOption = None,
    rule: RuleOption = None,
    json: JsonOption = False,
    out: OutOption = None,
    lang: LangOption = "es",
) -> None:
    """Recompute the rules of the plan: what it says, what follows, what the layers say."""
    if lang not in LANGS:
        expected = ", ".join(LANGS)
        raise ParameterError("parameter.invalid", where="--lang", found=lang, expected=expected)
    opened = open_area(area)
    require_rules(opened)
    found = recompute(opened).only(theme, verdict, rule)
    if out is not None:
        title = opened.config.title
        write_coherence(found, out.suffix.lstrip("."), out, lang=lang, title=title)
    if json:
        print_json(_document(opened.config.id, found, lang))
        return
    typer.echo(summary_line(found, lang))
    for report in found.reports(lang):
        marks = f"{report.verdict_title:14} {report.weight_title:18}"
        typer.echo(f"{report.id:4} {marks} {report.title}")
        if rule is not None:
            _open(report, lang)


def _open(report: RuleReport, lang: Lang) -> None:
    for part in PARTS:
        lines = report.part(part)
        if lines:
            typer.echo(f"  {word('parts', part, lang)}")
        for line in lines:
            value = f"{line.value} {line.unit}".rstrip()
            shown = f"{line.arithmetic} = {value}" if line.part == "steps" else value
            if line.part == "checks":
                shown = f"{line.arithmetic} {value}"
            quotation = f"«{line.quotation}»" if line.quotation else ""
            about = "; ".join(filter(None, (line.source, line.year, quotation, line.mark)))
            typer.echo(f"    {line.title}: {shown}" + (f"  [{about}]" if about else ""))
    for sentence in filter(None, (report.meaning, report.note)):
        typer.echo(f"  {sentence}")


def _document(area: str, found: Coherence, lang: Lang) -> dict[str, object]:
    rules = [asdict(report) for report in found.reports(lang)]
    document: dict[str, object] = plain(
        {"area": area, "n_rules": len(rules), "verdicts": found.counts, "rules": rules}
    )
    return document
