"""Class breaks of the priority map, as data."""

from functools import cache

from ilo_geo.core.scales import Scale
from ilo_geo.core.text import load_package_yaml


@cache
def priority_scale() -> Scale:
    """Return the classes of the priority index."""
    return Scale.model_validate(load_package_yaml("ilo_geo.proposals", "classes.yaml")["priority"])
