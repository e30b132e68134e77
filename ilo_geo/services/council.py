"""The council's table of one study area: the door that pages, commands and papers go through.

Whoever asks is an `Actor`. What they ask runs in one transaction with its audit row; what is
refused changes nothing. The clock is given, and never goes back behind what was written last, nor
behind the latest moment at which anybody wrote or was refused in this process.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.errors import ShapelyError
from sqlalchemy import select

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.crs import transformer
from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import DatabaseError
from ilo_geo.core.errors import InputError
from ilo_geo.io.database import SQLITE_FILE
from ilo_geo.io.database import Database
from ilo_geo.io.database import postgres_database
from ilo_geo.io.database import sqlite_database
from ilo_geo.io.document_files import DOCUMENTS
from ilo_geo.io.document_files import DocumentFiles
from ilo_geo.io.postgis import ENV_DATABASE
from ilo_geo.io.postgis import database_address
from ilo_geo.io.schema_version import bring_up_to_date
from ilo_geo.io.schema_version import is_there
from ilo_geo.proposals import audit
from ilo_geo.proposals.commands import lifecycle
from ilo_geo.proposals.commands import perform
from ilo_geo.proposals.commands import readable
from ilo_geo.proposals.commands import require_allowed
from ilo_geo.proposals.commands import require_may
from ilo_geo.proposals.forms import form_of
from ilo_geo.proposals.model import EditForm
from ilo_geo.proposals.model import NewProposalForm
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.people import system
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.shape import require_shape
from ilo_geo.proposals.tables import document
from ilo_geo.services.areas import Area

logger = logging.getLogger(__name__)

FOLDER, DISCARD = "council", "discard"
# corners more than this many times what may be drawn are not even parsed
UNPARSED_FACTOR = 2
# what shapely raises on what is no geometry
UNREADABLE = (
    ShapelyError, ValueError, TypeError, AttributeError, KeyError, IndexError, OverflowError,
    RecursionError,
)  # fmt: skip


def now() -> datetime:
    """Return the server's time."""
    return datetime.now(UTC)


@dataclass
class Latest:
    """The latest moment seen, kept under the writers' turn."""

    at: datetime | None = None


@dataclass(frozen=True)
class Council:
    """The records of one area. ``area`` is asked each time, as its layers may change."""

    database: Database
    area: Callable[[], Area]
    folder: Path
    clock: Callable[[], datetime] = now
    _latest: Latest = field(default_factory=Latest)

    @contextmanager
    def reading(self, actor: Actor) -> Iterator[Repository]:
        """Yield the records as they are at one moment."""
        with self.database.reading() as connection:
            yield Repository(connection, actor, self.clock())

    @contextmanager
    def writing(self, actor: Actor) -> Iterator[Repository]:
        """Yield the records to the only writer; all of it is kept, or nothing.

        Raises
        ------
        DatabaseError
            It cannot be written, or the clock is a day or more behind what was written.
        """
        with self.database.writing() as connection:
            last = audit.head(connection)
            yield Repository(connection, actor, self._moment(last), last)

    @contextmanager
    def unlogged(self) -> Iterator[Repository]:
        """Yield the only writer what the log tells nothing of: sessions and tries to sign in.

        Its moment is the clock's own, so that a wrong clock shuts nobody out for longer than it is
        wrong. Nothing that has its row in the log may be written in it.
        """
        with self.database.writing() as connection:
            yield Repository(connection, system, self.clock())

    def set_clock(self) -> tuple[datetime, datetime]:
        """Go on at the clock's time though what was written last is later; return both times.

        It is a row of the log like any other: whoever walks it sees where time goes back.

        Raises
        ------
        ConflictError
            Nothing was written at a later time.
        """
        with self.database.writing() as connection:
            last, moment = audit.head(connection), self.clock()
            if last.at is None or last.at <= moment:
                raise ConflictError("council.clock_right")
            audit.append_of_itself(connection, last, audit.SET_CLOCK, last.hash, system, moment)
            self._latest.at = moment
            return last.at, moment

    def _moment(self, last: audit.Head) -> datetime:
        """Return the moment of what is written now; a clock that was set back reopens nothing."""
        clock, rules = self.clock(), rulebook().clock
        moment = max(at for at in (clock, last.at, self._latest.at) if at is not None)
        if moment - clock >= rules.behind:
            found, latest = (f"{at:%Y-%m-%d %H:%M} UTC" for at in (clock, moment))
            raise DatabaseError(
                "council.clock_behind", where=self.database.where, found=found, latest=latest
            )
        if moment - clock >= rules.told:
            logger.warning("the clock is %s behind what was written last", moment - clock)
        self._latest.at = moment
        return moment

    def do(
        self, actor: Actor, verb: str, proposal_id: str, asked: Mapping[str, Any] | None = None
    ) -> Record:
        """Do a verb on a proposal; see `ilo_geo.proposals.commands.perform`."""
        with self.writing(actor) as repo:
            files = {one["sha256"] for one in self._documents(repo, verb, proposal_id)}
            done = perform(repo, verb, proposal_id, asked or {})
        self._remove_files(files)
        return done

    def _documents(self, repo: Repository, verb: str, proposal_id: str) -> list[Record]:
        """Return the documents that go with a draft that is discarded."""
        of_it = document.c.proposal_id == proposal_id
        return repo.find(document, of_it) if verb == DISCARD else []

    def _remove_files(self, sha256s: set[str]) -> None:
        """Take away files that no document speaks of any more, once that is on the disk."""
        if not sha256s:
            return
        files = DocumentFiles(self.folder / DOCUMENTS)
        try:
            with self.database.writing() as connection:
                spoken_of = select(document.c.sha256).where(document.c.sha256.in_(sha256s))
                for sha256 in sha256s - set(connection.execute(spoken_of).scalars()):
                    files.remove(sha256)
        except (OSError, DatabaseError) as error:
            # what was asked is done; a file that stays is in nobody's way
            logger.warning("the file of a discarded draft was not taken away: %s", error)

    def create(
        self, actor: Actor, asked: Mapping[str, Any], shape: Mapping[str, Any] | None
    ) -> Record:
        """Write a draft of the actor's own.

        Parameters
        ----------
        shape
            A GeoJSON geometry in WGS 84, as it was drawn.
        """
        with self.reading(actor) as repo:
            require_allowed(repo, "create")
        form = form_of(NewProposalForm, asked)
        placed = self.placed(shape, form.kind)
        srid, zone = self.srid, self.zone_of(placed)
        with self.writing(actor) as repo:
            require_allowed(repo, "create")
            return lifecycle.create(repo, form, placed, srid, zone)

    def edit(
        self,
        actor: Actor,
        proposal_id: str,
        asked: Mapping[str, Any],
        shape: Mapping[str, Any] | None = None,
    ) -> Record:
        """Write a proposal anew over the version that was seen; no ``shape`` leaves it in place."""
        with self.reading(actor) as repo:
            require_may(repo, "edit", readable(repo, proposal_id))
        form = form_of(EditForm, asked)
        moved = None if shape is None else self.placed(shape, form.kind)
        with self.writing(actor) as repo:
            found = readable(repo, proposal_id)
            require_may(repo, "edit", found)
            placed = shapely.from_wkb(found["geometry"]) if moved is None else moved
            require_shape(placed, form.kind, None)
            return lifecycle.edit(repo, found, form, placed, self.zone_of(placed))

    @property
    def srid(self) -> int:
        """Return the EPSG code of the area's metric CRS."""
        code = self.area().crs.to_epsg()
        return int(code or 0)

    def placed(self, shape: Mapping[str, Any] | None, kind: str) -> shapely.Geometry:
        """Return a drawn shape in metres, checked.

        Raises
        ------
        InputError
            It is no GeoJSON geometry, or no shape for a proposal of this kind in this city.
        """
        drawn = _geometry(shape)
        to_metres = transformer(DISPLAY_CRS, self.area().crs).transform
        metric = shapely.transform(drawn, to_metres, interleaved=False)
        require_shape(metric, kind, self.area().boundary)
        return metric

    def zone_of(self, shape: shapely.Geometry) -> str:
        """Return the id of the finest zone that holds the middle of a shape, nothing for none."""
        area = self.area()
        level = area.config.levels[-1]
        zones = area.frame(level)
        # by the layer's index: a writer waits for nobody's walk over all zones
        held = sorted(zones.sindex.query(shape.representative_point(), predicate="intersects"))
        return str(zones["id"].iloc[held[0]]) if held else ""


