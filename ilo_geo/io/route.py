"""What the sheet of an evacuation route needs to know; whoever computes routes fits this shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import shapely

from ilo_geo.core.text import Text


class Leg(Protocol):
    """A stretch of the way and the sentence that leads into it."""

    @property
    def instruction(self) -> Text:
        """What to do, metres included."""

    @property
    def length_m(self) -> float:
        """Metres walked."""


class MeetingPoint(Protocol):
    """Where the way ends; names of the nearest street and place where there are any."""

    @property
    def x_m(self) -> float:
        """Easting in the metric CRS."""

    @property
    def y_m(self) -> float:
        """Northing in the metric CRS."""

    @property
    def elevation_m(self) -> float:
        """Height above the sea."""

    @property
    def street(self) -> str | None:
        """Nearest street with a name."""

    @property
    def place(self) -> str | None:
        """Nearest place with a name."""

    @property
    def place_gap_m(self) -> float:
        """How far that place is."""


class Route(Protocol):
    """What the sheet needs to know of a route, start to meeting point, in the metric CRS."""

    @property
    def line(self) -> shapely.LineString:
        """Path walked."""

    @property
    def delay_min(self) -> float:
        """Minutes before one is under way."""

    @property
    def total_min(self) -> float:
        """Minutes from the earthquake to the meeting point, delay included."""

    @property
    def length_m(self) -> float:
        """Length of the path."""

    @property
    def climb_m(self) -> float:
        """Metres uphill, descents not set off."""

    @property
    def legs(self) -> Sequence[Leg]:
        """What to say, in order."""

    @property
    def meeting_point(self) -> MeetingPoint:
        """End of the path on safe ground."""

    @property
    def slowest_min(self) -> float:
        """Minutes to safety of the last person of the place; infinite where one has no way."""
