"""A result as one HTML file that opens without network: Leaflet, style and data are inside.

folium's own page asks ten addresses for scripts it does not need here; this one asks none.
"""

from __future__ import annotations

import html
import re
from importlib import resources
from pathlib import Path
from typing import Any
from typing import cast

import folium
import geopandas as gpd
import pandas as pd
from branca.element import Element
from branca.element import Figure
from folium.template import Template

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.scales import Scale
from ilo_geo.core.text import Lang
from ilo_geo.core.units import peru_date
from ilo_geo.core.units import peru_number
from ilo_geo.io.legend import Scales
from ilo_geo.io.legend import caption
from ilo_geo.io.legend import class_column
from ilo_geo.io.legend import exported_table
from ilo_geo.io.legend import legend_rows
from ilo_geo.io.legend import modelled_note
from ilo_geo.io.legend import unit
from ilo_geo.io.legend import word

PLAIN_COLOUR = "#7FA37A"
OUTLINE_COLOUR = "#4D4D4D"
COORDINATE_STEP_DEG = 1e-6
# whole numbers from here on, two decimals below
WHOLE_FROM = 1000
HEADING_PX = 110
PAGE_STYLE = """
html, body { margin: 0; height: 100%; font: 14px/1.4 system-ui, sans-serif; }
.leaflet-container { background: #F6F4EF; font: inherit; }
.heading { position: fixed; z-index: 1000; top: 0; left: 60px; right: 230px; text-align: center; }
.banner { padding: 6px 12px; background: #FFF3CD; color: #4A3500; border: 2px dashed #8A6D00; }
.caption { padding: 4px 12px; background: #FFFFFFE6; border: 1px solid #6B6B6B; }
.legend { position: fixed; z-index: 1000; bottom: 10px; right: 10px; max-width: 270px; padding: 8px;
  max-height: 40vh; overflow: auto; background: #FFFFFFE6; border: 1px solid #6B6B6B; }
.legend i { display: inline-block; width: 18px; height: 12px; border: 1px solid #4D4D4D; }
.legend details small { display: block; }
@media (max-width: 600px) {
  .heading { left: 0; right: 0; font-size: 12px; }
  .leaflet-top { top: 170px; }
  .legend { bottom: 50px; left: 10px; right: auto; }
}
"""


class Verbatim(Element):
    """HTML that is not read as a template."""

    _template = Template("{{ this.text }}")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class OfflineMap(folium.Map):
    """A folium map whose scripts and styles are in the page itself."""

    def __init__(self) -> None:
        super().__init__(
            tiles=None, prefer_canvas=True, control_scale=True, attribution_control=False
        )
        # folium's own lists name addresses on the network
        self.default_js = []
        self.default_css = []
        head = self.page.header
        head.add_child(Verbatim(f"<style>{_leaflet_css()}{PAGE_STYLE}</style>"), name="style")
        head.add_child(Verbatim(f"<script>{_vendored('leaflet.js')}</script>"), name="leaflet")

    @property
    def page(self) -> Figure:
        """Return the page around the map."""
        return cast("Figure", self.get_root())


def write_html(
    result: AnalysisResult, path: Path, lang: Lang, scales: Scales, parameters: pd.DataFrame
) -> None:
    """Write a page with one switchable layer a table, popups, legend, sources and banner."""
    canvas = OfflineMap()
    page = canvas.page
    page.title = html.escape(word("analyses", result.analysis, lang))
    frames = {name: exported_table(result, name, scales) for name in result.maps}
    shown = next(iter([*scales, *frames]))
    for name, frame in frames.items():
        if len(frame):
            layer = _layer(frame, name, scales.get(name), lang, dashed=bool(result.modelled_layers))
            layer.show = name == shown
            layer.add_to(canvas)
    folium.LayerControl(collapsed=False).add_to(canvas)
    if len(frames[shown]):
        west, south, east, north = frames[shown].to_crs(DISPLAY_CRS).total_bounds
        canvas.fit_bounds([(south, west), (north, east)], padding_top_left=(0, HEADING_PX))
    page.html.add_child(Verbatim(_heading(result, parameters, lang)), name="heading")
    legend = _legend(result, frames[shown], scales.get(shown), lang)
    page.html.add_child(Verbatim(legend), name="legend")
    path.write_text(page.render(), encoding="utf-8")


