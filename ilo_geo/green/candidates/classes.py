"""Classes of the maps of park sites, as data."""

from functools import cache

from ilo_geo.core.scales import CategoryScale
from ilo_geo.core.scales import Scale
from ilo_geo.core.text import load_package_yaml
from ilo_geo.green.candidates.data import PACKAGE


@cache
def site_scale() -> Scale:
    """Return the classes of a site's score; what was ruled out has none."""
    return Scale.model_validate(load_package_yaml(PACKAGE, "classes.yaml")["score"])


@cache
def chosen_scale() -> CategoryScale:
    """Return the one class of what was chosen."""
    return CategoryScale.model_validate(load_package_yaml(PACKAGE, "classes.yaml")["chosen"])