def open_council(
    area: Callable[[], Area],
    *,
    url: str | None = None,
    clock: Callable[[], datetime] = now,
    must_exist: bool = False,
) -> Council:
    """Open the council's table of an area, made where there is none.

    Parameters
    ----------
    url
        Of a PostgreSQL database, by default what ``ILO_GEO_DATABASE_URL`` says; empty for the
        SQLite file in the workspace.
    must_exist
        Whether it is a mistake that there is none: an empty log proves nothing.

    Raises
    ------
    DatabaseError
        It cannot be opened, or a newer program made it, or there is none and there must be.
    """
    catalogue = area().catalogue
    folder = catalogue.workspace.root / catalogue.workspace_id / FOLDER
    given = os.environ.get(ENV_DATABASE, "") if url is None else url
    if given.strip():
        database = postgres_database(database_address(given), catalogue.workspace_id)
    else:
        database = sqlite_database(folder / SQLITE_FILE)
    if must_exist and not is_there(database):
        raise DatabaseError("council.no_database", where=database.where)
    bring_up_to_date(database)
    return Council(database, area, folder, clock)


def _geometry(shape: Mapping[str, Any] | None) -> shapely.Geometry:
    n_points = _n_points((shape or {}).get("coordinates"))
    most = rulebook().limits.geometry_points
    if n_points > UNPARSED_FACTOR * most:
        raise InputError("council.shape_points", found=n_points, most=most)
    try:
        # positions of what may be 10⁵ of them are read once, here; of heights nothing is kept
        with np.errstate(invalid="ignore"):
            drawn = shapely.force_2d(shapely.geometry.shape(shape))
    except UNREADABLE as error:
        found = type(error).__name__
        raise InputError("council.shape_unreadable", found=found) from error
    if not np.isfinite(shapely.get_coordinates(drawn)).all():
        raise InputError("council.shape_unreadable", found="NaN")
    return drawn


def _n_points(coordinates: object) -> int:
    """Return how many positions a GeoJSON geometry lists."""
    n_points, waiting = 0, [coordinates]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list | tuple):
            is_position = bool(part) and not isinstance(part[0], list | tuple)
            n_points += is_position
            waiting += [] if is_position else part
    return n_points
