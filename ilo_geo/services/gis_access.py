"""Programs that read maps by name and password at each request, as a GIS does.

A GIS asks for hundreds of tiles and cannot hold a session. Whoever gave the right password is
believed for a while without computing the hash again; what is remembered is a keyed digest, in
memory alone, and worth nothing once the password or the account changes.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from datetime import datetime
from threading import Lock

from ilo_geo.proposals.account_forms import folded_username
from ilo_geo.proposals.account_rules import account_rules
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.people import visitor
from ilo_geo.proposals.tables import account
from ilo_geo.services.council import Council
from ilo_geo.services.people import proven

KEY_BYTES = 32


class GisAccess:
    """Remembers who gave the right password of one council."""

    def __init__(self, council: Council) -> None:
        self._council = council
        self._key = secrets.token_bytes(KEY_BYTES)
        self._until: OrderedDict[bytes, datetime] = OrderedDict()
        self._lock = Lock()

    def proven(self, username: str, password: str, address: str) -> Actor:
        """Return whose name and password these are.

        Raises
        ------
        SignInError
            Nobody's.
        TooOftenError
            Too many failures of this account or from this address.
        """
        name = folded_username(username)
        with self._council.reading(visitor) as repo:
            found = repo.first(account, account.c.username == name, account.c.active.is_(True))
        now = repo.now
        kept = (found or {}).get("password_hash")
        mark = self._mark(name, password, kept) if kept else b""
        with self._lock:
            until = self._until.get(mark)
        if found is not None and until is not None and now < until:
            return Actor(found["role"], found["pseudonym"], found["id"])
        actor = proven(self._council, username, password, address)
        self._remember(mark, now)
        return actor

    def _remember(self, mark: bytes, now: datetime) -> None:
        rules = account_rules().gis
        with self._lock:
            self._until[mark] = now + rules.believed
            while len(self._until) > rules.most:
                self._until.popitem(last=False)

    def _mark(self, name: str, password: str, kept: str) -> bytes:
        # of what is kept too: after a change of password, nothing that was remembered fits
        parts = (name, password, kept)
        content = b"\0".join(part.encode("utf-8", "replace") for part in parts)
        return hmac.new(self._key, content, hashlib.sha256).digest()
