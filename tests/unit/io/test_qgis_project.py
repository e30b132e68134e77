"""A real QGIS opens the project, finds every layer where it is, and draws what was meant."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from coast_city import write_coast_city
from matplotlib.colors import to_hex
from matplotlib.image import imread

from ilo_geo.io.qgis_project import project_inside
from ilo_geo.io.workspace import Workspace
from ilo_geo.services.area_export import export_area
from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area

PYTHON = "/usr/bin/python3"
CHECK = Path(__file__).parents[2] / "support" / "qgis_check.py"
SIZE = 600


@pytest.fixture(scope="module")
def coast(tmp_path_factory: pytest.TempPathFactory) -> Area:
    folder = write_coast_city(tmp_path_factory.mktemp("coast"))
    return open_area(folder, Workspace(tmp_path_factory.mktemp("workspace")))


def qgis(project: str, png: Path) -> dict[str, Any]:
    """Return what QGIS says of a project, and leave its map in ``png``."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    probe = [PYTHON, "-c", "import qgis.core"]
    if not Path(PYTHON).exists() or subprocess.run(probe, env=own, capture_output=True).returncode:  # noqa: S603
        pytest.skip("no QGIS for the system's Python (Debian: python3-qgis)")
    command = [PYTHON, str(CHECK), project, str(png), str(SIZE), str(SIZE)]
    done = subprocess.run(command, env=own, capture_output=True, timeout=120, check=False)  # noqa: S603
    assert done.stdout, done.stderr.decode()
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def moved(out: Path, elsewhere: Path) -> Path:
    """Carry a package and its project to another folder, and leave nothing behind."""
    elsewhere.mkdir()
    for path in (out, out.with_suffix(".qgs")):
        shutil.move(path, elsewhere / path.name)
    return elsewhere / out.name


def pixel(png: Path, said: dict[str, Any], x: float, y: float) -> str:
    """Return the colour at a place of the map, the commonest around it."""
    west, south, east, north = said["map"]["extent"]
    image = imread(png)[..., :3]
    column = round((x - west) / (east - west) * SIZE)
    row = round((north - y) / (north - south) * SIZE)
    around = image[row - 2 : row + 3, column - 2 : column + 3].reshape(-1, 3)
    colours, counts = np.unique(around, axis=0, return_counts=True)
    return str(to_hex(colours[counts.argmax()])).upper()


def place(area: Area, layer_id: str) -> tuple[float, float]:
    point = area.frame(layer_id).geometry.iloc[0].representative_point()
    return point.x, point.y


def leaves(tree: list[dict[str, Any]]) -> list[str]:
    return [
        leaf
        for node in tree
        for leaf in (leaves(node["members"]) if "group" in node else [node["layer"]])
    ]


def test_the_project_beside_the_file_opens_elsewhere_in_spanish(
    coast: Area, tmp_path: Path
) -> None:
    out = moved(_exported(coast, tmp_path / "mapa de ilo ñ.gpkg"), tmp_path / "otra carpeta")
    said = qgis(str(out.with_suffix(".qgs")), tmp_path / "map.png")
    assert said["opened"]
    assert (said["crs"], said["title"]) == (coast.config.crs, f"{coast.config.title.es} · ilo-geo")
    layers = said["layers"]
    assert {name: row["valid"] for name, row in layers.items()} == dict.fromkeys(layers, True)
    assert all(str(out) in row["source"] for row in layers.values())
    # the groups are the catalogue's themes, the last drawn on top, and the background at the bottom
    themes = [theme.title.es for theme in reversed(coast.catalogue.themes)]
    groups = [group["group"] for group in said["tree"]]
    used = {coast.meta(x).theme for x in coast.catalogue.declared}
    assert groups == [
        *(t.title.es for t in reversed(coast.catalogue.themes) if t.id in used),
        "Fondo",
    ]
    assert set(groups[:-1]) <= set(themes)
    for name in coast.catalogue.declared:
        meta = coast.meta(name)
        row = layers[f"ilo_geo_layer_{name}"]
        suffix = " (modelado)" if meta.status == "modelled" else ""
        assert row["name"] == f"{meta.title.es}{suffix}"
        assert row["licences"] == [meta.licence]
        assert row["rights"] == [meta.source]
        assert f"Fuente: {meta.source}" in row["abstract"]
        if row["features"] is not None:
            assert row["features"] == len(coast.frame(name))
    assert sorted(leaves(said["tree"])) == sorted(row["name"] for row in layers.values())
    drawn = [f"ilo_geo_layer_{x}" for x in reversed(coast.catalogue.declared) if x != "terrain"]
    expected = [*drawn, "ilo_geo_layer_ilo_geo_sea", "ilo_geo_layer_terrain"]
    assert said["order"] == expected
    _assert_drawn(coast, said, tmp_path / "map.png")


def _exported(area: Area, out: Path) -> Path:
    export_area(area, out)
    assert project_inside(out) == out.with_suffix(".qgs").read_bytes()
    return out


def _assert_drawn(area: Area, said: dict[str, Any], png: Path) -> None:
    """Compare colours at places: a park, the sea, a block; and how modelled edges are drawn."""
    assert said["map"]["errors"] == []
    assert pixel(png, said, *place(area, "parks")) == "#4C9F5E"
    west, _, _, north = said["map"]["extent"]
    assert pixel(png, said, west + 20, north - 20) == "#DCE9F2"
    rows = {name: row["symbols"] for name, row in said["layers"].items()}
    assert rows["ilo_geo_layer_parks"][0]["properties"]["outline_style"] == "dash"
    assert rows["ilo_geo_layer_districts"][0]["properties"]["outline_style"] == "solid"
    streets = {row["label"]: row for row in rows["ilo_geo_layer_streets"]}
    assert streets["Vía principal"]["colour"] == "#a89a86"
    assert streets["Vía principal"]["properties"]["use_custom_dash"] == "1"
    assert "Los demás" in streets


def test_the_project_inside_the_file_opens_in_english_with_results(
    coast: Area, tmp_path: Path
) -> None:
    out = tmp_path / "city.gpkg"
    export_area(coast, out, lang="en", analyses=["green"])
    out = moved(out, tmp_path / "elsewhere")
    out.with_suffix(".qgs").unlink()
    said = qgis(f"geopackage:{out}?projectName=city", tmp_path / "map.png")
    layers = said["layers"]
    assert said["opened"]
    assert all(row["valid"] for row in layers.values())
    assert layers["ilo_geo_layer_parks"]["name"].endswith("(modelled)")
    assert "Status: Modelled" in layers["ilo_geo_layer_parks"]["abstract"]
    results = said["tree"][0]
    assert (results["group"], results["members"][0]["group"]) == ("Results", "Public green space")
    assert results["members"][0]["members"][0]["visible"]
    zones = layers["ilo_geo_layer_green_zones"]
    assert zones["renderer"] == "categorizedSymbol"
    assert zones["features"] == len(coast.frame("zones"))
    image = imread(tmp_path / "map.png")[..., :3]
    assert len(np.unique(image.reshape(-1, 3), axis=0)) > 50
