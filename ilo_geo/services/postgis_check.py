"""Use case: read a publication back and say where it differs from the files."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import shapely

from ilo_geo.core.errors import InputError
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import Notice
from ilo_geo.core.schema import row_names
from ilo_geo.io.catalogue import LayerSource
from ilo_geo.io.postgis import connected
from ilo_geo.io.postgis import database_address
from ilo_geo.io.postgis import require_schema_name
from ilo_geo.io.postgis_schema import Publication
from ilo_geo.io.postgis_schema import read_files
from ilo_geo.io.postgis_schema import read_layer
from ilo_geo.io.postgis_schema import read_publication
from ilo_geo.io.postgis_schema import schemas_of_ours
from ilo_geo.io.vector import read_unchecked
from ilo_geo.services.areas import Area
from ilo_geo.services.postgis_publish import chosen_sources
from ilo_geo.services.postgis_publish import default_schema


@dataclass(frozen=True)
class CheckReport:
    """Rows compared a layer (0 for a raster), and every difference found."""

    schema: str
    n_rows: Mapping[str, int]
    differences: tuple[Notice, ...]


def check_publication(
    area: Area,
    *,
    layers: Sequence[str] = (),
    schema: str | None = None,
    progress: Progress = silent,
) -> CheckReport:
    """Compare what the database holds with the files, row by row and to the bit.

    Raises
    ------
    InputError
        There is no such publication, or columns there are no longer as published.
    """
    name = require_schema_name(schema or default_schema(area))
    sources = chosen_sources(area.catalogue, layers)
    n_rows: dict[str, int] = {}
    differences: list[Notice] = []
    with connected(database_address()) as connection:
        publication = require_publication(connection, name)
        for done, source in enumerate(sources):
            progress("progress.read_database", done / len(sources))
            n, found = _compare(connection, publication, source)
            n_rows[source.meta.id] = n
            differences += found
    return CheckReport(name, n_rows, tuple(differences))


def require_publication(connection: psycopg.Connection, schema: str) -> Publication:
    """Return the publication in ``schema``, or raise `InputError` with the names of those there."""
    publication = read_publication(connection, schema)
    if publication is None:
        expected = ", ".join(schemas_of_ours(connection)) or "–"
        raise InputError("database.no_publication", found=schema, expected=expected)
    return publication


def _compare(
    connection: psycopg.Connection, publication: Publication, source: LayerSource
) -> tuple[int, list[Notice]]:
    name = source.meta.id
    layer = publication.layers.get(name)
    if layer is None:
        return 0, [Notice("publish.absent", {"layer": name})]
    if layer.spec is None:
        path = f"{name}/{layer.meta.file}"
        same = read_files(connection, publication).get(path) == source.path.read_bytes()
        return 0, [] if same else [Notice("publish.bytes_differ", {"layer": name})]
    found = read_layer(connection, publication, layer)
    return len(found), list(frame_differences(name, read_unchecked(source), found))


def frame_differences(layer: str, file: pd.DataFrame, database: pd.DataFrame) -> Iterator[Notice]:
    """Yield every difference between a layer's rows in the file and in the database.

    Rows are the same row where their numbers are. Numbers and coordinates must agree to the bit.
    """
    unlike = [
        name
        for name in dict.fromkeys([*file.columns, *database.columns])
        if name not in file or name not in database or file[name].dtype != database[name].dtype
    ]
    if getattr(file, "crs", None) != getattr(database, "crs", None):
        unlike.append("CRS")
    if unlike:
        found = ", ".join(map(str, unlike))
        yield Notice("publish.columns_differ", {"layer": layer, "found": found})
    for place, here, there in (("PostGIS", file, database), ("file", database, file)):
        absent = pd.Series(~here.index.isin(there.index), index=here.index)
        if absent.any():
            where = {"n": int(absent.sum()), "place": place, "rows": row_names(absent)}
            yield Notice("publish.rows_absent", {"layer": layer, **where})
    common = file.index.intersection(database.index)
    for name in file.columns:
        if name not in unlike:
            differs = _differs(file.loc[common, name], database.loc[common, name])
            if differs.any():
                rows = row_names(pd.Series(differs, index=common))
                about = {"column": str(name), "n": int(differs.sum()), "rows": rows}
                yield Notice("publish.values_differ", {"layer": layer, **about})


def _differs(first: pd.Series, second: pd.Series) -> np.ndarray:
    if isinstance(first.dtype, gpd.array.GeometryDtype):
        one, other = (_encoded(shapes) for shapes in (first, second))
        differs: np.ndarray = one != other
        return differs
    missing, missing_too = first.isna().to_numpy(), second.isna().to_numpy()
    equal = np.asarray(first.astype(object).to_numpy() == second.astype(object).to_numpy())
    both: np.ndarray = (missing != missing_too) | (~missing & ~missing_too & ~equal.astype(bool))
    return both


def _encoded(shapes: pd.Series) -> Any:
    return shapely.to_wkb(np.asarray(shapes.array, dtype=object), include_srid=False)
