"""What somebody else changed while one edited, against the naive comparison of two forms."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ilo_geo.proposals.changes import SAID
from ilo_geo.proposals.changes import changes

VALUES = st.one_of(st.none(), st.just(""), st.text(max_size=3), st.integers(0, 3))
FORMS = st.dictionaries(st.sampled_from(SAID), VALUES)


@given(FORMS, FORMS)
def test_exactly_the_fields_that_differ_are_told_with_both_values(seen, now):
    blank = {
        None: "",
    }
    expected = {
        name
        for name in SAID
        if blank.get(seen.get(name), seen.get(name)) != blank.get(now.get(name), now.get(name))
    }
    found = changes(seen, now)
    assert {one.field for one in found} == expected
    assert all((one.seen, one.now) == (seen.get(one.field), now.get(one.field)) for one in found)


def test_what_is_no_part_of_the_form_is_no_change():
    assert changes({"title": "a", "version": 1}, {"title": "a", "version": 2, "state": "x"}) == ()
