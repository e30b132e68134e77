"""Bilingual text. Spanish comes first; no text exists in one language only."""

import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any
from typing import Literal

import yaml
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

Lang = Literal["es", "en"]
LANGS: tuple[Lang, ...] = ("es", "en")
# ten times as fast, where PyYAML was built with it, as its wheels are
FAST_SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Text(BaseModel):
    """One text in both languages of the product."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    es: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def in_(self, lang: Lang) -> str:
        """Return the text in ``lang``."""
        return self.es if lang == "es" else self.en

    def format(self, lang: Lang, **fields: Any) -> str:
        """Return the text in ``lang`` with its ``{fields}`` filled in, texts in that language."""
        return self.in_(lang).format(**{n: in_language(value, lang) for n, value in fields.items()})


def key_of(table: Mapping[str, Text], key: str, fields: Mapping[str, Any]) -> str:
    """Return the key of a text, ``<key>_one`` where ``n`` is 1 and the table has words for one.

    Examples
    --------
    >>> words = {"left": Text(es="Quedan {n}", en="{n} are left")}
    >>> words["left_one"] = Text(es="Queda {n}", en="{n} is left")
    >>> key_of(words, "left", {"n": 1}), key_of(words, "left", {"n": 21})
    ('left_one', 'left')
    """
    one = f"{key}_one"
    return one if str(fields.get("n")) == "1" and one in table else key


def in_language(value: Any, lang: Lang) -> Any:
    """Return a field of a message in ``lang``: `Text`, also in tuples; others as they are."""
    if isinstance(value, Text):
        return value.in_(lang)
    if isinstance(value, tuple):
        return ", ".join(in_language(item, lang) for item in value)
    return value


def from_yaml(text: str | bytes) -> Any:
    """Return what YAML says, with nothing but plain values in it."""
    return yaml.load(text, FAST_SAFE_LOADER)  # noqa: S506 - the safe loader, in C


def load_package_yaml(package: str, name: str) -> Any:
    """Return the parsed YAML file ``name`` that ships inside ``package``."""
    text = resources.files(package).joinpath(name).read_text(encoding="utf-8")
    return from_yaml(text)


@cache
def messages() -> dict[str, Text]:
    """Return the one table of error and notice texts, by code."""
    table = load_package_yaml("ilo_geo.core", "messages.yaml")
    return {code: Text(**text) for code, text in table.items()}


def folded(text: str) -> str:
    """Return a text without accents, case and double spaces.

    Examples
    --------
    >>> folded("El  Algarrobal"), folded("ÑUÑOA")
    ('el algarrobal', 'nunoa')
    """
    plain = unicodedata.normalize("NFKD", text)
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(letters.casefold().split())
