"""What tests of fetching share: settings towards loopback servers, a clock that sleep moves."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from ilo_geo.io.fetch.parts import Parts
from ilo_geo.io.fetch.patience import Patience
from ilo_geo.io.fetch.patience import Watch
from ilo_geo.io.fetch.settings import FetchSettings
from ilo_geo.io.fetch.settings import fetch_settings

NOW = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that only sleeping moves."""

    now_s: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds

    @property
    def watch(self) -> Watch:
        return Watch(lambda: self.now_s, self.sleep)


def settings_for(folder: Path, **sections: Any) -> FetchSettings:
    """Return the shipped settings with these sections changed, by way of the workspace's file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "fetch.yaml").write_text(yaml.safe_dump(sections), encoding="utf-8")
    return fetch_settings(folder, {})


def patience(settings: FetchSettings, clock: Clock) -> Patience:
    return Patience(settings.manners, clock.watch)


def parts_in(folder: Path) -> Parts:
    return Parts(folder / "fetching", NOW)
