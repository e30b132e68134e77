"""Write the shipped layers of Ilo from the facts: the same facts give the same bytes.

::

    python scripts/build_layers.py --facts ../shared/facts

Descriptions (``layers/<id>/layer.yaml``) are kept by hand; this writes the data beside them, as
GeoJSON in WGS 84 with six decimals (about 0.1 m), one feature a line, so that a diff can be read.
"""

import argparse
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
from shapely.ops import substring

REPOSITORY = Path(__file__).resolve().parents[1]
DECIMALS = 6
# slivers between districts that were simplified one by one reach some 60 m
GAP_WIDTH_DEG = 0.002
SNAP_DEG = 1e-5
POPULATION_COLUMNS = {
    "plan_2015": (2015, "plan"),
    "inei_2020": (2020, "INEI density x area"),
    "census_2017": (2017, "census 2017 (city; secondary source)"),
}
# layer: (facts file, columns to rename)
POINT_LAYERS: dict[str, tuple[str, dict[str, str]]] = {
    "health": ("health_facilities.csv", {}),
    "fuel_stations": ("fuel_stations.csv", {"operator": "name"}),
    "settlements": ("settlements.csv", {}),
    "tourist_resources": ("tourist_resources.csv", {}),
    "places": ("places.csv", {}),
    "earthquakes": ("earthquakes_m55.csv", {}),
    "spot_heights": ("elevation_30s.csv", {}),
}
# layers that are one place of the gazetteer
PLACE_LAYERS = {
    "reserve": "punta_coles",
    "tanks": "petroperu_terminal",
    "municipal": "palacio_municipal",
}
POLICE_PREFIX = "comisaria_"
STREET_PREFIX = "street_axis_"
# Trouble spots declared about 2016, of which the facts know a place: id, name, facts file, its key
# column and key, how far the spot may be from that place, why it is there. The others are named in
# the layer's note.
TROUBLE_SPOTS = (
    (
        "jr_28_de_julio",
        "Jr. 28 de Julio",
        "fuel_stations.csv",
        "osinergmin_code",
        21559,
        400,
        "one address of the street: OSINERGMIN 21559, Av. 28 de Julio 605; where along the street "
        "is not known",
    ),
    (
        "varadero_artesanal",
        "Alrededores del Varadero Artesanal",
        "health_facilities.csv",
        "renipress_code",
        2821,
        400,
        "inferred: the health post that bears its name, RENIPRESS 2821, P.S. Varadero",
    ),
)
TROUBLE_SPOTS_SOURCE = "CODISEC about 2016 (Correo)"
METRIC_CRS = "EPSG:32719"
# The plan names river erosion, above all at the mouth (L.966-968), and gives no extent: these three
# are assumptions of ours, said to be so in the layer's note.
EROSION_HALF_WIDTH_M = 250.0
EROSION_MOUTH_M = 1000.0
EROSION_ROWS = (
    ("Desembocadura del río Osmore", "high", "Plan L.968: sobre todo en su desembocadura"),
    ("Valle del río Osmore", "medium", "Plan L.966-967: peligro latente a lo largo del río"),
)


def clean_districts(facts: Path) -> gpd.GeoDataFrame:
    """Return the districts with shared limits identical: no gaps, no overlaps.

    The files hold each district simplified by itself. A coverage clean gives every sliver to one
    neighbour; the sea edge is nobody's neighbour and stays as drawn.

    Raises
    ------
    ValueError
        The cleaned limits are still no valid coverage.
    """
    districts = read_lines(facts / "districts.geojson").rename(
        columns={"ubigeo": "id", "distrito": "name"}
    )
    cleaned = shapely.coverage_clean(
        list(districts.geometry), gap_width=GAP_WIDTH_DEG, snapping_distance=SNAP_DEG
    )
    rounded = shapely.transform(cleaned, lambda xy: xy.round(DECIMALS))
    rounded = shapely.normalize(rounded)
    if not (shapely.coverage_is_valid(rounded) and shapely.is_valid(rounded).all()):
        msg = "districts are no clean coverage: raise GAP_WIDTH_DEG or look at the facts"
        raise ValueError(msg)
    return districts.set_geometry(gpd.GeoSeries(rounded, crs=districts.crs))


