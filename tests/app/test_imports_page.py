"""Datos → Cargar as Flask and Dash see it: uploads, previews, loads, files to fill."""

from __future__ import annotations

import io
import json
import os
import time
import zipfile

import openpyxl
import pytest
from signed_in import client_for
from small_city import write_small_city

from dash_app import ids
from dash_app.planner import Planner
from ilo_geo.core.errors import InputError
from ilo_geo.core.progress import silent
from ilo_geo.io.municipal.limits import limits
from ilo_geo.io.workspace import Workspace
from ilo_geo.services.areas import open_area
from ilo_geo.services.import_desk import ImportDesk

OWN = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
GOOD = b"nombre;este;norte\nUno;251500;8047500\nDos;251600;8047500\n"
MIXED = b"nombre;este;norte\nUno;251500;8047500\nDos;x;8047500\n"


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = write_small_city(tmp_path_factory.mktemp("cargar") / "city")
    planner = Planner(open_area(folder, Workspace(tmp_path_factory.mktemp("cargar_ws"))))
    yield planner
    planner.jobs.close()


@pytest.fixture
def page(town):
    return client_for(town)


def send(page, content, name="colegios.csv", headers=OWN):
    return page.post(f"/cargas?name={name}", data=content, headers=headers)


def fields(**said):
    said = {"layer": "schools", "crs": "EPSG:32719", "status": "observed", **said}
    values = [{"id": ids.import_field(k), "property": "value", "value": v} for k, v in said.items()]
    names = [{"id": v["id"], "property": "id", "value": v["id"]} for v in values]
    return values, names


def ended(town, job):
    deadline = time.monotonic() + 60
    while not town.jobs.state(job).ended and time.monotonic() < deadline:
        time.sleep(0.02)
    return town.jobs.state(job)


def looked_at(town, page, fire, content, **said):
    token = send(page, content).get_data(as_text=True)
    values, names = fields(**said)
    pattern = '{"name":["ALL"],"type":"import-field"}'
    answer = fire(
        f"{ids.IMPORT_JOB}.data",
        {
            f"{ids.UPLOADED}.data": {"token": token, "name": "colegios.csv"},
            f"{pattern}.value": values,
            f"{pattern}.id": names,
        },
        changed=[f"{ids.UPLOADED}.data"],
    )
    run = answer.get_json()["response"][ids.IMPORT_JOB]["data"]
    return token, ended(town, run["job"]), run


def test_a_file_is_kept_under_a_token_and_no_callback_carries_it(town, page):
    answer = send(page, GOOD)
    token = answer.get_data(as_text=True)
    assert answer.status_code == 201
    assert len(token) == 32
    assert send(page, GOOD).get_data(as_text=True) != token


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "http://evil.example"}, {**OWN, "Sec-Fetch-Site": "cross-site"}],
)
def test_another_page_cannot_send_a_file(page, headers):
    assert send(page, GOOD, headers=headers).status_code == 403


@pytest.mark.parametrize("name", ["a.exe", "a", "", "../../a.sh", "a.csv.php"])
def test_only_known_kinds_of_files_are_taken(page, name):
    answer = send(page, GOOD, name=name)
    assert answer.status_code == 400
    assert not answer.get_data(as_text=True).startswith(":")
    assert "/tmp" not in answer.get_data(as_text=True)  # noqa: S108 - looked for, not used


def test_a_file_may_be_larger_than_a_callback_but_not_than_its_limit(page, town, monkeypatch):
    assert send(page, GOOD + b" " * 1_500_000).status_code == 201
    monkeypatch.setattr("dash_app.routes.uploads.max_upload_bytes", lambda: 1000)
    answer = send(page, b"x" * 2000)
    assert answer.status_code == 413


def test_a_full_disk_is_said_and_leaves_nothing(page, town, monkeypatch):
    before = set(town.area.catalogue.workspace.root.glob("uploads/*"))

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ilo_geo.services.import_desk.ImportDesk._write", full)
    answer = send(page, GOOD)
    assert answer.status_code == 500
    assert "No space left on device" in answer.get_data(as_text=True)
    assert set(town.area.catalogue.workspace.root.glob("uploads/*")) == before


def test_a_preview_shows_rows_reasons_and_a_file_to_mend(town, page, fire_on):
    token, state, run = looked_at(town, page, fire_on(page), MIXED)
    assert state.error is None
    shown = fire_on(page)(
        f"{ids.IMPORT_BODY}.children",
        {f"{ids.IMPORT_DONE}.data": run, f"{ids.KNOWN}.data": {"lang": "es"}},
    ).get_json()["response"][ids.IMPORT_BODY]["children"]
    shown = json.dumps(shown, ensure_ascii=False)
    assert "1 válidas de 2" in shown
    assert '"Nombre"' in shown
    assert "la coordenada no se puede leer." in shown
    assert "Cargar las 1 filas" in shown
    listed = page.get(f"/cargas/{token}/rechazadas.csv?lang=en").get_data(as_text=True)
    assert "norte" in listed
    assert "the coordinate cannot be read." in listed
    drawn = page.get(f"/cargas/{token}.geojson")
    assert drawn.headers["Content-Encoding"] == "gzip"


def test_a_file_that_contradicts_its_system_says_so_and_can_be_told_otherwise(town, page, fire_on):
    swapped = b"nombre;este;norte\nUno;8047500;251500\n"
    token, _state, _run = looked_at(town, page, fire_on(page), swapped)
    assert town.desk.previewed(token).fault.code == "import.crs.swapped"
    assert page.get(f"/cargas/{token}.geojson").status_code == 400


