"""How much of a file is let in, from ``limits.yaml``, and the lines that say where it stopped."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.errors import InputError
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml


class Limits(BaseModel):
    """The whole of ``limits.yaml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_file_bytes: int
    max_upload_bytes: int
    max_unpacked_bytes: int
    max_members: int
    max_ratio: int
    ratio_from_bytes: int
    max_rows: int
    max_columns: int
    max_text_chars: int
    max_vertices_feature: int
    max_vertices: int
    max_dxf_entities: int
    max_kept_bytes: int
    max_kept_files: int
    words: dict[str, Text]


@cache
def limits() -> Limits:
    """Return the limits that files are read within."""
    return Limits.model_validate(load_package_yaml("ilo_geo.io.municipal", "limits.yaml"))


def require_at_most(name: str, limit: str, found: int) -> None:
    """Refuse what is more than the named limit; ``name`` is what the user calls the file.

    Raises
    ------
    InputError
        ``found`` is more than the limit.
    """
    allowed = int(getattr(limits(), limit))
    if found > allowed:
        what = limits().words[limit]
        raise InputError(
            "import.too_much", where=name, what=what, found=f"{found:,}", expected=f"{allowed:,}"
        )