def population(facts: Path, districts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the districts with one column a population base; empty where a base has no figure."""
    counts = pd.read_csv(facts / "population.csv", dtype={"ubigeo": str})
    frame = districts[["id", "name", "geometry"]].copy()
    for column, (year, source) in POPULATION_COLUMNS.items():
        base = counts[(counts["year"] == year) & (counts["source"] == source)]
        frame[column] = frame["id"].map(base.set_index("ubigeo")["inhabitants"]).astype("Int64")
    return frame


def points(facts: Path, file: str, renamed: dict[str, str]) -> gpd.GeoDataFrame:
    """Return a table of ``lat``, ``lon`` as points, every other column kept."""
    table = pd.read_csv(facts / file).rename(columns=renamed)
    geometry = gpd.points_from_xy(table["lon"], table["lat"])
    return gpd.GeoDataFrame(table.drop(columns=["lat", "lon"]), geometry=geometry, crs="EPSG:4326")


def trouble_spots(facts: Path) -> gpd.GeoDataFrame:
    """Return the declared trouble spots that stand by a place of the facts."""
    rows = []
    for spot, name, file, key, value, accuracy_m, why in TROUBLE_SPOTS:
        places = points(facts, file, {}).set_index(key)
        source = f"{TROUBLE_SPOTS_SOURCE}; position: {why}"
        rows.append((spot, name, accuracy_m, source, places.geometry[value]))
    columns = ["id", "name", "accuracy_m", "source", "geometry"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), crs="EPSG:4326")


def river_erosion(river: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the strip of land along the river axis, its last stretch before the sea apart."""
    axis = shapely.line_merge(river.to_crs(METRIC_CRS).geometry.union_all())
    land = districts.to_crs(METRIC_CRS).geometry.union_all()
    # the axis is drawn from the mouth upstream
    mouth = substring(axis, 0, EROSION_MOUTH_M).buffer(EROSION_HALF_WIDTH_M)
    valley = axis.buffer(EROSION_HALF_WIDTH_M).difference(mouth)
    strips = [strip.intersection(land) for strip in (mouth, valley)]
    table = pd.DataFrame(EROSION_ROWS, columns=["name", "level", "source"])
    table["accuracy_m"] = int(river["accuracy_m"].iloc[0])
    frame = gpd.GeoDataFrame(table, geometry=strips, crs=METRIC_CRS).to_crs(river.crs)
    # rounding vertex by vertex lets edges cross; on the grid they do not
    on_grid = shapely.set_precision(frame.geometry.to_numpy(), 10.0**-DECIMALS)
    return frame.set_geometry(gpd.GeoSeries(shapely.normalize(on_grid), crs=frame.crs))


def no_polygons(like: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return an empty layer: what is known to exist and nobody has drawn."""
    return gpd.GeoDataFrame({"name": [], "level": [], "source": []}, geometry=[], crs=like.crs)


def read_lines(path: Path) -> gpd.GeoDataFrame:
    """Return the features of a GeoJSON file."""
    return pyogrio.read_dataframe(path)


def shipped_layers(facts: Path) -> dict[str, gpd.GeoDataFrame]:
    """Return every shipped layer with geometry by id."""
    districts = clean_districts(facts)
    layers = {
        "districts": districts,
        "population": population(facts, districts),
        "coastline": read_lines(facts / "coastline.geojson"),
        "river": read_lines(facts / "osmore_axis.geojson"),
        "faults": read_lines(facts / "faults.geojson"),
    }
    layers["dunes"] = no_polygons(districts)
    layers["river_erosion"] = river_erosion(layers["river"], districts)
    for layer, (file, renamed) in POINT_LAYERS.items():
        layers[layer] = points(facts, file, renamed)
    places = layers["places"]
    for layer, place in PLACE_LAYERS.items():
        layers[layer] = places[places["id"] == place]
    layers["trouble_spots"] = trouble_spots(facts)
    layers["police"] = places[places["id"].str.startswith(POLICE_PREFIX)]
    # two rows of the gazetteer describe the run of a street at a point, not a place with a name
    axis = places["id"].str.startswith(STREET_PREFIX)
    layers["places"] = places.assign(kind=axis.map({True: "street_axis", False: "place"}))
    return layers


def write_geojson(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write ``frame`` as GeoJSON text with six decimals."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    pyogrio.write_dataframe(
        frame,
        path,
        driver="GeoJSON",
        layer=path.parent.name,
        geometry_type="Polygon" if frame.empty else None,
        layer_options={"COORDINATE_PRECISION": str(DECIMALS)},
    )


def main() -> None:
    """Write every shipped layer."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--facts", type=Path, default=REPOSITORY.parent / "shared" / "facts")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "layers")
    arguments = parser.parse_args()
    for layer, frame in shipped_layers(arguments.facts).items():
        write_geojson(frame, arguments.out / layer / "data.geojson")
        print(f"{layer}: {len(frame)}")
    table = pd.read_csv(arguments.facts / "neighbourhoods.csv")
    path = arguments.out / "neighbourhoods" / "data.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    table.rename(columns={"neighbourhood": "name"}).to_csv(path, index=False, lineterminator="\n")
    print(f"neighbourhoods: {len(table)}")


if __name__ == "__main__":
    main()
