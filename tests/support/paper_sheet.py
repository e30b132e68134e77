"""A technical sheet as the planner keeps it: figures of every group, modelled and official ones."""

from __future__ import annotations

from ilo_geo.core.layer import Status
from ilo_geo.core.text import Text
from ilo_geo.proposals.sheet import GROUPS
from ilo_geo.proposals.sheet import Figure
from ilo_geo.proposals.sheet import LayerNote
from ilo_geo.proposals.sheet import Sheet


def both(text: str) -> Text:
    return Text(es=text, en=f"{text} (en)")


def note(layer: str, status: Status) -> LayerNote:
    return LayerNote(
        layer=layer,
        title=both(f"Capa {layer}"),
        source=f"Municipalidad, {layer}",
        date="2024-05-03",
        status=status,
        accuracy_m=5.0,
        sha256=(layer.encode().hex() * 64)[:64],
    )


def figure(name: str, group: str, value: float | None, **more: object) -> Figure:
    return Figure(
        id=name,
        group=group,
        title=both(f"Cifra {name}"),
        value=value,
        explanation=both(f"Qué cuenta {name}: 1 < 2 & 3"),
        formula=both("Σ w·p / Σ w ≥ 0"),
        **more,
    )


def sheet(modelled: Status = Status.MODELLED, *, people: float = 1234.0) -> Sheet:
    """Return a sheet whose figures on people stand on a layer of that status."""
    figures = [
        figure("tsunami", "hazards", 0.312, low=0.1, high=0.55, decimals=3, layers=("terrain",)),
        figure(
            "served", "people", people, low=900.0, high=1500.0, unit=both("habitantes"),
            layers=("homes",),
        ),
        figure("deficit", "green", -0.5, decimals=2, unit=both("m² por habitante")),
        figure("water", "water", None, missing=(both("Red de agua"),), norms=("DS 012 (V)",)),
        figure("minutes", "response", 7.5, decimals=1, unit=both("min"), layers=("terrain",)),
    ]  # fmt: skip
    return Sheet(
        kind="park",
        shape="polygon",
        area_m2=1234.5,
        length_m=140.0,
        zone="Los Ángeles",
        titles={group: both(f"Grupo {group}") for group in GROUPS},
        figures=tuple(figures),
        layers=(note("homes", modelled), note("terrain", Status.OFFICIAL)),
        parameters={"near_m": 50},
        configuration_sha256="c" * 64,
        rules_sha256="r" * 64,
        neighbours_sha256="n" * 64,
    )
