"""Reads what was asked into a form, and says of the first field that does not fit why, in words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from typing import TypeVar

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import ValidationError

from ilo_geo.core.errors import InputError
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.proposals.model import Form

F = TypeVar("F", bound=Form)
OTHER = "other"
MAX_SHOWN_LETTERS = 60


class FormWords(BaseModel):
    """Names of fields, and what was expected by the type of a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    whole: Text
    fields: dict[str, Text]
    expected: dict[str, Text]


@cache
def form_words() -> FormWords:
    """Return what ``forms.yaml`` says."""
    return FormWords.model_validate(load_package_yaml("ilo_geo.proposals", "forms.yaml"))


def form_of(model: type[F], raw: Mapping[str, Any]) -> F:
    """Return what was asked, checked.

    Raises
    ------
    InputError
        The first field that does not fit: which, what was found, what was expected.
    """
    try:
        return model.model_validate(dict(raw))
    except ValidationError as error:
        raise _told(error) from error


def _told(error: ValidationError) -> InputError:
    first = error.errors(include_url=False)[0]
    words = form_words()
    name = str(first["loc"][0]) if first["loc"] else ""
    expected = words.expected.get(first["type"], words.expected[OTHER])
    context = {key: str(value) for key, value in first.get("ctx", {}).items()}
    said = Text(es=expected.es.format(**context), en=expected.en.format(**context))
    # a rule over several fields names them as the program does
    for field, title in words.fields.items() if not name else ():
        said = Text(es=said.es.replace(field, title.es), en=said.en.replace(field, title.en))
    return InputError(
        "council.form",
        where=words.fields.get(name, name or words.whole),
        found=repr(first["input"])[:MAX_SHOWN_LETTERS] if name else "…",
        expected=said,
    )
