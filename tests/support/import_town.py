"""What tests of municipal files share: a sheet of schools, and how it is asked for."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from pathlib import Path

from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area
from ilo_geo.services.municipal_draft import ImportRequest

AT = datetime(2026, 3, 5, 12, tzinfo=UTC)
UTM = "EPSG:32719"
SCHOOLS = """Nombre;Este;Norte;Gestión;Alumnos
I.E. Ñandú;251500,5;8047500,25;Pública;120
I.E. Dos;251600;8047400;privado;300
=suma;251700;;privado;12,5
"""


def reopened(area: Area) -> Area:
    return open_area(area.catalogue.folder, area.catalogue.workspace)


def asked(path: Path, layer: str = "schools", **said: object) -> ImportRequest:
    return ImportRequest(path=path, name=path.name, layer=layer, **said)
