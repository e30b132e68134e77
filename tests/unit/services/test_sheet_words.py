"""What a sheet says beside its figures: notes, what an interval is of, scales, one and many."""

from __future__ import annotations

import shutil
from pathlib import Path

from shapely import box
from sheet_town import add_layer
from small_city import _at

from ilo_geo.core.units import peru_number
from ilo_geo.io.workspace import Workspace
from ilo_geo.proposals.sheet_rules import sheet_rules
from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area
from ilo_geo.services.proposal_sheet import technical_sheet

PARK = box(*_at(1010, 970, 1090, 1050))


def test_a_park_off_the_city_says_so_beside_the_deficit_it_closes(sheet_area: Area) -> None:
    # the zones end at 2,000; half of it lies past them, and no street comes near
    shown = technical_sheet(sheet_area, box(*_at(1960, 2100, 2040, 2180)), "park")
    assert (shown.zone, shown["served"].value) == ("", 0)
    closed = shown["city_deficit_closed"]
    assert closed.value > 0
    for said in (
        "6,400 m² están fuera de toda zona.",
        sheet_rules().words["outside_zones"].es,
        "no sirve a nadie",
    ):
        assert said in closed.note.es
    assert closed.note.es in str(shown.document("es"))
    # one that lies in the city and serves people has nothing to say, nor has a figure of today
    inside = technical_sheet(sheet_area, PARK, "park")
    assert inside["served"].value > 0
    assert all(one.note is None for one in (*inside.figures, shown["city_deficit_before"]))


def test_what_of_a_park_lies_past_the_urban_footprint_is_told(
    sheet_folder: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "city"
    shutil.copytree(sheet_folder, copy)
    add_layer(copy, "urban_footprint", [box(*_at(0, 0, 1050, 2000))])
    area = open_area(copy, Workspace(tmp_path / "ws"))
    closed = technical_sheet(area, PARK, "park")["city_deficit_closed"]
    assert closed.note.es == "El 50.0 % de la forma está fuera de la mancha urbana."
    assert "urban_footprint" in closed.layers


def test_an_interval_says_what_it_is_of_and_a_level_its_scale(sheet_area: Area) -> None:
    shown = technical_sheet(sheet_area, box(*_at(40, 400, 240, 600)), "park")
    flood = shown["flood_20"]
    low, high = peru_number(flood.low), peru_number(flood.high)
    assert flood.low < flood.high
    assert flood.interval("es") == f"dentro de la forma: de {low} a {high}"
    assert shown["multihazard"].interval("en").startswith("uncertainty: ")
    assert shown["served"].interval("es").startswith("según la base de población: ")
    assert shown["residual"].unit.es == "nivel (escala 0 a 1)"
    assert shown["strongest"].unit.es == "nivel (escala 0.035 a 0.503)"
    for one in shown.figures:
        assert one.ends is not None or one.low == one.high


def test_one_is_told_in_the_singular(sheet_area: Area) -> None:
    shown = technical_sheet(sheet_area, box(*_at(355, 355, 365, 365)), "park")
    lots = next(one for one in shown.figures if one.id.startswith("lots_"))
    assert (lots.value, lots.unit.es, lots.unit.en) == (1, "lote", "lot")
    assert (shown["proposals"].value, shown["proposals"].unit.es) == (0, "propuestas")
