"""Surveyed traces of a fault in the place of a catalogue's, on a city worked out by hand.

The catalogue's trace runs along x = 1,500 m, the survey's along x = 740 m; 600 people live in each
column of houses, whose points stand 37.5 m past every hundred metres.
"""

from __future__ import annotations

import pytest
from coast_city import write_coast_city
from coast_city import write_survey
from shapely import LineString

from ilo_geo.io.workspace import Workspace
from ilo_geo.services.analyses import analyse
from ilo_geo.services.areas import open_area
from ilo_geo.services.hazards import hazard_zones
from ilo_geo.services.results import ResultStore

SURVEYED = LineString([(740, 0), (740, 2000)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_coast_city(tmp_path_factory.mktemp("surveyed_city"))


def codes(result):
    return {notice.code for notice in result.warnings}


def test_the_survey_replaces_the_catalogue_as_a_whole(folder, tmp_path):
    before = open_area(folder, Workspace(tmp_path))
    store = ResultStore(before)
    kept = store.save(analyse(before, "fault", {}))
    write_survey(before, [SURVEYED])
    area = open_area(folder, Workspace(tmp_path))
    assert ResultStore(area).load(kept).changed_layers == ("faults",)
    found = analyse(area, "fault", {})
    assert found.maps["traces"]["surveyed"].tolist() == [True]
    assert {"fault.official", "fault.replaced"} <= codes(found)
    ref = next(ref for ref in found.provenance if ref.layer == "faults")
    assert (ref.status, ref.source) == ("official", "INGEMMET, traza de ensayo")
    people = found.tables["exposure"]["people_night_inhab"]
    # one column of houses stands 2.5 m west of the trace, the next ones 97.5 and 102.5 m away
    assert people["fault/no_build"] == pytest.approx(600)
    assert people["fault/caution"] == pytest.approx(1_200)
    zones = hazard_zones(area, 20, 0, "auto")
    bands = zones[zones["hazard"] == "fault"]
    assert {"no_build", "study", "caution"} <= set(bands["band"])
    narrow = bands[(bands["band"] == "no_build") & (bands["certainty"] == "line")].geometry.iloc[0]
    assert narrow.bounds[2] - narrow.bounds[0] == pytest.approx(30, abs=0.01)


def test_a_survey_that_states_no_accuracy_is_official_and_not_narrow(folder, tmp_path):
    write_survey(open_area(folder, Workspace(tmp_path)), [SURVEYED], accuracy_m=None)
    found = analyse(open_area(folder, Workspace(tmp_path)), "fault", {})
    assert {"fault.official_unsurveyed", "fault.accuracy_assumed"} <= codes(found)
    assert "no_build" not in set(found.maps["bands"]["band"])


def test_a_weaker_layer_above_an_official_one_is_told_of(folder, tmp_path):
    # the catalogue of this city is official
    write_survey(open_area(folder, Workspace(tmp_path)), [SURVEYED], status="observed")
    found = analyse(open_area(folder, Workspace(tmp_path)), "fault", {})
    assert "official_displaced" in codes(found)
