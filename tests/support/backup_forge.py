"""Backups as a forger writes them: other content, and every checksum fits all the same."""

from __future__ import annotations

import hashlib
import json
import zipfile
from datetime import UTC
from datetime import datetime

import pytest
from council_rows import all_rows

from ilo_geo.core.errors import AuditError
from ilo_geo.core.errors import InputError
from ilo_geo.io.backup_file import MANIFEST
from ilo_geo.services.backup import write_backup
from ilo_geo.services.restore import backup_checked
from ilo_geo.services.restore import restore_backup

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


def backed_up(council, path):
    return write_backup(council, path, now=NOW)


def restore(council, path, area_id, **asked):
    with backup_checked(path, area_id) as backup:
        return restore_backup(council, backup, **asked)


def closed(path, change):
    """Write the parts of a backup anew, changed, with a checksum that fits."""
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    parts = change(parts)
    forged = path.with_name("forged.zip")
    with zipfile.ZipFile(forged, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
        packed.comment = b"0" * 64
    body = forged.read_bytes()[:-64]
    forged.write_bytes(body + hashlib.sha256(body).hexdigest().encode())
    return forged


def told(parts, **changes):
    """Return the parts with a manifest that fits them, and says something else as well."""
    manifest = json.loads(parts[MANIFEST])
    manifest["parts"] = {
        name: {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in parts.items()
        if name != MANIFEST
    }
    return {**parts, MANIFEST: json.dumps({**manifest, **changes}).encode()}


def with_part(name, content):
    return lambda parts: told({**parts, name: content})


def edited(table, change):
    def edit(parts):
        name = f"tables/{table}.jsonl"
        rows = [json.loads(line) for line in parts[name].splitlines()]
        change(rows)
        lines = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
        manifest = json.loads(parts[MANIFEST])
        n_rows = {**manifest["n_rows"], table: len(rows)}
        return told({**parts, name: lines}, n_rows=n_rows)

    return edit


def kept_files(council):
    return {path for path in (council.folder / "documents").rglob("*") if path.is_file()}


def unchanged_after(council, attempt_it):
    """Return the error of an attempt, sure that rows and files are as they were."""
    before = all_rows(council), kept_files(council)
    with pytest.raises((InputError, AuditError)) as caught:
        attempt_it()
    assert "\n" not in caught.value.text("es")
    assert (all_rows(council), kept_files(council)) == before
    return caught.value
