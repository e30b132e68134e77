"""The words by which a municipality's columns and values are recognised; see ``columns.yaml``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.schema import Column
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.io.catalogue import layer_schemas

SIGNS = re.compile(r"[^a-z0-9]+")


class LayerWords(BaseModel):
    """What a layer may hold beside its schema, and how its values are said elsewhere.

    Attributes
    ----------
    only
        Columns that are not named here or in the schema are left out: they may name people.
    columns
        Optional columns.
    meanings
        Other words for the values of a column.
    dates, times
        Columns of text that hold a day, an hour.
    unique
        Columns whose values name one row each.
    example
        The row of example in the template.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    only: bool = False
    columns: dict[str, Column] = {}
    meanings: dict[str, dict[str, tuple[str, ...]]] = {}
    dates: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    example: dict[str, Any] = {}


class Words(BaseModel):
    """The whole of ``columns.yaml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    synonyms: dict[str, tuple[str, ...]]
    coordinates: dict[str, tuple[str, ...]]
    booleans: dict[str, tuple[str, ...]]
    blanks: tuple[str, ...]
    layers: dict[str, LayerWords]

    @property
    def truth(self) -> dict[str, bool]:
        """Return what each folded word says: true or false."""
        pairs = self.booleans.items()
        return {fold(word): value == "true" for value, words in pairs for word in words}


@cache
def words() -> Words:
    """Return the words of ``columns.yaml``."""
    return Words.model_validate(load_package_yaml("ilo_geo.io.municipal", "columns.yaml"))


def layer_words(layer_id: str) -> LayerWords:
    """Return the words of a layer; a layer nobody wrote about has none."""
    return words().layers.get(layer_id, LayerWords())


def layer_columns(layer_id: str) -> dict[str, Column]:
    """Return every column that a layer has by its schema or may have, required ones first."""
    return {**layer_schemas()[layer_id].columns, **layer_words(layer_id).columns}


def value_texts(
    values: Iterable[str], meanings: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[str, Text], ...]:
    """Return values as people say them: in Spanish by their first word where there is one."""
    return tuple(
        (value, Text(es=meanings[value][0] if meanings.get(value) else value, en=value))
        for value in values
    )


def fold(text: object) -> str:
    """Return a word without case, accents and signs, so that spellings meet.

    Examples
    --------
    >>> fold("Código_Catastral "), fold("AÑO")
    ('codigo catastral', 'ano')
    """
    plain = unicodedata.normalize("NFKD", str(text)).encode("ascii", "ignore").decode()
    return SIGNS.sub(" ", plain.lower()).strip()


def folded_values(meanings: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return the allowed value of each folded word; a value is a word for itself."""
    table = {fold(word): value for value, said in meanings.items() for word in said}
    return table | {fold(value): value for value in meanings}
