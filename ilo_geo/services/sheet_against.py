"""What of a technical sheet stands against its proposal, in the order a council must hear it."""

from __future__ import annotations

from dataclasses import dataclass

from ilo_geo.hazards.levels import hazard_levels
from ilo_geo.proposals.sheet import CONFLICTS
from ilo_geo.proposals.sheet import HAZARDS
from ilo_geo.proposals.sheet import Figure
from ilo_geo.proposals.sheet import Sheet
from ilo_geo.services.parks import LOTS
from ilo_geo.services.sheet_conflicts import POSSIBLE
from ilo_geo.services.sheet_conflicts import STRUCK

# sums of hazards that are told one by one
SUMS = ("multihazard", "strongest", "residual")
LEVELS = (STRUCK, POSSIBLE)
# land of the city's own is in nobody's way
PUBLIC_LOTS = f"{LOTS}_public"


@dataclass(frozen=True)
class Against:
    """Figures that stand against a proposal, by sort; what nobody could look at stands apart."""

    struck: tuple[Figure, ...]
    possible: tuple[Figure, ...]
    hazards: tuple[Figure, ...]
    proposals: tuple[Figure, ...]
    lots: tuple[Figure, ...]
    unseen: tuple[Figure, ...]


def standing_against(sheet: Sheet) -> Against:
    """Return rules that discard or may, hazards it touches (severest first), what it meets.

    A hazard counts where it has a level and touches something; a figure that lacks a layer, or
    says nothing, is ``unseen``, even where it counts as well.
    """
    conflicts, hazards = sheet.group(CONFLICTS), sheet.group(HAZARDS)
    by_level = {level: [one for one in conflicts if one.level == level] for level in LEVELS}
    severity = {one.id: n for n, one in enumerate(hazard_levels().levels)}
    touched = [
        one for one in hazards if one.level in severity and one.id not in SUMS and one.value != 0
    ]
    return Against(
        struck=tuple(by_level[STRUCK]),
        possible=tuple(by_level[POSSIBLE]),
        hazards=tuple(sorted(touched, key=lambda one: -severity[one.level or ""])),
        proposals=tuple(one for one in conflicts if one.level not in (None, *LEVELS)),
        lots=tuple(
            one
            for one in conflicts
            if one.id.startswith(LOTS) and one.id != PUBLIC_LOTS and one.value
        ),
        unseen=tuple(
            one
            for one in (*hazards, *conflicts)
            if one.missing or not one.is_told or (one.without and one.id not in SUMS)
        ),
    )
