"""Opens a study area and hands out its layers, checked and in its metric CRS."""

from __future__ import annotations

import os
import threading
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import shapely
from pyproj import CRS

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.crs import require_true_to_scale
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import LayerNotFoundError
from ilo_geo.core.layer import Layer
from ilo_geo.core.layer import LayerMeta
from ilo_geo.core.layer import LayerRef
from ilo_geo.core.layer import LoadedLayer
from ilo_geo.core.layer import RasterLayer
from ilo_geo.core.layer import Status
from ilo_geo.core.layer import VectorLayer
from ilo_geo.core.schema import GeometryKind
from ilo_geo.core.study_area import AreaConfig
from ilo_geo.io.catalogue import AREA_FILE
from ilo_geo.io.catalogue import SHIPPED_AREA
from ilo_geo.io.catalogue import Catalogue
from ilo_geo.io.catalogue import LayerSource
from ilo_geo.io.catalogue import load_catalogue
from ilo_geo.io.raster import read_raster
from ilo_geo.io.vector import file_sha256
from ilo_geo.io.vector import read_features
from ilo_geo.io.vector import read_table
from ilo_geo.io.vector import read_vector
from ilo_geo.io.workspace import Workspace

# features this far outside the districts still belong to the city's surroundings
BOUNDARY_MARGIN_M = 1000.0


class Area:
    """A study area folder with its workspace; layers are read once and kept.

    A layer whose file changed on disk since it was read is read again.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._layers: dict[str, tuple[tuple[object, ...], Layer]] = {}
        self._lock = threading.RLock()

    @property
    def config(self) -> AreaConfig:
        """Return the area's configuration."""
        return self.catalogue.area

    @cached_property
    def crs(self) -> CRS:
        """Return the metric CRS all work happens in, checked to fit where the districts lie."""
        crs = CRS.from_user_input(self.config.crs)
        districts = self._source("districts")
        if districts is not None:
            frame = read_features(districts.path)
            # a file without CRS or features is refused at the layer's own door
            if frame.crs is not None and len(frame):
                bounds_deg = frame.to_crs(DISPLAY_CRS).total_bounds
                require_true_to_scale(crs, bounds_deg, where=str(self.catalogue.folder / AREA_FILE))
        return crs

    @cached_property
    def boundary(self) -> shapely.Geometry | None:
        """Return the outline of the area with a margin, or None where it has no districts."""
        if not self.has("districts"):
            return None
        return shapely.union_all(self.frame("districts").geometry).buffer(BOUNDARY_MARGIN_M)

    def has(self, layer_id: str) -> bool:
        """Return whether the layer is declared and has data."""
        return self._source(layer_id) is not None

    def meta(self, layer_id: str) -> LayerMeta:
        """Return the description of the layer that would be used."""
        return self.catalogue.meta(layer_id)

    def layer(self, layer_id: str) -> Layer:
        """Return a layer in the area's CRS.

        Raises
        ------
        LayerNotFoundError
            It is not in the catalogue, or has no data yet.
        InputError
            Its file is faulty.
        """
        source = self.catalogue.source(layer_id)
        if source is None:
            raise LayerNotFoundError(
                "layer.no_data",
                layer=layer_id,
                where=str(self.catalogue.folder),
            )
        stat = source.path.stat()
        stamp = (str(source.path), stat.st_mtime_ns, stat.st_size)
        with self._lock:
            known = self._layers.get(layer_id)
            if known is None or known[0] != stamp:
                known = (stamp, self.read(source))
                self._layers[layer_id] = known
            return known[1]

    def frame(self, layer_id: str) -> gpd.GeoDataFrame:
        """Return the features of a vector layer."""
        layer = self.layer(layer_id)
        if not isinstance(layer, VectorLayer):
            raise InputError(
                "file.empty", where=layer_id, found="features", expected="a vector layer"
            )
        return layer.data

    def raster(self, layer_id: str) -> RasterLayer:
        """Return a raster layer."""
        layer = self.layer(layer_id)
        if not isinstance(layer, RasterLayer):
            raise InputError("file.empty", where=layer_id, found="cells", expected="a raster layer")
        return layer

    def weaker_sources(self, layer_id: str) -> tuple[str, ...]:
        """Return where the data are from that the strongest source of a layer stands in for."""
        _, *weaker = self.catalogue.sources(layer_id)
        return tuple(source.meta.source for source in weaker)

    def displaces_official(self, layer_id: str) -> bool:
        """Return whether the layer in use is less than official and stands in for one that is."""
        used, *weaker = (source.meta.status for source in self.catalogue.sources(layer_id))
        return used is not Status.OFFICIAL and Status.OFFICIAL in weaker

    def refs(self, *layer_ids: str) -> tuple[LayerRef, ...]:
        """Return the provenance entries of the named layers that have data."""
        return tuple(self.layer(layer_id).ref for layer_id in layer_ids if self.has(layer_id))

    def current_ref(self, layer_id: str) -> LayerRef | None:
        """Return the provenance entry of a layer as it lies on disk now, or None without data."""
        source = self._source(layer_id)
        if source is None:
            return None
        return LoadedLayer(source.meta, file_sha256(source.path), source.origin).ref

    @property
    def configuration_sha256(self) -> str:
        """Return the fingerprint of the area's configuration as it lies on disk now."""
        return file_sha256(self.catalogue.folder / AREA_FILE)

    def _source(self, layer_id: str) -> LayerSource | None:
        """Return the strongest source, or None where the layer is not even declared."""
        declared = layer_id in self.catalogue.declared
        return self.catalogue.source(layer_id) if declared else None

    def read(self, source: LayerSource) -> Layer:
        """Return the layer of a source, checked at the door; it need not be the one in use."""
        kind = source.meta.geometry
        if kind is GeometryKind.RASTER:
            return read_raster(source, self.crs)
        if kind is GeometryKind.TABLE:
            return read_table(source)
        boundary = None if source.meta.id == "districts" else self.boundary
        return read_vector(source, self.crs, boundary=boundary)


def open_area(folder: Path | None = None, workspace: Workspace | None = None) -> Area:
    """Return the study area in ``folder``, by default the shipped one.

    Raises
    ------
    InputError
        The folder is no study area or its descriptions are faulty.
    """
    named = os.environ.get("ILO_GEO_AREA")
    chosen = folder or (Path(named) if named else SHIPPED_AREA)
    return Area(load_catalogue(chosen, workspace or Workspace.default()))
