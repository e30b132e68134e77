"""What can go wrong, as one small tree.

::

    IloGeoError                 everything this package raises on purpose
    ├── InputError (ValueError)     the caller can mend it: exit code 2
    │   ├── SchemaError                 a file does not match its description
    │   ├── CrsError                    reference systems missing or mixed
    │   ├── LayerNotFoundError          no such layer in the study area
    │   ├── ParameterError              a parameter is unknown or out of range
    │   └── NotFoundError               nothing of that name, or nothing the reader may know of
    ├── RefusedError                who asks may not; nothing changes: exit code 1
    │   ├── SignInError                 nobody is signed in, or the words do not fit
    │   └── TooOftenError               asked too often; may ask again after a while
    ├── ConflictError               it does not fit what is there by now; nothing changes
    ├── WorkspaceError (OSError)    the disk or another process is in the way: exit code 1
    ├── FetchError                  the network or a server is in the way: exit code 1
    ├── DatabaseError               the database is down, refuses or fails: exit code 1
    ├── AuditError                  the audit log or its printed head does not hold: exit code 1
    └── CancelledError              the user stopped a job

An error carries a ``code`` of ``messages.yaml`` and the facts (what was found, where, what was
expected, what to do); the sentence is made where it is shown, in the reader's language.
"""

import re
from typing import Any

from ilo_geo.core.text import Lang
from ilo_geo.core.text import Text
from ilo_geo.core.text import messages

# the folders of an absolute path, after a blank, a quote or a bracket: what lies between is a name
FOLDERS = re.compile(
    r"""(?:^|(?<=[\s'"«(\[]))(?:[A-Za-z]:)?[/\\](?=[^\s/\\])(?:[^/\\:;,\n]+[/\\])+"""
)
ELSEWHERE = "…/"
# an option of the command line, in brackets after what a page asks for by its own means
OPTION = re.compile(r"\s*\((?:[^()]*\s)?--[a-z][^()]*\)")


class IloGeoError(Exception):
    """Base of every error raised on purpose."""

    exit_code = 1

    def __init__(self, code: str, **fields: Any) -> None:
        self.code = code
        self.fields = fields
        super().__init__(code)

    def text(self, lang: Lang) -> str:
        """Return the one-line message in ``lang``."""
        return " ".join(messages()[self.code].format(lang, **self.fields).split())

    def public_text(self, lang: Lang) -> str:
        """Return the message for a reader of a page.

        It does not tell where on the disk things lie, nor options of the command line that stand in
        brackets.
        """
        said = messages()[self.code]
        plain = Text(es=OPTION.sub("", said.es), en=OPTION.sub("", said.en))
        return FOLDERS.sub(ELSEWHERE, " ".join(plain.format(lang, **self.public_fields()).split()))

    def public_fields(self) -> dict[str, Any]:
        """Return the facts that a reader of a page is told."""
        return self.fields

    def __str__(self) -> str:
        """Return the one-line English message."""
        return self.text("en")


class InputError(IloGeoError, ValueError):
    """Something the caller gave is wrong and can be mended by the caller."""

    exit_code = 2


class SchemaError(InputError):
    """A file does not match its description; ``faults`` lists every mismatch found."""

    def __init__(self, code: str, *, faults: list[str], **fields: Any) -> None:
        self.faults = tuple(faults)
        listed = "; ".join(f"({n}) {fault}" for n, fault in enumerate(faults, start=1))
        super().__init__(code, n_faults=len(faults), faults=listed, **fields)


class CrsError(InputError):
    """A reference system is missing, mixed or not metric."""


class LayerNotFoundError(InputError, LookupError):
    """The study area has no such layer."""


class ParameterError(InputError):
    """A parameter is unknown, of the wrong type or out of its range."""


class NotFoundError(InputError, LookupError):
    """There is no such thing, or it is none of the reader's business."""


class RefusedError(IloGeoError):
    """Who asks may not do it; nothing was changed."""


class SignInError(RefusedError):
    """Nobody is signed in, or what was given to sign in does not fit."""


class TooOftenError(RefusedError):
    """It was asked too often within a while; nobody is shut out for ever."""


class ConflictError(IloGeoError):
    """What was asked does not fit what is there by now; nothing was changed."""


class WorkspaceError(IloGeoError, OSError):
    """The workspace cannot be written or is held by another process."""


class FetchError(IloGeoError):
    """The network or a server of public data is in the way; no ``OSError``, as no disk refused."""


class DatabaseError(IloGeoError):
    """The database cannot be reached, refuses or fails; it is as it was."""

    def public_fields(self) -> dict[str, Any]:
        """Return the facts without the machine that the database is on."""
        where = str(self.fields.get("where", "")).rpartition("/")[2]
        return {**self.fields, "where": where}


class AuditError(IloGeoError):
    """The audit log does not hold, or a head that was printed does not fit it."""


class CancelledError(IloGeoError):
    """The user stopped a job; nothing of it is kept."""

    def __init__(self) -> None:
        super().__init__("job.cancelled")
