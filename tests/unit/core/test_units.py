"""Dates as written in Peru and as kept."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from ilo_geo.core.units import iso_date
from ilo_geo.core.units import peru_date


@given(st.dates())
def test_what_is_shown_reads_back_as_what_is_kept(day: date) -> None:
    assert peru_date(day.isoformat()) == day.strftime("%d/%m/") + f"{day.year:04d}"
    assert iso_date(peru_date(day.isoformat())) == day.isoformat()


@given(st.dates())
def test_a_date_kept_is_not_changed(day: date) -> None:
    assert iso_date(day.isoformat()) == day.isoformat()
