"""The tables of a choice of cameras."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ilo_geo.security.cameras.choice import Greedy
from ilo_geo.security.cameras.choice import greedy
from ilo_geo.security.cameras.choice import losses
from ilo_geo.security.cameras.fields import Field
from ilo_geo.security.cameras.fields import camera_fields
from ilo_geo.security.cameras.fields import overlaps
from ilo_geo.security.cameras.fields import widest_m
from ilo_geo.security.cameras.mounting import tilt_of
from ilo_geo.security.cameras.parameters import CameraParams
from ilo_geo.security.cameras.question import CameraInputs
from ilo_geo.security.cameras.question import Scene
from ilo_geo.security.cameras.reasons import reasons
from ilo_geo.security.cameras.rules import CameraRules
from ilo_geo.security.cameras.storage import storage_gb
from ilo_geo.security.cameras.uncertainty import Hung
from ilo_geo.security.optics import CameraModel
from ilo_geo.security.optics import camera_models
from ilo_geo.security.visibility.masking import MaskedArea
from ilo_geo.siting.problem import Bools
from ilo_geo.siting.problem import Floats
from ilo_geo.siting.problem import Ints

GREEDY, CHOSEN = "greedy", "chosen"
# the frontier goes on to so many times the cameras chosen, to show what more would bring
FRONTIER_FACTOR = 2


@dataclass(frozen=True)
class Chosen:
    """The chosen views in the order in which they add most, and how they hang."""

    scene: Scene
    ranked: Greedy

    @classmethod
    def of(cls, scene: Scene, selected: Ints) -> Chosen:
        """Return a selection in greedy order."""
        return cls(scene, greedy(scene.question, selected, len(selected)))

    @property
    def views(self) -> Ints:
        """Return the positions of the views, the one that adds most first."""
        return self.ranked.order

    @property
    def ids(self) -> list[str]:
        """Return the names of the cameras, by rank: pole, heading and model.

        So a camera that two choices share has the same name in both.
        """
        hung = zip(self.poles.index, self.hung.heading_deg, self.hung.lenses, strict=True)
        return [f"{pole}:{heading:g}:{lens.id}" for pole, heading, lens in hung]

    @property
    def models(self) -> list[CameraModel]:
        """Return the model of each camera."""
        known = camera_models()
        return [known[lens.id] for lens in self.hung.lenses]

    @cached_property
    def hung(self) -> Hung:
        """Return place, heading and lens of each camera."""
        scene, views = self.scene, self.scene.views
        return Hung(
            xy=scene.poles.xy[views.pole[self.views]],
            heading_deg=views.heading_deg[self.views],
            lenses=tuple(scene.lenses[lens] for lens in views.lens[self.views]),
        )

    @property
    def poles(self) -> pd.DataFrame:
        """Return the pole of each camera."""
        return self.scene.poles.frame.iloc[self.scene.views.pole[self.views]]

    @property
    def seen(self) -> Bools:
        """Return which places are covered."""
        return self.scene.question.seen(self.views) > 0

    def added(self) -> list[Bools]:
        """Return the places that each camera covers and those before it do not."""
        question, found, before = self.scene.question, [], np.zeros(len(self.seen), dtype=bool)
        for n in range(1, len(self.views) + 1):
            now = question.seen(self.views[:n]) > 0
            found.append(now & ~before)
            before = now
        return found


@dataclass(frozen=True)
class Drawn:
    """What the chosen cameras see as areas, and what is masked of it."""

    fields: list[Field]
    masked: list[MaskedArea]

    @classmethod
    def of(cls, chosen: Chosen, inputs: CameraInputs, params: CameraParams) -> Drawn:
        """Return the fields of a choice."""
        scene = chosen.scene
        range_m = widest_m(tuple(chosen.models), scene.asked, params)
        around = scene.sight.shapes(chosen.hung.xy, range_m)
        return cls(*camera_fields(chosen.hung, around, inputs.dwellings, scene.asked, params))

    def counted(self, camera: int) -> shapely.Geometry:
        """Return what a camera sees at the density asked for or finer."""
        own = [field.shape for field in self.fields if field.camera == camera and field.counted]
        return shapely.union_all(own)


def camera_table(
    chosen: Chosen, drawn: Drawn, params: CameraParams, rules: CameraRules
) -> gpd.GeoDataFrame:
    """Return a row a camera, the one that adds most first; ratios are of the whole city's."""
    scene, question, hung = chosen.scene, chosen.scene.question, chosen.hung
    sees = question.reach[chosen.views]
    shapes = [drawn.counted(camera) for camera in range(len(chosen.views))]
    density = scene.asked.band.density_px_m
    table = gpd.GeoDataFrame(
        {
            "rank": np.arange(1, len(chosen.views) + 1),
            "pole": chosen.poles.index.to_numpy(),
            "kind": chosen.poles["kind"].to_numpy(),
            "heading_deg": hung.heading_deg,
            "model": [lens.id for lens in hung.lenses],
            "hfov_deg": [lens.hfov_deg for lens in hung.lenses],
            "tilt_deg": [tilt_of(model, density, params) for model in chosen.models],
            "near_m": [lens.near_m for lens in hung.lenses],
            "range_m": [lens.far_m for lens in hung.lenses],
            "seen_m2": shapely.area(np.array(shapes, dtype=object)),
            "seen_need_ratio": sees @ scene.demand.need,
            "seen_demand_ratio": sees @ question.weight,
            "marginal_ratio": chosen.ranked.marginal,
            "loss_if_fails_ratio": losses(question, chosen.views),
            "overlap_ratio": overlaps(shapes),
            "masked_m2": [one.masked.area for one in drawn.masked],
            "n_masked_dwellings": [len(one.dwellings) for one in drawn.masked],
            "price_soles": [lens.price_soles for lens in hung.lenses],
            "storage_gb": [
                storage_gb(model.bitrate_mbit_s, rules.storage_days.value)
                for model in chosen.models
            ],
            **score_parts(chosen),
        },
        index=pd.Index(chosen.ids, name="camera"),
        geometry=shapely.points(hung.xy),
        crs=scene.poles.frame.crs,
    )
    words = [reasons(row, rules) for row in table.to_dict(orient="records")]
    table["reasons_es"] = [text.es for text in words]
    table["reasons_en"] = [text.en for text in words]
    return table


