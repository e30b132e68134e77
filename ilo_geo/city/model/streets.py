"""Streets: a grid in every sector, avenues between them, one noded network.

Lines are cut at every crossing with one snapping grid, so streets that meet share the very same
coordinates, and a walking network can be built from equality.
"""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely import affinity

from ilo_geo.city.model.parameters import CityModel
from ilo_geo.city.model.parameters import Fabric

NODE_GRID_M = 0.01
# a street end shorter than this leads nowhere and is left out
STUB_M = 60.0
# a grid street is not drawn closer than this share of a block to the sector's limit
EDGE_CLEARANCE = 0.35
VERTEX_SPACING_M = 40.0
# of streets on the same ground the first class names the ground
CLASS_RANK = ["primary", "secondary", "tertiary", "steps", "footway", "residential", "service"]
WALK_ONLY = ("steps", "footway")


def street_network(
    sectors: gpd.GeoDataFrame, model: CityModel, road: shapely.LineString
) -> gpd.GeoDataFrame:
    """Return the streets of the city, cut at every crossing.

    Returns
    -------
    streets
        Columns ``street_class, name, walk, drive, oneway, width_m, sector``.
    """
    source = pd.concat([_connections(model, road), _sector_lines(sectors, model)])
    source = gpd.GeoDataFrame(source.reset_index(drop=True), crs=sectors.crs)
    source = _with_access(source, sectors, road)
    noded = shapely.union_all(source.geometry.to_numpy(), grid_size=NODE_GRID_M)
    pieces = _without_stubs(shapely.get_parts(noded))
    streets = _without_closed(_attributed(pieces, source), model)
    streets["width_m"] = streets["street_class"].map(model.avenue_width_m)
    streets["drive"] = ~streets["street_class"].isin(WALK_ONLY)
    streets["walk"] = True
    return _largest_component(streets)


def _connections(model: CityModel, road: shapely.LineString) -> pd.DataFrame:
    rows = [(c.street_class, c.name, shapely.LineString(c.path)) for c in model.connections]
    rows.append(("tertiary", model.hamlets.road_name, road))
    frame = pd.DataFrame(rows, columns=["street_class", "name", "geometry"])
    return frame.assign(direction=0, sector=None)


def _sector_lines(sectors: gpd.GeoDataFrame, model: CityModel) -> pd.DataFrame:
    rng = np.random.default_rng(model.rng_key("streets"))
    rows = []
    for sector in sectors.itertuples():
        street_class = "residential" if sector.urban else "service"
        ring = shapely.LineString(sector.geometry.exterior.coords)
        rows.append((street_class, None, ring, 0, sector.id))
        if sector.urban:
            rows += [
                (street_class, None, line, direction, sector.id)
                for line, direction in _grid(sector.geometry, sector.fabric, rng)
            ]
    return pd.DataFrame(rows, columns=["street_class", "name", "geometry", "direction", "sector"])


def _grid(
    outline: shapely.Polygon, fabric: Fabric, rng: np.random.Generator
) -> list[tuple[shapely.LineString, int]]:
    """Return grid lines inside ``outline`` with their one-way direction (0 for both)."""
    centre = outline.centroid
    # blocks lie along x of the local frame
    turn_deg = fabric.azimuth_deg - 90
    local = affinity.rotate(outline, turn_deg, origin=centre)
    west, south, east, north = local.bounds
    length_m = fabric.block_length_m + fabric.street_width_m
    depth_m = fabric.block_depth_m + fabric.street_width_m
    across = [((x, south), (x, north)) for x in _ticks(west, east, length_m)]
    along = [((west, y), (east, y)) for y in _ticks(south, north, depth_m)]
    bend = _bend(fabric.irregularity_m, rng)
    return [
        (affinity.rotate(part, -turn_deg, origin=centre), _direction(number, fabric))
        for lines, step_m in ((across, length_m), (along, depth_m))
        for number, ends in enumerate(lines)
        for part in _inside(shapely.transform(_line(ends, fabric), bend), local, step_m)
    ]


def _line(ends: tuple[tuple[float, float], ...], fabric: Fabric) -> shapely.LineString:
    """Return a straight street, with vertices to bend it by where the fabric is irregular."""
    line = shapely.LineString(ends)
    return shapely.segmentize(line, VERTEX_SPACING_M) if fabric.irregularity_m else line


def _direction(number: int, fabric: Fabric) -> int:
    if not fabric.oneway:
        return 0
    return 1 if number % 2 else -1


def _inside(
    line: shapely.LineString, local: shapely.Polygon, step_m: float
) -> list[shapely.LineString]:
    """Return the parts inside the sector that do not skirt its limit, which makes slivers."""
    core = local.buffer(-EDGE_CLEARANCE * step_m)
    parts = shapely.get_parts(shapely.intersection(line, local))
    within = shapely.length(shapely.intersection(parts, core))
    return list(parts[within > 0.5 * np.minimum(step_m, shapely.length(parts))])