def _heading(result: AnalysisResult, parameters: pd.DataFrame, lang: Lang) -> str:
    """Return the banner of a modelled result and the line that says what its figures stand on."""
    note = modelled_note(result, lang)
    label = word("labels", "modelled", lang)
    banner = f'<div class="banner" role="note"><b>{label}</b>. {html.escape(note or "")}</div>'
    standing_on = f'<div class="caption">{html.escape(caption(parameters))}</div>'
    return f'<div class="heading">{banner if note else ""}{standing_on}</div>'


def _layer(
    frame: gpd.GeoDataFrame, name: str, scale: Scale | None, lang: Lang, *, dashed: bool
) -> folium.GeoJson:
    """Return a table as a GeoJSON layer with a popup a feature; texts are escaped."""
    texts = {column: _written(frame[column]) for column in frame.columns.drop(frame.geometry.name)}
    texts["status"] = frame["status"].map(lambda state: word("statuses", state, lang))
    fill: pd.Series | str = PLAIN_COLOUR
    if scale:
        classes = {row.id: row for row in legend_rows(frame, scale, lang)}
        ids = frame[class_column(scale)]
        texts[class_column(scale)] = ids.map(lambda i: html.escape(classes[i].label))
        fill = ids.map(lambda i: classes[i].colour)
    columns = list(texts)
    shown = gpd.GeoDataFrame(
        texts | {"_fill": fill},
        geometry=frame.geometry.to_crs(DISPLAY_CRS).set_precision(COORDINATE_STEP_DEG).to_numpy(),
        crs=DISPLAY_CRS,
    )

    def style(feature: dict[str, Any]) -> dict[str, Any]:
        return {
            "fillColor": feature["properties"]["_fill"],
            "color": OUTLINE_COLOUR,
            "weight": 1,
            "fillOpacity": 0.85,
            "dashArray": "4 3" if dashed else None,
        }

    return folium.GeoJson(
        shown,
        name=html.escape(word("tables", name, lang)),
        style_function=style,
        marker=folium.CircleMarker(radius=4),
        popup=folium.GeoJsonPopup(columns, [_title(column, lang) for column in columns]),
    )


def _title(column: str, lang: Lang) -> str:
    column_unit = unit(column, lang)
    title = word("columns", column, lang)
    return html.escape(f"{title} ({column_unit})" if column_unit else title)


def _written(values: pd.Series) -> pd.Series:
    """Return values as escaped text: Peruvian numbers, a dash where there is none."""
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        whole = pd.api.types.is_integer_dtype(values) or values.abs().max() >= WHOLE_FROM
        decimals = 0 if whole else 2
        return values.map(lambda value: peru_number(value, decimals))
    return values.map(lambda value: html.escape(str(value)), na_action="ignore").fillna("–")


def _legend(
    result: AnalysisResult, frame: gpd.GeoDataFrame, scale: Scale | None, lang: Lang
) -> str:
    lines = []
    if scale:
        lines.append(f"<b>{html.escape(f'{scale.title.in_(lang)} ({scale.unit.in_(lang)})')}</b>")
        lines += [
            f'<div><i style="background:{row.colour}"></i> {html.escape(row.label)} '
            f"<small>{word('labels', 'features', lang).format(n=row.n_features)}</small></div>"
            for row in legend_rows(frame, scale, lang)
        ]
    lines.append(f"<details><summary>{word('labels', 'sources', lang)}</summary>")
    for ref in result.provenance:
        state = word("statuses", ref.status.value, lang)
        about = f"{ref.title.in_(lang)}: {ref.source}, {peru_date(ref.date)}, {ref.licence}"
        lines.append(f"<small>{html.escape(about)} <b>[{state}]</b></small>")
    lines.append("</details>")
    return f'<div class="legend">{"".join(lines)}</div>'


def _vendored(name: str) -> str:
    text = resources.files("ilo_geo.io").joinpath("vendor", "leaflet", name).read_text("utf-8")
    return re.sub(r"^//# sourceMappingURL.*$", "", text, flags=re.MULTILINE)


def _leaflet_css() -> str:
    """Return Leaflet's style without its pictures: no marker and no folded control is used."""
    return re.sub(r"url\((?:images/|#)[^)]*\)", "none", _vendored("leaflet.css"))