def test_a_loaded_file_is_in_use_at_the_next_page(town, page, fire_on):
    token, _state, _run = looked_at(town, page, fire_on(page), GOOD)
    pattern = '{"how":["ALL"],"type":"import-load"}'
    button = {"id": ids.import_load("all"), "property": "n_clicks", "value": 1}
    answer = fire_on(page)(
        f"{ids.IMPORT_JOB}.data@",
        {f"{pattern}.n_clicks": [button], f"{ids.UPLOADED}.data": {"token": token}},
        changed=['{"how":"all","type":"import-load"}.n_clicks'],
    )
    run = answer.get_json()["response"][ids.IMPORT_JOB]["data"]
    assert ended(town, run["job"]).error is None
    assert town.refresh() is None
    assert len(town.area.frame("schools")) == 2
    assert not (town.area.catalogue.workspace.root / "uploads" / token).exists()
    shown = fire_on(page)(
        f"{ids.IMPORT_BODY}.children",
        {f"{ids.IMPORT_DONE}.data": run, f"{ids.KNOWN}.data": {"lang": "es"}},
    ).get_data(as_text=True)
    assert f'"data-choose":"{ids.SWITCH}"' in shown
    assert f'"data-value":"{ids.UNDO}"' in shown


def test_a_token_that_is_not_known_is_one_line(page):
    for token in ("0" * 32, "../../etc/passwd", "x"):
        answer = page.get(f"/cargas/{token}.geojson")
        # what leaves the folder of the address is the page itself
        assert answer.status_code in (400, 404) or "<html" in answer.get_data(as_text=True)


@pytest.mark.parametrize("fmt", ["xlsx", "gpkg"])
def test_files_to_fill_can_be_had(page, fmt):
    answer = page.get(f"/plantillas/incidents.{fmt}")
    assert answer.status_code == 200
    if fmt == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(answer.data))
        assert book.sheetnames == ["Datos", "Instrucciones"]
        assert book["Datos"]["A2"].value.startswith("EJEMPLO")
        assert not [n for n in zipfile.ZipFile(io.BytesIO(answer.data)).namelist() if "vba" in n]
    assert page.get(f"/plantillas/nothing.{fmt}").status_code == 400
    assert page.get("/plantillas/incidents.exe").status_code == 400


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"accuracy_m": "12,5"}, None),
        ({"accuracy_m": "abc"}, "import.accuracy"),
        ({"accuracy_m": "-3"}, "import.accuracy"),
        ({"date": "mañana"}, "parameter.not_a_date"),
        ({"date": "22/11/2025"}, None),
        ({"status": "sure"}, "import.status"),
    ],
)
def test_what_is_said_of_a_file_is_taken_or_refused_in_one_line(town, page, fire_on, said, code):
    token, state, _run = looked_at(town, page, fire_on(page), GOOD, **said)
    found = town.desk.previewed_or_none(token)
    error = state.error or found.fault
    assert (error and error.code) == code
    if "accuracy_m" in said and not code:
        assert found.examined.accuracy_m == 12.5


def test_uploads_of_the_last_hour_are_never_swept_for_others(tmp_path, monkeypatch):
    few = limits().model_copy(update={"max_kept_files": 3})
    monkeypatch.setattr("ilo_geo.services.import_desk.limits", lambda: few)
    desk = ImportDesk(Workspace(tmp_path))
    tokens = [desk.receive(io.BytesIO(GOOD), "a.csv") for _ in range(3)]
    with pytest.raises(InputError, match="too many files wait"):
        desk.receive(io.BytesIO(GOOD), "b.csv")
    assert sorted(p.name for p in tmp_path.glob("uploads/*")) == sorted(tokens)
    before = time.time() - 7200
    os.utime(tmp_path / "uploads" / tokens[1], (before, before))
    new = desk.receive(io.BytesIO(GOOD), "b.csv")
    kept = {p.name for p in tmp_path.glob("uploads/*")}
    assert kept == {tokens[0], tokens[2], new}


def test_uploads_are_refused_when_their_bytes_together_are_too_many(tmp_path, monkeypatch):
    small = limits().model_copy(update={"max_kept_bytes": 2 * len(GOOD)})
    monkeypatch.setattr("ilo_geo.services.import_desk.limits", lambda: small)
    desk = ImportDesk(Workspace(tmp_path))
    for _ in range(2):
        desk.receive(io.BytesIO(GOOD), "a.csv")
    with pytest.raises(InputError, match="too many files wait"):
        desk.receive(io.BytesIO(GOOD), "b.csv")


def test_a_mended_list_is_offered_the_load_it_completes_and_joins_it(town, page, fire_on):
    fire = fire_on(page)
    token, _state, _run = looked_at(town, page, fire, MIXED)
    town.desk.load(town.area, token, accept_valid=True, progress=silent)
    missing = town.desk.loaded(token)
    assert town.refresh() is None
    listed = b"fila,nombre,este,norte\n3,Dos,251600,8047500\n"
    token, _state, run = looked_at(town, page, fire, listed)
    shown = fire(
        f"{ids.IMPORT_BODY}.children",
        {f"{ids.IMPORT_DONE}.data": run, f"{ids.KNOWN}.data": {"lang": "es"}},
    ).get_json()["response"][ids.IMPORT_BODY]["children"]
    version = missing.report.version
    label = f"colegios.csv · {version.made:%d/%m/%Y} · faltan: 1"
    assert label in json.dumps(shown, ensure_ascii=False)
    said = {"layer": "schools", "fix": version.id}
    town.desk.preview(town.area, token, said, silent)
    assert town.desk.previewed(token).fault is None
    town.desk.load(town.area, token, accept_valid=False, progress=silent)
    assert town.desk.loaded(token).missing == ()
