"""The words of the interface; each text stands in both languages side by side in ``texts.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from ilo_geo.core.text import LANGS
from ilo_geo.core.text import Lang
from ilo_geo.core.text import Text
from ilo_geo.core.text import key_of
from ilo_geo.core.text import load_package_yaml


@cache
def texts() -> dict[str, Text]:
    """Return every text of the interface by key."""
    table = load_package_yaml("dash_app.i18n", "texts.yaml")
    return {key: Text.model_validate(text) for key, text in table.items()}


@dataclass(frozen=True)
class Translator:
    """Says things in one language: ``t(key, ha="49.7")``."""

    lang: Lang

    def __call__(self, key: str, **fields: Any) -> str:
        """Return the text of ``key`` with its fields filled in, that of one where ``n`` is 1."""
        known = texts()
        return known[key_of(known, key, fields)].format(self.lang, **fields)

    def of(self, text: Text) -> str:
        """Return a library text in this language."""
        return text.in_(self.lang)

    def link(self, path: str) -> str:
        """Return the address of a page in this language."""
        return path if self.lang == LANGS[0] else f"{path}?lang={self.lang}"

    @property
    def other(self) -> Lang:
        """Return the language to switch to."""
        return LANGS[1 - LANGS.index(self.lang)]


def translator(asked: object) -> Translator:
    """Return the translator for a language code; Spanish where it is not known."""
    return Translator("en" if asked == "en" else "es")
