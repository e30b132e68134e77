"""Use case: load a file of the municipality as a new version of a layer, whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import geopandas as gpd
import pandas as pd

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.crs import crs_name
from ilo_geo.core.errors import InputError
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import Notice
from ilo_geo.core.schema import Column
from ilo_geo.core.text import Lang
from ilo_geo.core.text import Text
from ilo_geo.io.municipal.memory import KeptMapping
from ilo_geo.io.municipal.memory import remember
from ilo_geo.io.municipal.naming import listed
from ilo_geo.io.municipal.naming import shown
from ilo_geo.io.municipal.placing import RowFault
from ilo_geo.io.municipal.records import LoadRecord
from ilo_geo.io.municipal.records import read_records
from ilo_geo.io.municipal.records import write_record
from ilo_geo.io.municipal.rejected import ROW
from ilo_geo.io.municipal.rejected import write_rejected
from ilo_geo.io.municipal.rows import rejected_table
from ilo_geo.io.municipal.words import layer_columns
from ilo_geo.io.municipal.words import layer_words
from ilo_geo.io.vector import read_features
from ilo_geo.services.areas import Area
from ilo_geo.services.init_layers import LayerTerms
from ilo_geo.services.init_layers import NewLayer
from ilo_geo.services.init_layers import Stated
from ilo_geo.services.init_layers import given_terms
from ilo_geo.services.municipal_draft import UNREADABLE
from ilo_geo.services.municipal_draft import Draft
from ilo_geo.services.municipal_draft import ImportRequest
from ilo_geo.services.municipal_draft import read_draft
from ilo_geo.services.municipal_rows import Examined
from ilo_geo.services.municipal_rows import examine_draft
from ilo_geo.services.versions import LandReport
from ilo_geo.services.versions import NewVersion
from ilo_geo.services.versions import land

# what a description says of how the data were made; the rest concerns only who loads them
IN_DESCRIPTION = ("import.shift", "import.datum_untold", "import.placed_by_name", "import.left_out")
# numbers of rows that one line names
MAX_LISTED = 10
DTYPES = {"integer": "Int64", "number": "float64", "boolean": "boolean"}


@dataclass(frozen=True)
class Loaded:
    """What loading did: the version, and the rows it lacks."""

    report: LandReport
    n_loaded: int
    missing: tuple[int, ...]


def load(
    area: Area,
    examined: Examined,
    *,
    made: datetime,
    accept_valid: bool = False,
    progress: Progress = silent,
) -> Loaded:
    """Load an examined file as a new version of its layer.

    Parameters
    ----------
    made
        When, in UTC.
    accept_valid
        Load the rows that can be although others cannot; the description says how many lack.

    Raises
    ------
    InputError
        Rows cannot be loaded and ``accept_valid`` is not set, or none can.
    WorkspaceError
        The disk refused; what was there is kept.
    """
    require_loadable(examined, accept_valid=accept_valid)
    missing = tuple(sorted(int(str(row)) for row in examined.faults_by_row))
    record = _record(examined, missing, len(examined.table))
    loaded = _land(area, examined, examined.checked.frame, record, made, progress)
    catalogue, request = area.catalogue, examined.request
    kept = KeptMapping(pairs=_pairs(examined), constants=dict(examined.draft.constants))
    columns = [str(name) for name in examined.table.columns]
    remember(catalogue.workspace, catalogue.workspace_id, request.layer, columns, kept)
    return loaded


def join(
    area: Area,
    version: str,
    examined: Examined,
    *,
    made: datetime,
    accept_valid: bool = False,
    progress: Progress = silent,
) -> Loaded:
    """Join mended rows, see `examine_fix`, to those that an earlier load accepted.

    They join the newest version that lists of that load made, so that no list undoes another.

    Raises
    ------
    InputError
        There is no such load of the layer, rows still fail, or one has joined meanwhile.
    """
    request = examined.request
    version, record = open_load(area, version, request.layer)
    _require_still_missing(record, examined.draft)
    require_loadable(examined, accept_valid=accept_valid)
    source = area.catalogue.versions.layer_dir(version, request.layer) / "data.gpkg"
    accepted = read_features(source).to_crs(DISPLAY_CRS)
    joined = pd.concat([accepted, examined.checked.frame], ignore_index=True)
    still = _still_missing(record, examined)
    left = record.model_copy(update={"missing": still, "parent": version})
    frame = gpd.GeoDataFrame(joined, geometry="geometry", crs=DISPLAY_CRS)
    return _land(area, examined, frame, left, made, progress)


def examine_fix(
    area: Area, version: str, request: ImportRequest, progress: Progress = silent
) -> Examined:
    """Check mended rows the way those that were accepted were.

    Raises
    ------
    InputError
        There is no such load of the layer, the list does not say which row each is, or one was not
        rejected, is no longer missing or stands twice; see also `examine`.
    """
    head, record = open_load(area, version, request.layer)
    told = replace(
        request,
        crs=request.crs or record.crs,
        pairs={**record.pairs, **request.pairs},
        constants={**record.constants, **request.constants},
        source=request.source or record.source,
        licence=request.licence or record.licence,
        date=request.date or record.date,
        status=record.status,
        accuracy_m=record.accuracy_m if request.accuracy_m is None else request.accuracy_m,
        lenient=True,
    )
    progress("progress.import_read", 0.05)
    draft = read_draft(area, told)
    _require_still_missing(record, draft)
    examined = examine_draft(area, draft, progress)
    accepted = area.catalogue.versions.layer_dir(head, request.layer) / "data.gpkg"
    again = _repeated(examined, read_features(accepted))
    if not again:
        return examined
    checked = examined.checked
    frame = checked.frame[~checked.frame.index.isin({fault.row for fault in again})]
    faults = (*checked.faults, *again)
    return replace(examined, checked=replace(checked, frame=frame, faults=faults))


def _require_still_missing(record: LoadRecord, draft: Draft) -> None:
    """Refuse a list unless each of its rows is one that lacks, each once."""
    name, numbers = draft.request.name, list(draft.numbers.values())
    if not numbers:
        columns = listed(draft.table.columns)
        raise InputError("import.fix_unnumbered", where=name, found=columns, expected=ROW)
    counted = Counter(numbers)
    wrong = [n for n in counted if n not in record.missing or counted[n] > 1]
    if wrong:
        found = ", ".join("–" if n == UNREADABLE else str(n) for n in wrong[:MAX_LISTED])
        expected = ", ".join(map(str, record.missing[:MAX_LISTED]))
        raise InputError(
            "import.fix_strange", where=name, found=found, n=len(record.missing), expected=expected
        )


def _repeated(examined: Examined, accepted: pd.DataFrame) -> list[RowFault]:
    """Return the mended rows that bear the code of a row that was accepted."""
    frame = examined.checked.frame
    return [
        RowFault(row, name, str(value), Notice("import.row.repeated_there"))
        for name in layer_words(examined.request.layer).unique
        if name in frame.columns and name in accepted.columns
        for row, value in frame[name].dropna().items()
        if value in set(accepted[name])
    ]


def open_load(area: Area, version: str, layer: str) -> tuple[str, LoadRecord]:
    """Return the version that mended rows of a load join now, and how it was made.

    Raises
    ------
    InputError
        There is none of that version with rows missing.
    """
    records = _records(area)
    head = _head(area, records, version)
    open_ = {name: r for name, r in open_loads(area).items() if r.layer == layer}
    if head not in open_:
        raise InputError(
            "import.no_such_version",
            where=area.config.id,
            found=version,
            layer=layer,
            expected=", ".join(open_) or "–",
        )
    return head, open_[head]


def _records(area: Area) -> dict[str, LoadRecord]:
    return read_records(area.catalogue.workspace, area.catalogue.workspace_id)


def _head(area: Area, records: dict[str, LoadRecord], version: str) -> str:
    """Return the newest version that mended rows of a load made, or the one somebody went back to.

    ``records`` are newest first.
    """
    in_use = set(area.catalogue.versions.in_use.values())
    while version not in in_use:
        child = next((name for name, r in records.items() if r.parent == version), None)
        if child is None:
            break
        version = child
    return version


def open_loads(area: Area) -> dict[str, LoadRecord]:
    """Return the loads that lack rows, by version, newest first; each once, as it is by now."""
    records = _records(area)
    return {
        version: record
        for version, record in records.items()
        if record.missing and _head(area, records, version) == version
    }


def require_loadable(examined: Examined, *, accept_valid: bool) -> None:
    """Refuse a file whose rows fail, unless the valid ones are asked for and there are some.

    Raises
    ------
    InputError
        It names the first row that fails, and how many do.
    """
    failed = examined.faults_by_row
    if not failed:
        return
    row, faults = next(iter(failed.items()))
    name, column, n = examined.request.name, shown(faults[0].column), len(failed)
    if not len(examined.checked.frame):
        raise InputError("import.no_valid_row", where=name, n=n, row=row, column=column)
    if not accept_valid:
        n_rows = len(examined.table)
        raise InputError("import.rows_fail", where=name, n=n, all=n_rows, row=row, column=column)


def save_rejected(examined: Examined, path: Path, lang: Lang) -> None:
    """Write the rows that fail, as they came and with their reasons, to mend and send again."""
    write_rejected(rejected(examined, lang), path)


def rejected(examined: Examined, lang: Lang) -> pd.DataFrame:
    """Return the rows that fail, as they came, with their reasons."""
    reasons = {
        row: " ".join(f"{fault.column}: {fault.reason.text(lang)}" for fault in faults)
        for row, faults in examined.faults_by_row.items()
    }
    geometry = None if examined.draft.raw.geometry is None else examined.geometry
    rows = rejected_table(examined.table, geometry, reasons)
    if examined.request.lenient:
        # rows of a list keep the numbers that they have in the file they were rejected from
        rows[ROW] = [examined.draft.numbers[row] for row in rows[ROW]]
    return rows


def _land(
    area: Area,
    examined: Examined,
    frame: gpd.GeoDataFrame,
    record: LoadRecord,
    made: datetime,
    progress: Progress,
) -> Loaded:
    request = examined.request
    progress("progress.import_land", 0.7)
    optional = {
        name: column
        for name, column in layer_words(request.layer).columns.items()
        if name in frame.columns
    }
    layer = NewLayer(_typed(frame, request.layer), _terms(examined, record), optional)
    version = NewVersion(
        kind="import", source=record.file, made=made, layers={request.layer: layer}
    )
    report = land(area, version, progress=progress)
    catalogue = area.catalogue
    write_record(catalogue.workspace, catalogue.workspace_id, report.version.id, record)
    return Loaded(report, len(frame), record.missing)


def _typed(frame: gpd.GeoDataFrame, layer: str) -> gpd.GeoDataFrame:
    """Return rows with columns of the types that a file keeps."""
    columns: dict[str, Column] = layer_columns(layer)
    made = {
        name: frame[name].astype(DTYPES[columns[name].kind])
        for name in frame.columns
        if name in columns and columns[name].kind in DTYPES
    }
    return frame.assign(**made).reset_index(drop=True)


def _terms(examined: Examined, record: LoadRecord) -> LayerTerms:
    request = examined.request
    stated = Stated(request.source or record.file, request.licence, request.date)
    terms = given_terms(request.path, stated)
    notices = [notice for notice in examined.notices if notice.code in IN_DESCRIPTION]
    if request.accuracy_m is None:
        notices.append(Notice("import.accuracy_unstated"))
    if record.missing:
        fields = {"n": len(record.missing), "all": record.n_rows, "file": record.file}
        notices.append(Notice("import.still_missing", fields))
    said = _joined(notices, terms.note)
    return replace(terms, status=request.status, accuracy_m=examined.accuracy_m, note=said)


def _joined(notices: Iterable[Notice], more: Text | None) -> Text | None:
    texts = [Text(es=n.text("es"), en=n.text("en")) for n in notices] + ([more] if more else [])
    if not texts:
        return None
    return Text(es=" ".join(t.es for t in texts), en=" ".join(t.en for t in texts))


def _record(examined: Examined, missing: tuple[int, ...], n_rows: int) -> LoadRecord:
    request = examined.request
    terms = given_terms(request.path, Stated(request.source, request.licence, request.date))
    return LoadRecord(
        file=request.name,
        layer=request.layer,
        n_rows=n_rows,
        missing=missing,
        crs=crs_name(examined.crs),
        pairs=_pairs(examined),
        constants=dict(examined.draft.constants),
        source=request.source or request.name,
        licence=terms.licence,
        date=terms.date,
        status=request.status,
        accuracy_m=request.accuracy_m,
    )


def _pairs(examined: Examined) -> dict[str, str]:
    mapping = examined.mapping
    return {
        **{theirs: ours for theirs, ours in mapping.columns.items() if not theirs.startswith("=")},
        **{theirs: what for what, theirs in mapping.coordinates.items()},
    }


def _still_missing(record: LoadRecord, examined: Examined) -> tuple[int, ...]:
    """Return the rows that lack yet: those of the list that did not come back mended."""
    numbers = examined.draft.numbers
    mended = {numbers[row] for row in examined.checked.frame.index}
    return tuple(number for number in record.missing if number not in mended)
