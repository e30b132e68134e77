"""What one may ask of a scenario, checked field by field."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator
from pydantic import Field

from ilo_geo.proposals.model import Form
from ilo_geo.proposals.model import RecordId
from ilo_geo.proposals.model import Title

# more than this is no scenario one can look through
MOST_PROPOSALS = 60


def _each_once(ids: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))


class ScenarioForm(Form):
    """A scenario: a title and a set of proposals."""

    title: Title
    proposal_ids: Annotated[
        tuple[RecordId, ...],
        Field(min_length=1, max_length=MOST_PROPOSALS),
        AfterValidator(_each_once),
    ]


class EditScenarioForm(ScenarioForm):
    """A scenario as it shall be, over the version that was seen."""

    version: int
