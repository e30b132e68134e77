"""Hot spots of an area on disk, with and without a layer of incidents brought by somebody."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import yaml

from ilo_geo.core.errors import SchemaError
from ilo_geo.core.layer import Origin
from ilo_geo.services.analyses import analyse
from ilo_geo.services.areas import open_area
from ilo_geo.services.map_layers import MapLayers
from ilo_geo.services.need import need_of


def bring(area, workspace, table):
    """Put a CSV of modelled incidents in the workspace and open the area anew."""
    folder = workspace.layer_dir(area.catalogue.workspace_id, Origin.IMPORTED, "incidents")
    folder.mkdir(parents=True)
    table.to_csv(folder / "data.csv", index=False)
    title = {"es": "Incidencias", "en": "Incidents"}
    meta = {"id": "incidents", "title": title, "theme": area.catalogue.themes[0].id}
    meta |= {"geometry": "point", "crs": area.config.crs, "source": "seed 7", "licence": "CC0"}
    meta |= {"date": "2026", "accuracy_m": 20, "status": "modelled", "file": "data.csv"}
    (folder / "layer.yaml").write_text(yaml.safe_dump(meta), encoding="utf-8")
    return open_area(area.catalogue.folder, workspace)


def fallen():
    rng = np.random.default_rng(7)
    xy = np.array([252_000, 8_047_000]) + rng.uniform((0, 0), (400, 200), (90, 2))
    table = pd.DataFrame(
        {"kind": "hurto", "date": "2025-02-03T21:15", "x": xy[:, 0], "y": xy[:, 1]}
    )
    table.loc[0, "x"] = np.nan
    table.loc[1, "x"] = 900_000
    table.loc[2, "date"] = None
    return table


def test_without_incidents_the_answer_is_a_proxy_and_says_so(toy):
    result = analyse(toy, "hotspots", {})
    assert result.summary["is_proxy"]
    assert need_of(toy).weight.sum() == pytest.approx(1)


def test_a_csv_of_incidents_takes_the_proxys_place_marked_as_modelled(toy, workspace):
    area = bring(toy, workspace, fallen())
    result = analyse(area, "hotspots", {})
    summary = result.summary
    assert not summary["is_proxy"]
    assert summary["incidents_status"] == "modelled"
    assert "incidents" in result.modelled_layers
    counted = [summary[f"n_{name}"] for name in ("incidents", "outside", "without_position")]
    assert counted == [88, 1, 1]
    # one of those used has no date: so few of them are not told
    assert summary["n_undated"] is None
    undated = next(n for n in result.warnings if n.code == "incidents.undated")
    assert "menos de 5" in undated.text("es")


def test_the_map_never_draws_incidents(toy, workspace):
    assert "incidents" not in MapLayers(bring(toy, workspace, fallen())).ids


def test_coordinates_that_are_no_numbers_are_refused_with_their_rows(toy, workspace):
    table = fallen().astype({"x": object})
    table.loc[4, "x"] = "oeste"
    with pytest.raises(SchemaError, match="row 4"):
        analyse(bring(toy, workspace, table), "hotspots", {})
