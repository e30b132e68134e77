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
from ilo_geo.core.units import peru_number
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
        raise _told(error, raw) from error


def _told(error: ValidationError, raw: Mapping[str, Any]) -> InputError:
    first = error.errors(include_url=False)[0]
    words = form_words()
    name = str(first["loc"][0]) if first["loc"] else ""
    expected = words.expected.get(first["type"], words.expected[OTHER])
    context = {key: str(value) for key, value in first.get("ctx", {}).items()}
    said = Text(es=expected.es.format(**context), en=expected.en.format(**context))
    # a rule over several fields names them as the program does
    over = [] if name else [field for field in words.fields if field in said.es]
    for field in over:
        title = words.fields[field]
        said = Text(es=said.es.replace(field, title.es), en=said.en.replace(field, title.en))
    return InputError(
        "council.form",
        where=words.fields.get(name, name or words.whole),
        found=(repr(first["input"]) if name else _listed(raw, over))[:MAX_SHOWN_LETTERS],
        expected=said,
    )


def _listed(raw: Mapping[str, Any], fields: list[str]) -> str:
    values = [raw.get(field) for field in fields]
    return "; ".join(peru_number(one) if isinstance(one, int) else str(one) for one in values)
