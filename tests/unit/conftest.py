"""A small study area on disk, written anew for each test that asks for it."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import yaml
from postgres_server import CLEAN
from postgres_server import DATABASE
from shapely import LineString
from shapely import box

from ilo_geo.io.workspace import Workspace
from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area

CRS = "EPSG:32719"
# somewhere in UTM zone 19 south, so that H3 cells exist there
X0, Y0 = 252_000, 8_047_000


def place(shape):
    """Return a shape of the toy city moved to its place on Earth."""
    return gpd.GeoSeries([shape]).translate(X0, Y0).iloc[0]


def toy_layers():
    """Return the layers of the toy city of tests/unit/green, on disk's terms."""

    def frame(shapes, **columns):
        moved = gpd.GeoSeries(list(shapes), crs=CRS).translate(X0, Y0)
        return gpd.GeoDataFrame(geometry=moved, crs=CRS).assign(**columns)

    halves = [box(0, 0, 200, 200), box(200, 0, 400, 200)]
    streets = [LineString([(x, y) for x in range(0, 401, 100)]) for y in (0, 100, 200)]
    streets += [LineString([(x, y) for y in (0, 100, 200)]) for x in range(0, 401, 100)]
    houses = [box(x - 5, y - 5, x + 5, y + 5) for x, y in ((50, 110), (10, 190), (390, 110))]
    return {
        "districts": ("polygon", frame(halves, id=["w", "e"], name=["West", "East"])),
        "population": (
            "polygon",
            frame(halves, id=["w", "e"], census=[400, 60], age_0_14=[100, 30]),
        ),
        "streets": (
            "line",
            frame(
                streets,
                street_class="residential",
                name="Calle",
                walk=True,
                drive=True,
                oneway="both",
            ),
        ),
        "buildings": (
            "polygon",
            frame(
                houses,
                use="house",
                residential=True,
                levels=[1.0, 3.0, np.nan],
                height_m=np.nan,
            ),
        ),
        "parks": (
            "polygon",
            frame(
                [box(150, 105, 190, 145)],
                name="Plaza",
                kind="park",
                access="public",
                since_year=np.nan,
                until_year=np.nan,
            ),
        ),
    }


def layer_yaml(layer_id, geometry, **changes):
    """Return the description of a toy layer."""
    return {
        "id": layer_id,
        "title": {"es": f"Capa {layer_id}", "en": f"Layer {layer_id}"},
        "theme": "city",
        "geometry": geometry,
        "crs": CRS,
        "source": "Toy",
        "licence": "CC0",
        "date": "2024",
        "accuracy_m": 1.0,
        "status": "observed",
        "file": "data.gpkg",
        **changes,
    }


def write_yaml(path: Path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


@pytest.fixture
def toy_folder(tmp_path) -> Path:
    """Return a study area folder with the toy city."""
    folder = tmp_path / "toy"
    layers = toy_layers()
    for layer_id, (geometry, frame) in layers.items():
        write_yaml(folder / layer_id / "layer.yaml", layer_yaml(layer_id, geometry))
        frame.to_file(folder / layer_id / "data.gpkg", driver="GPKG", layer=layer_id)
    write_yaml(
        folder / "catalogue.yaml",
        {"themes": [{"id": "city", "title": {"es": "C", "en": "C"}}], "layers": list(layers)},
    )
    text = {"es": "Censo", "en": "Census"}
    write_yaml(
        folder / "area.yaml",
        {
            "id": "toy",
            "title": {"es": "Toy", "en": "Toy"},
            "crs": CRS,
            "population_bases": [
                {"id": "census", "title": text, "column": "census", "source": "Toy"},
                {
                    "id": "grown",
                    "title": text,
                    "column": "census",
                    "source": "Toy",
                    "total_inhab": 920,
                },
            ],
            "default_base": "census",
            "levels": ["districts"],
            "age_groups": [
                {
                    "id": "children",
                    "title": {"es": "0 a 14", "en": "0 to 14"},
                    "column": "age_0_14",
                    "source": "Toy",
                }
            ],
        },
    )
    return folder


@pytest.fixture
def workspace(tmp_path, monkeypatch) -> Workspace:
    """Return an empty workspace, which is also the default one for the test."""
    monkeypatch.setenv("ILO_GEO_WORKSPACE", str(tmp_path / "workspace"))
    return Workspace.default()


@pytest.fixture
def toy(toy_folder, workspace) -> Area:
    """Return the opened toy area."""
    return open_area(toy_folder, workspace)


@pytest.fixture
def database(postgres, monkeypatch) -> str:
    """Return the name of a database that has PostGIS and nothing else; the address names it."""
    postgres.execute(DATABASE, CLEAN)
    monkeypatch.setenv("ILO_GEO_DATABASE_URL", postgres.url(DATABASE))
    return DATABASE
