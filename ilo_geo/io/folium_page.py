"""A result as one HTML file that opens without network: Leaflet, style and data are inside.

folium's own page asks ten addresses for scripts it does not need here; this one asks none.
"""

from __future__ import annotations

import html
import math
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
from ilo_geo.core.scales import CategoryScale
from ilo_geo.core.text import Lang
from ilo_geo.core.units import peru_date
from ilo_geo.core.units import peru_number
from ilo_geo.io.legend import AnyScale
from ilo_geo.io.legend import Export
from ilo_geo.io.legend import caption
from ilo_geo.io.legend import class_column
from ilo_geo.io.legend import column_title
from ilo_geo.io.legend import exported_table
from ilo_geo.io.legend import legend_rows
from ilo_geo.io.legend import modelled_note
from ilo_geo.io.legend import scale_title
from ilo_geo.io.legend import unit
from ilo_geo.io.legend import word
from ilo_geo.io.symbols import CONTEXT_SYMBOLS
from ilo_geo.io.symbols import OTHER_CONTEXT
from ilo_geo.io.symbols import Symbol
from ilo_geo.io.symbols import drawn_symbols
from ilo_geo.io.symbols import fill_opacities
from ilo_geo.io.symbols import legend_symbols
from ilo_geo.io.symbols import tint

COORDINATE_STEP_DEG = 1e-6
# whole numbers from here on, two decimals below
WHOLE_FROM = 1000
HEADING_PX = 110
FILL_OPACITY = 0.85
# a point fills no view: nearer than this there is nothing more to see
NEAREST_ZOOM = 17
LINE_WEIGHTS_PX = {"thin": 1, "solid": 1, "thick": 3, "dashed": 2}
# matplotlib's sign of a hatch as a path in a tile of 8 by 8
HATCHES = {
    "/": "M-2 2 2-2M0 8 8 0M6 10 10 6",
    "\\": "M-2 6 2 10M0 0 8 8M6-2 10 2",
    "x": "M0 8 8 0M0 0 8 8",
    "+": "M4 0V8M0 4H8",
    "-": "M0 4H8",
    "|": "M4 0V8",
    ".": "M3 4h2",
}
PAGE_STYLE = """
html, body { margin: 0; height: 100%; font: 14px/1.4 system-ui, sans-serif; }
.leaflet-container { background: #F6F4EF; font: inherit; }
.heading { position: fixed; z-index: 1000; top: 0; left: 60px; right: 230px; text-align: center; }
.banner { padding: 6px 12px; background: #FFF3CD; color: #4A3500; border: 2px dashed #8A6D00; }
.caption { padding: 4px 12px; background: #FFFFFFE6; border: 1px solid #6B6B6B;
  overflow-wrap: anywhere; }
.legend { position: fixed; z-index: 1000; bottom: 10px; right: 10px; max-width: 270px; padding: 8px;
  max-height: 40vh; overflow: auto; background: #FFFFFFE6; border: 1px solid #6B6B6B; }
.legend .swatch { vertical-align: middle; }
.legend details small { display: block; }
@media (max-width: 600px) {
  .heading { left: 0; right: 0; font-size: 12px; max-height: 170px; overflow: auto; }
  .leaflet-top { top: 170px; }
  .legend { bottom: 50px; left: 10px; right: auto; }
}
"""


def inert(text: str) -> str:
    """Return text as HTML in which nothing is left that a browser or Jinja would run.

    branca reads what a layer wrote as a template once more: braces of a name would be code here.
    """
    return html.escape(text).replace("{", "&#123;").replace("}", "&#125;")


