"""What the OGC API is configured with."""

from __future__ import annotations

from functools import cache
from typing import Any

from ilo_geo.core.text import load_package_yaml


@cache
def settings() -> dict[str, Any]:
    """Return ``settings.yaml``."""
    table: dict[str, Any] = load_package_yaml("dash_app.ogc", "settings.yaml")
    return table
