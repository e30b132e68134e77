"""Hands a result over to another program: which formats there are and how each table is drawn."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path

from ilo_geo.core.parameters import ParameterSpec
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.scales import Scale
from ilo_geo.core.text import Lang
from ilo_geo.green.classes import supply_scale
from ilo_geo.io.export import WRITERS
from ilo_geo.io.export import write_export

FORMATS = tuple(WRITERS)
# the class breaks of each analysis; they apply to every table with the column they classify
ANALYSIS_SCALE: dict[str, Callable[[], Scale]] = {"green": supply_scale}


# the table that a printed map and a page show first, where it exists
SHOWN_FIRST = "zones"


def export_result(
    result: AnalysisResult,
    fmt: str,
    path: Path,
    *,
    lang: Lang = "es",
    shown: str = SHOWN_FIRST,
    specs: Sequence[ParameterSpec] = (),
) -> Path:
    """Write ``result`` to ``path`` as one of `FORMATS`, as `write_export` does.

    ``shown`` is the table that a printed map draws and a page shows first, if it has classes;
    ``specs`` gives the parameters their words, the title of the population base among them.
    """
    scale = ANALYSIS_SCALE[result.analysis]() if result.analysis in ANALYSIS_SCALE else None
    drawn = [name for name, table in result.maps.items() if scale and scale.column in table]
    drawn.sort(key=lambda name: name != shown)
    scales = {name: scale for name in drawn if scale}
    return write_export(result, fmt, path, lang=lang, scales=scales, specs=specs)
