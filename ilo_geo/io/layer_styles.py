"""How the layers of a study area look in QGIS, as data, and the renderers that say it.

A renderer is a list of rules where a column has values with a look of their own, else one symbol.
What is modelled has broken outlines. Rules may hide a class until one is near enough.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from functools import cache
from typing import Literal

from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.schema import GeometryKind
from ilo_geo.core.text import Lang
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml

Marker = Literal[
    "circle", "square", "cross_fill", "star", "diamond", "hexagon", "triangle", "pentagon"
]
# broken lines that still read as a line: a dash much longer than its gap
MODELLED_DASH_MM = "3;0.7"
HALO_MM = "0.8"


class Relief(BaseModel):
    """How a raster of heights is shaded."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    azimuth_deg: float
    altitude_deg: float
    exaggeration: float
    opacity_ratio: float
    brightness: int


class LookClass(BaseModel):
    """The values of a column that are drawn in another way than the layer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: str
    title: Text
    fill: str | None = None
    line: str | None = None
    width_mm: float | None = None
    brush: str | None = None


class Look(BaseModel):
    """How one layer is drawn; ``fill`` None leaves areas empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    visible: bool = False
    fill: str | None = None
    line: str
    width_mm: float
    size_mm: float = 2.0
    marker: Marker = "circle"
    by: str | None = None
    levels: bool = False
    classes: tuple[LookClass, ...] = ()
    label: str | None = None
    label_size_pt: float = 9.0
    # largest scale denominator at which names are written
    label_below: float | None = None


