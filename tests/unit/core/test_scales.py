import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ilo_geo.core.scales import Scale


def scale(breaks: list[float], n_classes: int) -> Scale:
    text = {"es": "x", "en": "x"}
    classes = [{"id": f"c{n}", "title": text, "colour": "#000000"} for n in range(n_classes)]
    return Scale.model_validate(
        {
            "id": "toy", "title": text, "column": "value", "unit": text, "breaks": breaks,
            "classes": classes, "missing": {"id": "none", "title": text, "colour": "#ffffff"},
            "source": "toy",
        }
    )  # fmt: skip


@pytest.mark.parametrize(("breaks", "n"), [([1.0, 1.0], 3), ([2.0, 1.0], 3), ([1.0], 3), ([], 2)])
def test_breaks_ascend_and_fit_the_classes(breaks: list[float], n: int) -> None:
    with pytest.raises(ValidationError):
        scale(breaks, n)


@given(st.lists(st.floats(-10, 20) | st.sampled_from([0.5, 2.78, 9.0]) | st.just(float("nan"))))
def test_class_is_the_number_of_breaks_not_above_the_value(values: list[float]) -> None:
    breaks = [0.5, 2.78, 9.0]
    got = scale(breaks, 4).class_ids(pd.Series(values, dtype=float))
    expected = ["none" if v != v else f"c{sum(b <= v for b in breaks)}" for v in values]
    assert list(got) == expected