def _ticks(low: float, high: float, step: float) -> np.ndarray:
    """Return positions about ``step`` apart that leave equal margins at both ends."""
    count = max(1, round((high - low) / step))
    return low + (high - low) / count * np.arange(1, count)


def _bend(amplitude_m: float, rng: np.random.Generator) -> Callable[[np.ndarray], np.ndarray]:
    """Return a smooth displacement of coordinates of at most ``amplitude_m`` an axis."""
    phase = rng.uniform(0, 2 * np.pi, 4)
    wave_m = rng.uniform(350, 600, 4)

    def bend(xy: np.ndarray) -> np.ndarray:
        x, y = xy.T
        wave = np.sin(2 * np.pi * np.array([x, y, x, y]).T / wave_m + phase).T
        moved: np.ndarray = xy + amplitude_m / 2 * np.column_stack(
            [wave[0] + wave[1], wave[2] + wave[3]]
        )
        return moved

    return bend


def _with_access(
    source: gpd.GeoDataFrame, sectors: gpd.GeoDataFrame, road: shapely.LineString
) -> gpd.GeoDataFrame:
    """Return ``source`` with a lane from each sector that touches no avenue to the valley road."""
    avenues = source.loc[source["sector"].isna(), "geometry"].union_all()
    apart = sectors[sectors.distance(avenues) > 0]
    lanes = [
        shapely.LineString([shapely.shortest_line(ring, road).coords[i] for i in (0, 1)])
        for ring in apart.exterior
    ]
    rows = gpd.GeoDataFrame(
        {"street_class": "service", "name": None, "direction": 0, "sector": None},
        index=range(len(lanes)),
        geometry=lanes,
        crs=source.crs,
    )
    return pd.concat([source, rows], ignore_index=True)


def _endpoint_ids(pieces: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the node numbers of each piece's two ends and how many nodes there are."""
    ends = np.concatenate(
        [
            shapely.get_coordinates(shapely.get_point(pieces, 0)),
            shapely.get_coordinates(shapely.get_point(pieces, -1)),
        ]
    )
    nodes, number = np.unique(ends, axis=0, return_inverse=True)
    return number.reshape(2, -1).T, len(nodes)


def _without_stubs(pieces: np.ndarray) -> np.ndarray:
    while True:
        ends, n_nodes = _endpoint_ids(pieces)
        degree = np.bincount(ends.ravel(), minlength=n_nodes)
        stub = (degree[ends] == 1).any(axis=1) & (shapely.length(pieces) < STUB_M)
        if not stub.any():
            return pieces
        pieces = pieces[~stub]


def _attributed(pieces: np.ndarray, source: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the pieces with the attributes of the highest-ranking line they lie on."""
    middles = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    tree = shapely.STRtree(source.geometry.to_numpy())
    piece, line = tree.query(middles, predicate="dwithin", distance=10 * NODE_GRID_M)
    rank = source["street_class"].map(CLASS_RANK.index).to_numpy()[line]
    order = np.lexsort((line, rank, piece))
    first = pd.Series(line[order]).groupby(piece[order]).first()
    chosen = source.iloc[first.reindex(range(len(pieces)))].reset_index(drop=True)
    chosen = chosen.set_geometry(gpd.GeoSeries(pieces, crs=source.crs))
    against = _runs_against(pieces, source.geometry.to_numpy()[first.to_numpy()])
    sense = chosen["direction"].to_numpy() * np.where(against, -1, 1)
    chosen["oneway"] = pd.Series(sense).map({0: "both", 1: "forward", -1: "backward"})
    return chosen.drop(columns="direction")


def _without_closed(streets: gpd.GeoDataFrame, model: CityModel) -> gpd.GeoDataFrame:
    """Return the streets less the one nearest to each park of two blocks."""
    local = streets[streets["street_class"] == "residential"]
    sites = shapely.points([park.at for park in model.green.large_parks])
    nearest = local.sindex.nearest(sites, return_all=False)[1]
    return streets.drop(index=local.index[nearest])


def _runs_against(pieces: np.ndarray, lines: np.ndarray) -> np.ndarray:
    start, end = (shapely.line_locate_point(lines, shapely.get_point(pieces, i)) for i in (0, -1))
    against: np.ndarray = end < start
    return against


def _largest_component(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    ends, n_nodes = _endpoint_ids(streets.geometry.to_numpy())
    graph = coo_array((np.ones(len(ends)), ends.T), shape=(n_nodes, n_nodes))
    _, component = connected_components(graph, directed=False)
    largest = np.bincount(component[ends[:, 0]]).argmax()
    return streets[component[ends[:, 0]] == largest].reset_index(drop=True)
