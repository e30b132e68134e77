"""Classes of the maps of patrols and hot spots, as data with what the parameters make of it."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from functools import cache
from typing import Any

from ilo_geo.core.scales import CategoryScale
from ilo_geo.core.scales import Scale
from ilo_geo.core.scales import ScaleClass
from ilo_geo.core.text import LANGS
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.security.need_rules import need_rules
from ilo_geo.security.patrol.rules import patrol_rules

BASES, SECTOR_NUMBERS, LOOP, LOOP_HOURS = "bases", "sector_numbers", "loop", "loop_hours"
CLUSTERS = "clusters"


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = load_package_yaml("ilo_geo.security", "classes.yaml")
    return data


@cache
def marks_scale(name: str) -> CategoryScale:
    """Return the classes of bases, of the loop or of marks on the map, by their name."""
    return CategoryScale.model_validate(_data()[name])


def time_scale(limits_min: Sequence[float]) -> CategoryScale:
    """Return the classes of the minutes between the goals ``limits_min`` (min, ascending)."""
    data = _data()["response_time"]
    goals = dict(zip(("green", "yellow", "orange"), (f"{m:g}" for m in limits_min), strict=True))
    classes = [
        ScaleClass(
            id=one.id,
            title=_filled(data["says"][one.id], goals),
            colour=one.color,
            pattern=data["patterns"][one.id],
        )
        for one in patrol_rules().classes
    ]
    kept = {key: data[key] for key in ("id", "title", "column", "missing", "source")}
    return CategoryScale(classes=tuple(classes), **kept)


def sector_scale(names: Iterable[str]) -> CategoryScale:
    """Return one class a sector, its id the name of the sector; colours repeat after the last."""
    data = _data()["sectors"]
    palette = data["palette"]
    classes = [
        ScaleClass(
            id=name,
            title=_filled(data["says"], {"name": name}),
            colour=palette[n % len(palette)],
        )
        for n, name in enumerate(names)
    ]
    kept = {key: data[key] for key in ("id", "title", "column", "missing", "source")}
    return CategoryScale(classes=tuple(classes), **kept)


def density_columns() -> tuple[str, ...]:
    """Return the columns that a density may stand in."""
    return tuple(_data()["density"]["units"])


def density_scale(column: str, limits: Iterable[float]) -> Scale:
    """Return the classes of a density between ``limits``, in the unit of ``column``.

    Limits that coincide leave out the classes between them, the lowest first.
    """
    data = _data()["density"]
    breaks = tuple(sorted({limit for limit in limits if limit > 0}))
    titles = need_rules().density_classes.titles
    known = list(zip(data["ids"], titles, data["colours"], strict=True))
    classes = [
        ScaleClass(id=one, title=title, colour=colour)
        for one, title, colour in known[len(known) - len(breaks) - 1 :]
    ]
    return Scale(
        column=column,
        unit=data["units"][column],
        breaks=breaks,
        classes=tuple(classes),
        **{key: data[key] for key in ("id", "title", "missing", "source")},
    )


def _filled(said: Mapping[str, str], fields: Mapping[str, str]) -> Text:
    return Text(**{lang: said[lang].format(**fields) for lang in LANGS})
