import pandas as pd

from ilo_geo.core.schema import Column
from ilo_geo.core.schema import table_faults


def test_every_mismatch_is_listed_with_its_rows() -> None:
    table = pd.DataFrame(
        {
            "levels": [1, 2.5, None, 300],
            "name": ["a", None, "c", "d"],
            "oneway": ["both", "up", "both", "both"],
            "walk": [1, 0, "yes", True],
            "height_m": ["3.5", "tall", "2", "1"],
        }
    )
    columns = {
        "levels": Column(kind="integer", nullable=True, minimum=2, maximum=200),
        "name": Column(kind="text"),
        "oneway": Column(kind="text", allowed=("both", "forward")),
        "walk": Column(kind="boolean"),
        "height_m": Column(kind="number"),
        "use": Column(kind="text"),
    }
    assert table_faults(table, columns) == [
        "column 'levels' is not a whole number in row 1",
        "column 'levels' is below 2 in row 0",
        "column 'levels' is above 200 in row 3",
        "column 'name' has no value in row 1",
        "column 'oneway' is none of [both, forward] in row 1",
        "column 'walk' is not true/false in row 2",
        "column 'height_m' is not a number in row 1",
        "column 'use' is missing (found: levels, name, oneway, walk, height_m)",
    ]


def test_a_sound_table_has_no_faults() -> None:
    table = pd.DataFrame({"n": [1, 2], "share_ratio": [0.0, 1.0]})
    columns = {
        "n": Column(kind="integer", minimum=1, maximum=2),
        "share_ratio": Column(kind="number", minimum=0, maximum=1),
    }
    assert table_faults(table, columns) == []


def test_many_faulty_rows_are_counted_not_listed() -> None:
    table = pd.DataFrame({"n": [-1] * 8})
    faults = table_faults(table, {"n": Column(kind="integer", minimum=0)})
    assert faults == ["column 'n' is below 0 in rows 0, 1, 2, 3, 4 and 3 more"]
