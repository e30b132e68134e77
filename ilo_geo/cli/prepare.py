"""``ilo-geo prepare``: compute the modelled baseline of a study area into the workspace."""

from __future__ import annotations

from ilo_geo.cli.options import AreaOption
from ilo_geo.cli.options import progress_bar
from ilo_geo.services.areas import open_area
from ilo_geo.services.prepare import prepare_baseline


def prepare(area: AreaOption = None) -> None:
    """Compute the modelled baseline layers, unless they are there already."""
    with progress_bar() as progress:
        prepare_baseline(open_area(area).catalogue, progress=progress)