class LayerStyles(BaseModel):
    """The file ``layer_styles.yaml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ground: str
    sea: str
    relief: Relief
    defaults: dict[GeometryKind, Look]
    layers: dict[str, Look]
    words: dict[str, Text]


@cache
def layer_styles() -> LayerStyles:
    """Return the looks of all layers."""
    return LayerStyles.model_validate(load_package_yaml("ilo_geo.io", "layer_styles.yaml"))


def look_of(layer_id: str, kind: GeometryKind) -> Look:
    """Return how a layer is drawn, by its id, else as its geometry is."""
    styles = layer_styles()
    return styles.layers.get(
        layer_id, styles.defaults.get(kind, styles.defaults[GeometryKind.LINE])
    )


def project_word(key: str, lang: Lang, **fields: str) -> str:
    """Return a word of the project in ``lang``."""
    return layer_styles().words[key].format(lang, **fields)


def vector_renderer(
    look: Look,
    kind: GeometryKind,
    lang: Lang,
    *,
    modelled: bool,
    rest_below: float | None = None,
) -> ET.Element:
    """Return the ``renderer-v2`` of a layer.

    ``rest_below`` is the scale denominator from which on features of no class are drawn.
    """
    kinds = "RuleRenderer" if look.by else "singleSymbol"
    renderer = ET.Element("renderer-v2", type=kinds, symbollevels="0", forceraster="0")
    if look.by:
        rules = ET.SubElement(renderer, "rules", key="rules")
        for number, row in enumerate(look.classes):
            name, value = look.by.replace('"', '""'), row.value.replace("'", "''")
            rule = _rule(rules, number, f"\"{name}\" = '{value}'", row.title.in_(lang))
        rule = _rule(rules, len(look.classes), "ELSE", project_word("other", lang))
        if rest_below is not None:
            rule.set("scalemaxdenom", f"{rest_below:.0f}")
            rule.set("scalemindenom", "1")
    symbols = ET.SubElement(renderer, "symbols")
    for number, drawn in enumerate(_drawn(look)):
        symbols.append(_symbol(str(number), drawn, kind, modelled=modelled))
    return renderer


def _rule(rules: ET.Element, number: int, condition: str, label: str) -> ET.Element:
    said = {"filter": condition, "symbol": str(number), "key": f"rule{number}", "label": label}
    return ET.SubElement(rules, "rule", said)


def _drawn(look: Look) -> Iterator[tuple[Look, str | None]]:
    """Yield the look of each class with its brush, and that of the rest."""
    for row in look.classes if look.by else ():
        own = row.model_dump(include={"fill", "line", "width_mm"}, exclude_none=True)
        yield look.model_copy(update=own), row.brush
    yield look, None


def _symbol(
    name: str, drawn: tuple[Look, str | None], kind: GeometryKind, *, modelled: bool
) -> ET.Element:
    look, brush = drawn
    pen = {
        "outline_color": rgba(look.line),
        "outline_style": "dash" if modelled else "solid",
        "outline_width": f"{look.width_mm:g}",
        "outline_width_unit": "MM",
    }
    colour = rgba(look.fill or look.line)
    if kind is GeometryKind.POLYGON:
        style = "solid" if look.fill else "no"
        layers = [("SimpleFill", {"color": colour, "style": style, **pen})]
        if brush:
            hatch = {"color": rgba(look.line), "style": brush, "outline_style": "no"}
            layers.append(("SimpleFill", hatch))
        symbol_type = "fill"
    elif kind is GeometryKind.LINE:
        layers, symbol_type = [("SimpleLine", _stroke(look, modelled=modelled))], "line"
    else:
        point = {"color": colour, "name": look.marker, "size": f"{look.size_mm:g}"}
        layers, symbol_type = [("SimpleMarker", {**point, **pen})], "marker"
    symbol = ET.Element("symbol", type=symbol_type, name=name, alpha="1", clip_to_extent="1")
    for symbol_class, options in layers:
        said = {"class": symbol_class, "enabled": "1", "locked": "0", "pass": "0"}
        add_options(ET.SubElement(symbol, "layer", said), options)
    return symbol


def _stroke(look: Look, *, modelled: bool) -> dict[str, str]:
    return {
        "line_color": rgba(look.line),
        "line_width": f"{look.width_mm:g}",
        "line_width_unit": "MM",
        "capstyle": "flat",
        "joinstyle": "round",
        "use_custom_dash": str(int(modelled)),
        "customdash": MODELLED_DASH_MM,
        "customdash_unit": "MM",
    }


def labelling(look: Look) -> ET.Element | None:
    """Return the ``labeling`` of a layer with names, else None."""
    if look.label is None:
        return None
    element = ET.Element("labeling", type="simple")
    settings = ET.SubElement(element, "settings", calloutType="simple")
    text = {
        "fieldName": look.label,
        "isExpression": "0",
        "fontFamily": "Sans",
        "fontSize": f"{look.label_size_pt:g}",
        "fontSizeUnit": "Point",
        "textColor": "35,35,35,255",
        "textOpacity": "1",
    }
    style = ET.SubElement(settings, "text-style", text)
    halo = {"bufferDraw": "1", "bufferSize": HALO_MM, "bufferSizeUnits": "MM"}
    ET.SubElement(style, "text-buffer", {**halo, "bufferColor": "255,255,255,255"})
    ET.SubElement(settings, "placement", placement="1", centroidInside="1", centroidWhole="0")
    near = look.label_below is not None
    # a district is no obstacle to the names of the zones in it
    limits = {"obstacle": "0", "scaleVisibility": str(int(near)), "scaleMin": "0"}
    ET.SubElement(settings, "rendering", {**limits, "scaleMax": f"{look.label_below or 0:.0f}"})
    return element


def relief_pipe() -> ET.Element:
    """Return the ``pipe`` of a shaded raster of heights."""
    relief = layer_styles().relief
    pipe = ET.Element("pipe")
    shade = {
        "type": "hillshade",
        "band": "1",
        "azimuth": f"{relief.azimuth_deg:g}",
        "angle": f"{relief.altitude_deg:g}",
        "zfactor": f"{relief.exaggeration:g}",
        "multidirection": "0",
        "opacity": f"{relief.opacity_ratio:g}",
        "alphaBand": "-1",
        "nodataColor": "",
    }
    ET.SubElement(pipe, "rasterrenderer", shade)
    ET.SubElement(pipe, "brightnesscontrast", brightness=str(relief.brightness), contrast="0")
    ET.SubElement(pipe, "rasterresampler", zoomedInResampler="bilinear", maxOversampling="2")
    return pipe


def add_options(parent: ET.Element, options: dict[str, str]) -> None:
    """Append a map of texts in QGIS's way."""
    option_map = ET.SubElement(parent, "Option", type="Map")
    for key, value in options.items():
        ET.SubElement(option_map, "Option", type="QString", name=key, value=value)


def rgba(colour: str) -> str:
    """Return ``#RRGGBB`` as QGIS writes a colour."""
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + ",255"
