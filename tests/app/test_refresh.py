"""A planner that runs takes up what is switched under it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest
from small_city import write_small_city

from dash_app.planner import Planner
from dash_app.shell import view_of
from ilo_geo.core.layer import Status
from ilo_geo.io.workspace import Workspace
from ilo_geo.services.areas import open_area
from ilo_geo.services.init_layers import LayerTerms
from ilo_geo.services.init_layers import NewLayer
from ilo_geo.services.versions import NewVersion
from ilo_geo.services.versions import land
from ilo_geo.services.versions import undo


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Planner]:
    planner = Planner(open_area(write_small_city(tmp_path / "city"), Workspace(tmp_path / "ws")))
    yield planner
    planner.jobs.close()


def test_a_switch_shows_at_the_next_page_and_the_map_is_drawn_anew(own: Planner) -> None:
    before = own.maps.layer("parks").etag
    frame = own.area.frame("parks").iloc[:1]
    terms = LayerTerms("Municipality", "own", "2026", Status.OFFICIAL)
    made = datetime(2026, 11, 29, tzinfo=UTC)
    land(own.area, NewVersion("import", "parks.gpkg", made, {"parks": NewLayer(frame, terms)}))
    assert own.maps.layer("parks").etag == before
    view_of(own, "/")
    assert own.maps.layer("parks").etag != before
    assert own.entries["parks"].meta.source == "Municipality"
    undo(own.area)
    view_of(own, "/")
    assert own.maps.layer("parks").etag == before


def test_a_layer_put_there_with_a_fault_is_told(own: Planner) -> None:
    catalogue = own.area.catalogue
    folder = catalogue.workspace.root / catalogue.workspace_id / "imported" / "parks"
    folder.mkdir(parents=True)
    (folder / "layer.yaml").write_text("id: parks")
    for _ in range(2):
        view = view_of(own, "/")
        assert any("faults in the layer descriptions" in str(fault) for fault in view.faults)
