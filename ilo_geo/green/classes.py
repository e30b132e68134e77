"""Class breaks of the green maps, as data."""

from functools import cache

from ilo_geo.core.scales import Scale
from ilo_geo.core.text import load_package_yaml


@cache
def supply_scale() -> Scale:
    """Return the classes of public green per inhabitant (plan's own values as breaks)."""
    return Scale.model_validate(load_package_yaml("ilo_geo.green", "classes.yaml")["supply"])
