"""GDAL as a real client of a real server: what it reads is what the area holds."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading

import geopandas as gpd
import pytest
import waitress
from signed_in import app_of
from signed_in import council_of
from signed_in import person_with_password


@pytest.fixture(scope="module")
def address(planner):
    """Return the address of a planner on loopback, which asks programs for a name and password."""
    planner.result("green", planner.parse({}))
    person_with_password(council_of(planner), *WHO)
    server = waitress.create_server(app_of(planner).server, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}/ogc"
    server.close()
    thread.join(5)


WHO = ("qgis.catastro", "un mapa bien medido")


def run(command, *arguments):
    if shutil.which(command) is None:
        pytest.skip(f"no {command} on this machine (Debian: gdal-bin)")
    done = subprocess.run(  # noqa: S603 - ours
        [command, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "GDAL_HTTP_USERPWD": ":".join(WHO)},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_ogrinfo_lists_every_collection(address, planner):
    told = run("ogrinfo", f"OAPIF:{address}")
    listed = [
        line.split(": ", 1)[1].split(" (")[0] for line in told.splitlines() if line[:1].isdigit()
    ]
    assert listed == list(planner.publication.collections())


def test_ogrinfo_counts_and_describes(address, planner):
    told = run("ogrinfo", "-so", f"OAPIF:{address}", "streets")
    assert f"Feature Count: {len(planner.area.frame('streets'))}" in told
    assert "street_class: String" in told
    assert "walk: Integer(Boolean)" in told
    assert "modelado" in told


def test_ogr2ogr_copies_a_layer_page_by_page(address, planner, tmp_path):
    copy = tmp_path / "copy.gpkg"
    run("ogr2ogr", "-t_srs", "EPSG:32719", copy, f"OAPIF:{address}", "buildings")
    mine, theirs = planner.area.frame("buildings"), gpd.read_file(copy)
    assert len(theirs) == len(mine) > 100
    assert theirs["height_m"].tolist() == mine["height_m"].tolist()
    assert (theirs.geometry.hausdorff_distance(mine.geometry) < 0.02).all()


# GDAL in this process would hold the interpreter that the server's threads wait for
READ = """
import json, sys, pyogrio
address, *window = sys.argv[1:]
read = pyogrio.read_dataframe(address, layer="green.zones", bbox=tuple(map(float, window)))
print(json.dumps(read.drop(columns="geometry").to_dict("records"), default=str))
"""


def test_pyogrio_reads_a_result_through_a_window(address, planner):
    table = planner.latest()["green"].tables["zones"]
    window = table.iloc[[0]].to_crs(4326).representative_point().total_bounds
    told = run(sys.executable, "-c", READ, f"OAPIF:{address}", *map(str, window))
    (zone,) = json.loads(told)
    assert zone["name"] == table["name"].iloc[0]
    assert zone["population_inhab"] == pytest.approx(table["population_inhab"].iloc[0])
    assert zone["status"] in ("modelled", "derived")