class Verbatim(Element):
    """HTML that is not read as a template."""

    _template = Template("{{ this.text }}")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class OfflineMap(folium.Map):
    """A folium map whose scripts and styles are in the page itself."""

    def __init__(self, *, canvas: bool) -> None:
        super().__init__(
            tiles=None, prefer_canvas=canvas, control_scale=True, attribution_control=False
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


def write_html(export: Export, path: Path) -> None:
    """Write a page with one switchable layer a table, popups, legend, sources and banner."""
    result, lang, scales = export.result, export.lang, export.scales
    frames = {name: exported_table(result, name, scales) for name in result.maps}
    patterns = sorted({c.pattern for scale in scales.values() for c in scale.classes} - {""})
    # a canvas is quicker, and paints no hatch
    canvas = OfflineMap(canvas=not patterns)
    page = canvas.page
    page.title = inert(word("analyses", result.analysis, lang))
    shown = next(iter([*scales, *frames]), None)
    drawn = {name: frame for name, frame in frames.items() if len(frame)}
    broken = bool(result.modelled_layers)
    for name, frame in export.context.items():
        _ground(frame, name, lang).add_to(canvas)
    for name, frame in drawn.items():
        layer = _layer(frame, name, scales.get(name), lang, broken=broken)
        layer.show = name == shown
        layer.add_to(canvas)
    folium.LayerControl(collapsed=False).add_to(canvas)
    if shown in drawn:
        west, south, east, north = drawn[shown].to_crs(DISPLAY_CRS).total_bounds
        corners = [(south, west), (north, east)]
        canvas.fit_bounds(corners, padding_top_left=(0, HEADING_PX), max_zoom=NEAREST_ZOOM)
    page.html.add_child(Verbatim(_heading(export)), name="heading")
    legend = _legend(export, frames[shown], scales.get(shown)) if shown else _sources(export)
    page.html.add_child(Verbatim(f'<div class="legend">{legend}</div>'), name="legend")
    page.html.add_child(Verbatim(_hatches(export)), name="hatches")
    path.write_text(page.render(), encoding="utf-8")


def _heading(export: Export) -> str:
    """Return the banner of a modelled result and the line that says what its figures stand on."""
    note = modelled_note(export.result, export.lang)
    label = word("labels", "modelled", export.lang)
    banner = f'<div class="banner" role="note"><b>{label}</b>. {html.escape(note or "")}</div>'
    standing_on = f'<div class="caption">{html.escape(caption(export.parameters))}</div>'
    return f'<div class="heading" tabindex="0">{banner if note else ""}{standing_on}</div>'


def _layer(
    frame: gpd.GeoDataFrame, name: str, scale: AnyScale | None, lang: Lang, *, broken: bool
) -> folium.FeatureGroup:
    """Return a table as a layer with a popup a feature; texts are escaped."""
    symbols = drawn_symbols(frame, scale, lang, broken=broken)
    number = pd.Series(0, index=frame.index)
    for position, (_, mask) in enumerate(symbols):
        number[mask] = position
    texts = _popup_texts(frame, scale, lang)
    titles = [_title(column, lang) for column in texts]
    # names of columns come from files of others too
    texts = {inert(column): values for column, values in texts.items()}
    shown = gpd.GeoDataFrame(
        texts | {"_symbol": number},
        geometry=frame.geometry.to_crs(DISPLAY_CRS).set_precision(COORDINATE_STEP_DEG).to_numpy(),
        crs=DISPLAY_CRS,
    )

    def style(feature: dict[str, Any]) -> dict[str, Any]:
        symbol, _ = symbols[feature["properties"]["_symbol"]]
        return _path_style(symbol)

    group = folium.FeatureGroup(name=inert(word("tables", name, lang)))
    folium.GeoJson(
        shown,
        style_function=style,
        marker=folium.CircleMarker(radius=4),
        popup=folium.GeoJsonPopup(list(texts), titles),
    ).add_to(group)
    unsure = shown[[symbols[n][0].line == "dashed" for n in number]]
    if len(unsure):
        # the fills drawn later would hide the outline of what is only possible
        edges = unsure[["_symbol", "geometry"]]
        folium.GeoJson(
            edges, style_function=lambda f: {**style(f), "fill": False, "interactive": False}
        ).add_to(group)
    return group


def _ground(frame: gpd.GeoDataFrame, name: str, lang: Lang) -> folium.FeatureGroup:
    """Return a layer that helps to find one's way: drawn, never asked."""
    symbol = CONTEXT_SYMBOLS.get(name, OTHER_CONTEXT)
    lines = frame.geom_type.str.contains("Line").any()
    style = {
        **_path_style(symbol),
        "color": symbol.colour if lines else symbol.edge,
        "fill": bool(symbol.opacity) and not lines,
        "interactive": False,
    }
    shapes = frame.geometry.to_crs(DISPLAY_CRS).set_precision(COORDINATE_STEP_DEG)
    group = folium.FeatureGroup(name=inert(word("tables", name, lang)))
    folium.GeoJson(
        gpd.GeoDataFrame(geometry=shapes[~shapes.is_empty]),
        style_function=lambda _feature: style,
        marker=folium.CircleMarker(radius=2),
    ).add_to(group)
    return group


def _popup_texts(
    frame: gpd.GeoDataFrame, scale: AnyScale | None, lang: Lang
) -> dict[str, pd.Series]:
    """Return the columns of a popup: classes and status in words, titles in one language."""
    other = "title_en" if lang == "es" else "title_es"
    columns = frame.columns.drop([frame.geometry.name, *({other} & set(frame.columns))])
    texts = {column: _written(frame[column]) for column in columns}
    texts["status"] = frame["status"].map(lambda state: word("statuses", state, lang))
    if scale:
        labels = {row.id: inert(row.label) for row in legend_rows(frame, scale, lang)}
        texts[class_column(scale)] = frame[class_column(scale)].map(labels)
    if isinstance(scale, CategoryScale):
        # the ids say less than the words beside them
        texts[scale.column] = texts.pop(class_column(scale))
        if scale.outline_column:
            outlines = {o.id: inert(o.title.in_(lang)) for o in scale.outlines}
            texts[scale.outline_column] = frame[scale.outline_column].map(outlines).fillna("–")
    return texts


def _path_style(symbol: Symbol) -> dict[str, Any]:
    """Return a symbol in the options of a Leaflet path."""
    return {
        "fillColor": _fill(symbol),
        "color": symbol.edge,
        "weight": LINE_WEIGHTS_PX[symbol.line],
        "fillOpacity": FILL_OPACITY if symbol.opacity else 0,
        "dashArray": "4 3" if symbol.broken or symbol.line == "dashed" else None,
    }


def _fill(symbol: Symbol) -> str:
    """Return a fill that covers what lies under it: the page has no map below."""
    shown = tint(symbol.colour, symbol.opacity)
    return f"url(#{_hatch_id(symbol)})" if symbol.pattern else shown


def _hatch_id(symbol: Symbol) -> str:
    return (
        f"hatch-{tint(symbol.colour, symbol.opacity)[1:]}-{list(HATCHES).index(symbol.pattern[0])}"
    )


def _hatches(export: Export) -> str:
    """Return the hatched fills of every class as SVG patterns of the page."""
    symbols = {
        _hatch_id(symbol): symbol
        for scale in export.scales.values()
        for c in scale.classes
        for opacity in fill_opacities(scale)
        if c.pattern and (symbol := Symbol(c.id, "", c.colour, pattern=c.pattern, opacity=opacity))
    }
    patterns = [
        f'<pattern id="{name}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" fill="{tint(symbol.colour, symbol.opacity)}"/>'
        f'<path d="{HATCHES[symbol.pattern[0]]}" stroke="#1A1A1A" fill="none"/></pattern>'
        for name, symbol in symbols.items()
    ]
    if not patterns:
        return ""
    return f'<svg width="0" height="0" aria-hidden="true"><defs>{"".join(patterns)}</defs></svg>'


def _title(column: str, lang: Lang) -> str:
    column_unit = unit(column, lang)
    title = column_title(column, lang)
    return inert(f"{title} ({column_unit})" if column_unit else title)


def _written(values: pd.Series) -> pd.Series:
    """Return values as escaped text: Peruvian numbers, a dash where there is none."""
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        whole = pd.api.types.is_integer_dtype(values) or values.abs().max() >= WHOLE_FROM
        decimals = 0 if whole else 2
        known = pd.Series(values.to_numpy(dtype=float, na_value=math.nan), values.index)
        return known.map(lambda value: peru_number(value, decimals))
    return values.map(lambda value: inert(str(value)), na_action="ignore").fillna("–")


def _legend(export: Export, frame: gpd.GeoDataFrame, scale: AnyScale | None) -> str:
    lines = []
    if scale:
        lines.append(f"<b>{html.escape(scale_title(scale, export.lang))}</b>")
        lines += [
            f"<div>{_swatch(symbol)} {html.escape(symbol.label)}"
            + (f" <small>{symbol.note}</small></div>" if symbol.note else "</div>")
            for symbol in legend_symbols(frame, scale, export.lang)
        ]
    return "".join(lines) + _sources(export)


def _swatch(symbol: Symbol) -> str:
    """Return the symbol of a class as it is drawn on the map."""
    style = _path_style(symbol)
    dashes = f' stroke-dasharray="{style["dashArray"]}"' if style["dashArray"] else ""
    return (
        '<svg class="swatch" width="22" height="14"><rect x="2" y="2" width="18" height="10" '
        f'fill="{style["fillColor"]}" fill-opacity="{style["fillOpacity"]:g}" '
        f'stroke="{style["color"]}" stroke-width="{style["weight"]}"{dashes}/></svg>'
    )


def _sources(export: Export) -> str:
    lines = [f"<details><summary>{word('labels', 'sources', export.lang)}</summary>"]
    for ref in export.result.provenance:
        state = word("statuses", ref.status.value, export.lang)
        about = f"{ref.title.in_(export.lang)}: {ref.source}, {peru_date(ref.date)}, {ref.licence}"
        lines.append(f"<small>{html.escape(about)} <b>[{state}]</b></small>")
    return "".join(lines) + "</details>"


def _vendored(name: str) -> str:
    text = resources.files("ilo_geo.io").joinpath("vendor", "leaflet", name).read_text("utf-8")
    return re.sub(r"^//# sourceMappingURL.*$", "", text, flags=re.MULTILINE)


def _leaflet_css() -> str:
    """Return Leaflet's style without its pictures: no marker and no folded control is used."""
    return re.sub(r"url\((?:images/|#)[^)]*\)", "none", _vendored("leaflet.css"))
