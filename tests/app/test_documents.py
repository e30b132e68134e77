"""Documents over HTTP: who may hand in and out, how much, and what a browser makes of them."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from council_clients import TownClients
from council_rows import all_rows
from council_rows import png

from dash_app.routes.documents import max_body_bytes
from ilo_geo.services.document_store import max_document_bytes


@pytest.fixture
def of(town_planner, town):
    return TownClients(town_planner, town)


def sent(client, number, content, name="plano.png", field="archivo"):
    """Send a form as a browser writes it (RFC 7578); Flask's client leaves its own file open."""
    head = f'--x\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + b"\r\n--x--\r\n"
    form = "multipart/form-data; boundary=x"
    return client.post(f"/propuestas/{number}/documentos", data=body, content_type=form)


def test_a_document_goes_in_and_comes_out_as_a_file_to_save(of, town):
    number = town.draft()["number"]
    made = sent(of("planner"), number, png(1), "../../<b>plano ñ.html")
    assert made.status_code == 201
    assert made.get_json()["name"] == "_b_plano ñ.html.png"
    got = of("planner").get(made.headers["Location"])
    assert (got.status_code, got.data) == (200, png(1))
    assert got.mimetype == "image/png"
    assert got.headers["Content-Disposition"].startswith("attachment;")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"].startswith("sandbox")
    assert "no-cache" in got.headers["Cache-Control"]
    assert "\n" not in got.headers["Content-Disposition"]
    # every other answer keeps the policy of the pages
    assert "sandbox" not in of("planner").get("/api/propuestas").headers["Content-Security-Policy"]


def test_who_may_not_gets_a_status_and_nothing_is_kept(of, town):
    number = town.draft()["number"]
    for name, status in (("other_planner", 404), ("citizen", 404), ("secretary", 404)):
        assert sent(of(name), number, png(1)).status_code == status
    assert sent(of("visitor"), number, png(1)).status_code in (401, 403)
    submitted = town.proposal_in("submitted")["number"]
    assert sent(of("citizen"), submitted, png(1)).status_code == 403
    assert sent(of("planner"), submitted, png(1)).status_code == 409
    assert all_rows(town.council)["document"] == []
    assert not [p for p in (town.council.folder / "documents").rglob("*") if p.is_file()]


def test_another_cannot_read_the_document_of_a_draft(of, town):
    made = sent(of("planner"), town.draft()["number"], png(1)).headers["Location"]
    for name in ("other_planner", "citizen", "secretary", "administrator"):
        assert of(name).get(made).status_code == 404
    assert of("visitor").get(made).status_code == 401
    for guess in ("/documentos/..%2f..%2fkeys%2fsigning.pem", "/documentos/%00", "/documentos/x"):
        assert of("planner").get(guess).status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plano.pdf", b"PK\x03\x04" + bytes(100)),
        ("plano.pdf", b"<html><script>alert(1)</script></html>"),
        ("plano.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("plano.png", b""),
    ],
)
def test_what_is_no_document_is_refused_by_its_content(of, town, name, content):
    answer = sent(of("planner"), town.draft()["number"], content, name)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "document.unknown_type")


def test_a_form_without_a_file_is_told_so(of, town):
    answer = sent(of("planner"), town.draft()["number"], png(1), field="otro")
    assert (answer.status_code, answer.get_json()["error"]) == (400, "document.no_file")


def test_how_much_may_be_sent(of, town):
    number, client = town.draft()["number"], of("planner")
    # more than any page sends, and an image all the same
    noise = _noise(1_500_000)
    assert 1_000_000 < len(noise) < max_document_bytes()
    assert sent(client, number, noise).status_code == 201
    answer = sent(client, number, bytes(max_document_bytes() + 1))
    assert (answer.status_code, answer.get_json()["error"]) == (400, "document.too_large")
    answer = sent(client, number, bytes(max_body_bytes()))
    assert answer.status_code == 413
    assert json.loads(answer.data)["error"] == "http.413"
    # nothing else takes as much
    other = client.post("/api/propuestas", data=noise, content_type="application/json")
    assert other.status_code == 413


def test_a_form_of_another_site_is_refused(of, town):
    client, number = of("planner"), town.draft()["number"]
    client.environ_base.pop("HTTP_X_CSRFTOKEN")
    assert sent(client, number, png(1)).status_code == 403
    assert all_rows(town.council)["document"] == []


def _noise(n_bytes):
    from PIL import Image

    out = BytesIO()
    side = int(n_bytes**0.5)
    Image.effect_noise((side, side), 90).save(out, "PNG")
    return out.getvalue()
