"""Every text stands in both languages, every text that is used exists, none lies idle."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dash_app.i18n import texts
from dash_app.i18n import translator
from ilo_geo.core.text import load_package_yaml

APP = Path(__file__).parents[2] / "dash_app"
WRITTEN = [*APP.rglob("*.py"), *APP.glob("templates/*.html")]
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in WRITTEN)
USED = set(re.findall(r"""\bt\(\s*["']([a-z_.0-9]+)["']""", SOURCE)) | set(
    re.findall(r'\("lang"\]\)\)\("([a-z_.]+)"', SOURCE)
)
FAMILIES = set(re.findall(r'\bt\(f"([a-z_.]+\.)\{', SOURCE))
# counts that are never 1: lists are cut at a dozen and at a thousand
NEVER_ONE = ("bundles.cut", "scenario.newest")
DIRECT = set(re.findall(r'texts\(\)\["([a-z_.]+)"\]', SOURCE))


def test_every_text_stands_in_both_languages_with_the_same_fields():
    table = load_package_yaml("dash_app.i18n", "texts.yaml")
    for key, text in table.items():
        assert set(text) == {"es", "en"}, key
        fields = [set(re.findall(r"\{(\w+)\}", text[lang])) for lang in ("es", "en")]
        assert fields[0] == fields[1], key


@pytest.mark.parametrize("name", ["dash_app/i18n/texts.yaml", "ilo_geo/core/messages.yaml"])
def test_no_key_stands_twice(name):
    """YAML would keep the last one and say nothing."""
    keys = re.findall(
        r"^([a-z_.0-9]+):", (APP.parent / name).read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted({key for key in keys if keys.count(key) > 1}) == []


def test_every_text_used_exists():
    assert USED
    assert sorted((USED | DIRECT) - set(texts())) == []


def test_no_text_lies_idle():
    # a text of one is used by the text of many
    used = USED | DIRECT | {f"{key}_one" for key in USED}
    idle = [k for k in texts() if k not in used and not k.startswith(tuple(FAMILIES))]
    assert idle == []


def test_one_thing_is_told_in_the_singular_on_the_council_s_pages():
    one, many = (translator("es")("scenario.row", n=n, when="hoy") for n in (1, 21))
    assert (one, many) == ("1 propuesta · hoy", "21 propuestas · hoy")
    # n is also given as it is written
    assert translator("en")("proposals.taken", n="1") == "1 draft created."
    plural = re.compile(r"\{n\} \w+s\b")
    council = ("proposals.", "budget.", "bundles.", "scenario.", "sheet.", "debate.", "ballot.")
    for key, text in texts().items():
        if key.startswith(council) and not key.endswith("_one") and key not in NEVER_ONE:
            assert f"{key}_one" in texts() or not plural.search(f"{text.es}\n{text.en}"), key


def test_no_place_is_called_safe():
    assert not [
        k for k, text in texts().items() if re.search(r"\bsegur[oa]s?\b", text.es, re.IGNORECASE)
    ]


def test_there_is_no_global_callback():
    assert not re.search(r"@(dash\.)?callback\b|from dash import .*\bcallback\b", SOURCE)


def test_only_the_map_module_knows_the_map_library():
    users = [p.name for p in APP.rglob("*.py") if "dash_leaflet" in p.read_text(encoding="utf-8")]
    assert users == ["map_view.py"]


def test_no_page_computes_geometry():
    assert not re.search(r"import (shapely|geopandas|pyproj|rasterio)", SOURCE)
