"""The council's key: made at first use, kept readable by its owner alone, signs by Ed25519.

Whoever has the key can sign anything in the council's name, so it is in no backup and in no answer;
only its public half and the fingerprint of that leave this module.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ilo_geo.core.errors import WorkspaceError
from ilo_geo.io.durable import sync_folder

KEY_FILE = "signing.pem"
OWNER_ONLY, OWNER_ONLY_FOLDER = 0o600, 0o700
OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Signer:
    """A key that signs; ``public_key`` is its public half, 32 bytes as hexadecimal."""

    _key: Ed25519PrivateKey

    @property
    def public_key(self) -> str:
        """Return the public half, for whoever checks a signature."""
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, message: bytes) -> str:
        """Return the signature of a message, 64 bytes as hexadecimal."""
        return self._key.sign(message).hex()


def signer(folder: Path) -> Signer:
    """Return the key kept in ``folder``, made there where there is none.

    Raises
    ------
    WorkspaceError
        It cannot be made or read, is no key, or others than its owner may read it.
    """
    path = folder / KEY_FILE
    try:
        if not path.exists():
            _make(path)
        content = _read(path)
        key = serialization.load_pem_private_key(content, password=None)
    except OSError as error:
        if isinstance(error, WorkspaceError):
            raise
        found = error.strerror or str(error)
        raise WorkspaceError("workspace.not_writable", where=str(path), found=found) from error
    except (ValueError, TypeError) as error:
        raise WorkspaceError("signing.unreadable", where=str(path)) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise WorkspaceError("signing.unreadable", where=str(path))
    return Signer(key)


def kept_public_key(folder: Path) -> str | None:
    """Return the public half of the key kept in ``folder``, None where none was made yet."""
    return signer(folder).public_key if (folder / KEY_FILE).exists() else None


def fingerprint(public_key: str) -> str:
    """Return the SHA-256 of a public key, what people compare."""
    return hashlib.sha256(bytes.fromhex(public_key)).hexdigest()


def is_signed(message: bytes, signature: str, public_key: str) -> bool:
    """Return whether ``signature`` is of ``message`` by the key whose public half is given."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature), message)
    except (ValueError, InvalidSignature):
        return False
    return True


def _make(path: Path) -> None:
    """Make a key; of two that make one at once, the first is kept by both."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=OWNER_ONLY_FOLDER)
    content = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    # mkstemp makes it readable by its owner only, before anything is in it
    handle, name = tempfile.mkstemp(prefix=".key-", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        try:
            # unlike a rename, a link never takes the place of a file that is there
            os.link(temporary, path)
        except FileExistsError:
            return
        sync_folder(path.parent)
    finally:
        temporary.unlink()


def _read(path: Path) -> bytes:
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & OTHERS:
        raise WorkspaceError("signing.open_to_others", where=str(path), found=f"{mode:04o}")
    return path.read_bytes()
