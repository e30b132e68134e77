"""Use case: hand out files to fill."""

from __future__ import annotations

from pathlib import Path

from ilo_geo.core.text import Text
from ilo_geo.io.municipal.templates import template_table
from ilo_geo.io.municipal.templates import write_template
from ilo_geo.services.areas import Area


def template_titles() -> dict[str, Text]:
    """Return the layers that have a file to fill, with their titles."""
    table = template_table()
    return {layer: table.titles[layer] for layer in table.layers}


def save_template(area: Area, layer: str, path: Path) -> None:
    """Write the file to fill of a layer, whose GeoPackage is in the area's reference system.

    Raises
    ------
    InputError
        There is no template of that layer, or not in that format.
    """
    write_template(layer, path, area.crs)
