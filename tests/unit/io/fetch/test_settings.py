"""Settings: shipped, over them the workspace's file, over that the environment."""

from __future__ import annotations

import pytest

from ilo_geo.core.errors import SchemaError
from ilo_geo.io.fetch.settings import fetch_settings


def test_the_environment_is_over_the_file_and_the_file_over_what_is_shipped(tmp_path):
    (tmp_path / "fetch.yaml").write_text(
        "manners: {contact: someone@example.org, pause_s: 3}\n", encoding="utf-8"
    )
    environment = {
        "ILO_GEO_FETCH_MANNERS__PAUSE_S": "7",
        "ILO_GEO_FETCH_OVERPASS__ENDPOINTS": "[https://overpass.example.org/api]",
        "ILO_GEO_WORKSPACE": "/elsewhere",
    }
    settings = fetch_settings(tmp_path, environment)
    shipped = fetch_settings(tmp_path / "none", {})
    assert settings.manners.pause_s == 7
    assert settings.manners.name.endswith("; someone@example.org")
    assert settings.overpass.endpoints == ("https://overpass.example.org/api",)
    assert settings.manners.timeout_s == shipped.manners.timeout_s
    assert len(shipped.overpass.endpoints) > 1


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("overpass: {endpoints: [file:///etc/passwd]}", "overpass.endpoints.0"),
        ('manners: {user_agent: "a\\r\\nHost: b"}', "manners.user_agent"),
        ("manners: {pause: 1}", "manners.pause"),
        ("manners: {max_tries: 0}", "manners.max_tries"),
        ("manners: 5", "manners"),
        ("nominatim: {endpoint: 'https://me:secret@example.org'}", "nominatim.endpoint"),
        ("a: [", "expected"),
    ],
)
def test_a_faulty_file_is_refused_with_the_name_of_the_fault(tmp_path, text, named):
    (tmp_path / "fetch.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SchemaError) as caught:
        fetch_settings(tmp_path, {})
    assert named in str(caught.value)
    assert str(tmp_path) not in str(caught.value)
