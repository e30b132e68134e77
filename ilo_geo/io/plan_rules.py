"""Reads the ``plan/`` folder of a study area: one YAML file a theme of the plan's rules."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from ilo_geo.core.layer import ID_PATTERN
from ilo_geo.core.text import from_yaml

PLAN_FOLDER = "plan"
MAX_FILE_BYTES = 1_000_000
Stamp = tuple[tuple[str, int, int], ...]


def plan_stamp(area_folder: Path) -> Stamp:
    """Return what changes when a rule file does; empty where the area has no rules."""
    found = []
    for path in _rule_paths(area_folder):
        stat = path.stat()
        found.append((path.name, stat.st_mtime_ns, stat.st_size))
    return tuple(found)


def read_plan_files(area_folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Return the parsed content of each rule file by theme id, and what could not be parsed."""
    files: dict[str, Any] = {}
    faults: list[str] = []
    for path in _rule_paths(area_folder):
        if not re.match(ID_PATTERN, path.stem):
            faults.append(f"{path.name}: the name is no id ({ID_PATTERN})")
            continue
        try:
            if path.stat().st_size > MAX_FILE_BYTES:
                faults.append(f"{path.name}: larger than {MAX_FILE_BYTES:,} bytes")
                continue
            files[path.stem] = from_yaml(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            faults.append(f"{path.name}: is not YAML ({' '.join(str(error).split())[:200]})")
        except OSError as error:
            faults.append(f"{path.name}: cannot be read ({error.strerror})")
    return files, faults


def _rule_paths(area_folder: Path) -> list[Path]:
    return sorted((area_folder / PLAN_FOLDER).glob("[!.]*.yaml"))
