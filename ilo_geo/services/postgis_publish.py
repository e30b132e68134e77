"""Use case: the layers of a study area in PostGIS, whole or not at all, equal to the files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import LayerNotFoundError
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import Notice
from ilo_geo.core.schema import GeometryKind
from ilo_geo.io.catalogue import LAYER_FILE
from ilo_geo.io.catalogue import Catalogue
from ilo_geo.io.catalogue import LayerSource
from ilo_geo.io.postgis import connected
from ilo_geo.io.postgis import database_address
from ilo_geo.io.postgis import require_schema_name
from ilo_geo.io.postgis_schema import Publication
from ilo_geo.io.postgis_schema import PublishedLayer
from ilo_geo.io.postgis_schema import add_file
from ilo_geo.io.postgis_schema import add_layer
from ilo_geo.io.postgis_schema import carry_over
from ilo_geo.io.postgis_schema import describe_layer
from ilo_geo.io.postgis_schema import edited_layers
from ilo_geo.io.postgis_schema import read_publication
from ilo_geo.io.postgis_schema import start_staging
from ilo_geo.io.postgis_schema import swap_in
from ilo_geo.io.vector import file_sha256
from ilo_geo.io.vector import read_unchecked
from ilo_geo.services.areas import Area


@dataclass(frozen=True)
class PublishReport:
    """What was published where; ``kept`` are layers that an earlier publication left there."""

    where: str
    schema: str
    layers: Mapping[str, PublishedLayer]
    kept: tuple[str, ...]
    notices: tuple[Notice, ...]


def default_schema(area: Area) -> str:
    """Return the schema of an area: its name in the workspace with what SQL must quote as '_'."""
    return re.sub(r"[^a-z0-9_]+", "_", area.catalogue.workspace_id.lower())


def publish_area(
    area: Area,
    *,
    layers: Sequence[str] = (),
    schema: str | None = None,
    replace: bool = False,
    progress: Progress = silent,
) -> PublishReport:
    """Write every layer that has data to the database of ``ILO_GEO_DATABASE_URL``.

    Parameters
    ----------
    layers
        Only these; what an earlier publication has of the others stays. All by default.
    schema
        Its name; by default `default_schema`.
    replace
        Also replace rows that somebody changed in the database.

    Raises
    ------
    InputError
        No address, an unknown layer, values that PostgreSQL cannot hold, rows changed there.
    DatabaseError
        The database refuses or fails, or the schema is not ours; what was there is as it was.
    """
    address = database_address()
    name = require_schema_name(schema or default_schema(area))
    sources = chosen_sources(area.catalogue, layers)
    with connected(address, write=True) as connection:
        old = _previous(connection, name, area)
        config, workspace_id = area.config, area.catalogue.workspace_id
        staging = start_staging(
            connection, name, title=config.title, area=config.id, workspace_id=workspace_id
        )
        _add_descriptions(connection, staging, area.catalogue)
        published = {}
        for done, source in enumerate(sources):
            progress("progress.publish", done / len(sources))
            published[source.meta.id] = _add(connection, staging, source)
        kept = _make_way(connection, staging, old, published, replace=replace)
        replaced = [old.layers[i] for i in old.layers if i not in kept] if old else []
        swap_in(connection, staging, name, old, replaced)
    progress("progress.publish", 1.0)
    notices = tuple(_notices(area.catalogue, published, layers))
    return PublishReport(address.text, name, published, kept, notices)


def chosen_sources(catalogue: Catalogue, layers: Sequence[str]) -> list[LayerSource]:
    """Return the strongest source of each named layer, or of every layer that has data.

    Raises
    ------
    LayerNotFoundError
        A named layer is unknown or has no data.
    """
    sources = {layer: catalogue.source(layer) for layer in layers or catalogue.declared}
    for layer in layers:
        if sources[layer] is None:
            raise LayerNotFoundError("layer.no_data", layer=layer, where=str(catalogue.folder))
    return [source for source in sources.values() if source is not None]


def _previous(connection: psycopg.Connection, schema: str, area: Area) -> Publication | None:
    old = read_publication(connection, schema)
    expected = area.catalogue.workspace_id
    if old is not None and old.workspace_id != expected:
        found = old.workspace_id
        raise InputError("database.other_area", where=schema, found=found, expected=expected)
    return old


def _add(
    connection: psycopg.Connection, staging: Publication, source: LayerSource
) -> PublishedLayer:
    layer = PublishedLayer(meta=source.meta, origin=source.origin, sha256=file_sha256(source.path))
    if source.meta.geometry is not GeometryKind.RASTER:
        return add_layer(connection, staging, layer, read_unchecked(source))
    add_file(connection, staging, f"{source.meta.id}/{source.meta.file}", source.path.read_bytes())
    describe_layer(connection, staging, layer)
    return layer


def _add_descriptions(
    connection: psycopg.Connection, staging: Publication, catalogue: Catalogue
) -> None:
    """Keep what describes the area: every YAML of its folder."""
    paths = sorted(catalogue.folder.glob("*.yaml"))
    paths += [catalogue.folder / layer / LAYER_FILE for layer in catalogue.declared]
    for path in paths:
        # a layer somebody brought has its description in the workspace and in the table of layers
        if path.is_file():
            relative = path.relative_to(catalogue.folder).as_posix()
            add_file(connection, staging, relative, path.read_bytes())


def _make_way(
    connection: psycopg.Connection,
    staging: Publication,
    old: Publication | None,
    published: Mapping[str, PublishedLayer],
    *,
    replace: bool,
) -> tuple[str, ...]:
    """Return the layers carried over from the old publication, the others free to be dropped."""
    if old is None:
        return ()
    going = [layer for name, layer in old.layers.items() if name in published]
    staying = [layer for name, layer in old.layers.items() if name not in published]
    edited = edited_layers(connection, old, going)
    if edited and not replace:
        raise InputError("database.edited", where=old.schema, found=", ".join(edited))
    carry_over(connection, old, staging, staying)
    return tuple(layer.meta.id for layer in staying)


def _notices(
    catalogue: Catalogue, published: Mapping[str, PublishedLayer], layers: Sequence[str]
) -> Iterator[Notice]:
    for name, layer in published.items():
        if layer.spec is None:
            yield Notice("publish.raster_is_file", {"layer": name})
    for name in catalogue.declared:
        if not layers and name not in published:
            yield Notice("publish.no_data", {"layer": name})