def score_parts(chosen: Chosen) -> dict[str, Floats]:
    """Return by criterion what each camera adds; the parts of a camera sum to its marginal."""
    demand, added = chosen.scene.demand, chosen.added()
    return {
        f"part_{name}": np.array([demand.weights[name] * share[new].sum() for new in added])
        for name, share in demand.shares.items()
    }


def field_table(chosen: Chosen, drawn: Drawn) -> gpd.GeoDataFrame:
    """Return what each camera sees, a row a band of pixel density; masked strips are left out."""
    fields = drawn.fields
    rows = {
        "camera": [chosen.ids[field.camera] for field in fields],
        "density_band": [field.ring.band.id for field in fields],
        "density_band_es": [field.ring.band.title.es for field in fields],
        "density_band_en": [field.ring.band.title.en for field in fields],
        "density_px_m": [field.ring.band.density_px_m for field in fields],
        "counted": [field.counted for field in fields],
        "from_m": [field.ring.from_m for field in fields],
        "to_m": [field.ring.to_m for field in fields],
        "area_m2": [field.shape.area for field in fields],
    }
    shapes = [field.shape for field in fields]
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=chosen.scene.poles.frame.crs).rename_axis(
        "field"
    )


def masked_table(chosen: Chosen, drawn: Drawn) -> gpd.GeoDataFrame:
    """Return the façades masked, a row a camera and dwelling."""
    parts = [
        one.dwellings.rename_axis("dwelling").reset_index().assign(camera=name)
        for name, one in zip(chosen.ids, drawn.masked, strict=True)
    ]
    table = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=chosen.scene.poles.frame.crs)
    return table.rename_axis("masked")


def pole_table(chosen: Chosen) -> gpd.GeoDataFrame:
    """Return every candidate that was considered, and how many cameras it got."""
    frame = chosen.scene.poles.frame
    used = np.bincount(chosen.scene.views.pole[chosen.views], minlength=len(frame))
    return frame.assign(n_cameras=used)


def frontier_table(chosen: Chosen) -> pd.DataFrame:
    """Return what 1, 2, 3 … cameras cover: those chosen, by rank, and the greedy choice beyond.

    The greedy choice knows no budget and carries no proof.
    """
    question = chosen.scene.question
    more = greedy(
        question, np.arange(len(question.price_soles)), FRONTIER_FACTOR * len(chosen.views)
    )
    parts = []
    for method, ranked in ((CHOSEN, chosen.ranked), (GREEDY, more)):
        rows = {
            "method": method,
            "n_cameras": np.arange(1, len(ranked.order) + 1),
            "seen_demand_ratio": np.cumsum(ranked.marginal),
            "marginal_ratio": ranked.marginal,
            "price_soles": np.cumsum(question.price_soles[ranked.order]),
        }
        parts.append(pd.DataFrame(rows))
    return pd.concat(parts, ignore_index=True).rename_axis("step")
