"""Use case: vector tiles of the layers that are too large to send feature by feature.

Tiles are cut once for each content of a layer and kept in the workspace; those of a content that
is no longer there are swept away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from hashlib import sha256
from pathlib import Path
from threading import Lock

from ilo_geo.core.layer import VectorLayer
from ilo_geo.io.tiles import BUFFER
from ilo_geo.io.tiles import EXTENT
from ilo_geo.io.tiles import MAX_TILE_BYTES
from ilo_geo.io.tiles import MAX_ZOOM
from ilo_geo.io.tiles import MIN_ZOOM
from ilo_geo.io.tiles import SUFFIX
from ilo_geo.io.tiles import TileIndex
from ilo_geo.io.tiles import read_index
from ilo_geo.io.tiles import write_tiles
from ilo_geo.services.areas import Area
from ilo_geo.services.feature_table import STATUS
from ilo_geo.services.map_layers import map_spec
from ilo_geo.services.publication import public_columns

FOLDER = "tiles"
STAMP_DIGITS = 16

__all__ = ["MAX_ZOOM", "MIN_ZOOM", "AreaTiles"]


@dataclass
class AreaTiles:
    """The tiles of one study area; ``current`` gives it as it is opened now."""

    current: Callable[[], Area]
    _indexes: dict[str, TileIndex] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @property
    def area(self) -> Area:
        """Return the study area as it is opened now."""
        return self.current()

    def is_ready(self, layer_id: str) -> bool:
        """Return whether the tiles of a layer as it is now are cut."""
        return self._path(layer_id).is_file()

    def stamp(self, layer_id: str) -> str:
        """Return what changes when the tiles of a layer do."""
        layer = self._layer(layer_id)
        made_by = (MIN_ZOOM, MAX_ZOOM, EXTENT, BUFFER, MAX_TILE_BYTES, _columns(layer))
        text = repr((layer.sha256, layer.meta.status, made_by))
        return sha256(text.encode()).hexdigest()[:STAMP_DIGITS]

    def file(self, layer_id: str) -> Path:
        """Return the PMTiles file of a layer, cut if it is not there.

        Raises
        ------
        WorkspaceError
            It cannot be written, or another process is at it for too long.
        """
        path = self._path(layer_id)
        if path.is_file():
            return path
        catalogue = self.area.catalogue
        with catalogue.workspace.lock(f"{catalogue.workspace_id}-{FOLDER}-{layer_id}"):
            if not path.is_file():
                layer = self._layer(layer_id)
                columns = [*_columns(layer), layer.data.geometry.name]
                frame = layer.data[columns].assign(**{STATUS: layer.meta.status.value})
                write_tiles(frame, path, layer=layer_id)
                for old in path.parent.glob(f"{layer_id}-*{SUFFIX}"):
                    if old != path:
                        old.unlink(missing_ok=True)
        return path

    def tile(self, layer_id: str, zoom: int, column: int, row: int) -> bytes | None:
        """Return a gzipped tile of a layer, or None where there is nothing to draw."""
        path = self.file(layer_id)
        with self._lock:
            index = self._indexes.get(layer_id)
            if index is None or index.path != path:
                index = read_index(path)
                self._indexes[layer_id] = index
        return index.tile(zoom, column, row)

    def _path(self, layer_id: str) -> Path:
        catalogue = self.area.catalogue
        folder = catalogue.workspace.root / catalogue.workspace_id / FOLDER
        return folder / f"{layer_id}-{self.stamp(layer_id)}{SUFFIX}"

    def _layer(self, layer_id: str) -> VectorLayer:
        layer = self.area.layer(layer_id)
        if not isinstance(layer, VectorLayer):
            raise TypeError(layer_id)
        return layer


def _columns(layer: VectorLayer) -> list[str]:
    """Return the columns a tile carries: those the map is sent, if they are public."""
    public = public_columns(layer)
    wanted = dict.fromkeys(map_spec(layer.meta.id).columns.values())
    return [name for name in wanted if name in public and name in layer.data.columns]
