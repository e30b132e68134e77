"""A signed end of the audit log: what a printed minute holds, and how it is checked later.

The log itself shows a change in its middle. That its end was cut off, or that all of it was written
anew, shows only against something outside of it: an end that was signed, printed and handed out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ilo_geo.core.errors import AuditError
from ilo_geo.core.errors import InputError
from ilo_geo.io.signing import fingerprint
from ilo_geo.io.signing import is_signed
from ilo_geo.io.signing import signer
from ilo_geo.proposals import audit
from ilo_geo.proposals.people import system
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.tables import audit as log
from ilo_geo.proposals.tables import instant_text
from ilo_geo.services.council import Council

KEYS = "keys"
KIND, VERSION = "ilo-geo-head", "1"
MARK = "|"
# no time: nothing was ever written
NEVER = "-"
# what was pasted from a printed page may be broken into lines anywhere
BLANKS = re.compile(r"\s+")
WRITTEN = re.compile(
    r"ilo-geo-head\|1\|(?P<area>[^|]{1,100})\|(?P<seq>[0-9]{1,12})\|(?P<hash>[0-9a-f]{64})"
    r"\|(?P<at>[^|]{1,40})\|(?P<signature>[0-9a-f]{128})\|(?P<public_key>[0-9a-f]{64})"
)


@dataclass(frozen=True)
class SignedHead:
    """The end of the log, signed.

    Attributes
    ----------
    area
        Id of the city.
    seq, hash, at
        Number, hash and time of the last row; 0, zeros and None where nothing was written yet.
    signature, public_key, public_key_fingerprint
        Ed25519, hexadecimal; the fingerprint is the SHA-256 of the public key.
    """

    area: str
    seq: int
    hash: str
    at: datetime | None
    signature: str
    public_key: str
    public_key_fingerprint: str

    @property
    def text(self) -> str:
        """Return the one line that is printed and that ``audit verify --head`` reads."""
        parts = _parts(self.area, self.seq, self.hash, self.at)
        return MARK.join((*parts, self.signature, self.public_key))

    def document(self) -> dict[str, str | int | None]:
        """Return it as plain values, for JSON."""
        return {
            "area": self.area,
            "seq": self.seq,
            "hash": self.hash,
            "at": None if self.at is None else instant_text(self.at),
            "signature": self.signature,
            "public_key": self.public_key,
            "public_key_fingerprint": self.public_key_fingerprint,
            "text": self.text,
        }


def signed_head(council: Council) -> SignedHead:
    """Return the end of the log as it is now, signed.

    Raises
    ------
    WorkspaceError
        The key cannot be made or read.
    """
    with council.reading(system) as repo:
        return signed_head_in(council, repo)


def signed_head_in(council: Council, repo: Repository) -> SignedHead:
    """Return the end of the log as a transaction sees it, signed; see `signed_head`."""
    head, key = audit.head(repo.connection), signer(council.folder / KEYS)
    area = council.area().config.id
    signature = key.sign(_message(area, head.seq, head.hash, head.at))
    public = key.public_key
    return SignedHead(area, head.seq, head.hash, head.at, signature, public, fingerprint(public))


def read_head(text: str) -> SignedHead:
    """Return a head that was printed, alone or in a longer text; its signature holds.

    Raises
    ------
    InputError
        There is none in the text.
    AuditError
        It was not signed by the key it names: it was changed, or written by somebody else.
    """
    found = WRITTEN.search(BLANKS.sub("", text))
    if found is None:
        raise InputError("audit.head_unreadable", found=repr(text[:40]))
    told = found.groupdict()
    try:
        at = None if told["at"] == NEVER else datetime.fromisoformat(told["at"])
        head = _head_of(told, at)
        # written in another way it is not what was printed
        exact = head.text == found[0]
    except (ValueError, OverflowError):
        exact = False
    if not exact:
        raise InputError("audit.head_unreadable", found=repr(told["at"]))
    message = _message(head.area, head.seq, head.hash, head.at)
    if not is_signed(message, head.signature, head.public_key):
        raise AuditError("audit.head_forged", seq=head.seq)
    return head


def require_head(
    council: Council, repo: Repository, head: SignedHead, trusted: str | None = None
) -> None:
    """Find a printed head in the log as it is now.

    Parameters
    ----------
    trusted
        Fingerprint of the key that must have signed; by default the one of this workspace.

    Raises
    ------
    AuditError
        Another key signed it, it is of another city, or the log no longer holds that row.
    """
    area = council.area().config.id
    if head.area != area:
        raise AuditError("audit.head_of_another", found=head.area, expected=area)
    expected = trusted or fingerprint(signer(council.folder / KEYS).public_key)
    if head.public_key_fingerprint != expected.lower():
        raise AuditError(
            "audit.head_of_other_key", found=head.public_key_fingerprint, expected=expected
        )
    if head.seq == 0:
        return
    last = audit.head(repo.connection)
    kept = repo.connection.execute(select(log.c.hash).where(log.c.seq == head.seq)).scalar()
    if kept is None:
        raise AuditError("audit.cut", seq=head.seq, last=last.seq)
    if kept != head.hash:
        raise AuditError("audit.head_differs", seq=head.seq)


def _head_of(told: Mapping[str, str], at: datetime | None) -> SignedHead:
    return SignedHead(
        area=told["area"],
        seq=int(told["seq"]),
        hash=told["hash"],
        at=at,
        signature=told["signature"],
        public_key=told["public_key"],
        public_key_fingerprint=fingerprint(told["public_key"]),
    )


def _message(area: str, seq: int, row_hash: str, at: datetime | None) -> bytes:
    # a list as JSON: no two heads have the same text
    return json.dumps(_parts(area, seq, row_hash, at), ensure_ascii=False).encode()


def _parts(area: str, seq: int, row_hash: str, at: datetime | None) -> tuple[str, ...]:
    return KIND, VERSION, area, str(seq), row_hash, NEVER if at is None else instant_text(at)
