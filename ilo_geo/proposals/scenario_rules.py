"""What ``scenario.yaml`` says: the rows of a scenario's table, and what must be said beside it."""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.text import Text
from ilo_geo.core.text import key_of
from ilo_geo.core.text import load_package_yaml


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Measure(_Data):
    """The words of a row: in which way it gets ``better``, what it ``stands_on``."""

    title: Text
    unit: Text
    decimals: int
    better: Literal["more", "less"]
    stands_on: tuple[Literal["green", "people", "flight", "patrol", "hazards", "water"], ...]
    said: Text
    formula: Text

    def filled(self, fields: dict[str, str]) -> Measure:
        """Return the words with their ``{fields}`` filled in."""
        return self.model_copy(
            update={
                name: _filled(getattr(self, name), fields) for name in ("title", "said", "formula")
            }
        )


class ScenarioRules(_Data):
    """Everything in ``scenario.yaml``."""

    measures: dict[str, Measure]
    notices: dict[str, Text]


@cache
def scenario_rules() -> ScenarioRules:
    """Return what ``scenario.yaml`` says."""
    return ScenarioRules.model_validate(load_package_yaml("ilo_geo.proposals", "scenario.yaml"))


def notice(name: str, **fields: object) -> Text:
    """Return something that must be said beside a table."""
    known, given = scenario_rules().notices, {k: str(v) for k, v in fields.items()}
    return _filled(known[key_of(known, name, given)], given)


def _filled(text: Text, fields: dict[str, str]) -> Text:
    return Text(es=text.format("es", **fields), en=text.format("en", **fields))
