"""The documents of the OGC API as plain pages: no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import quote

from markupsafe import Markup
from markupsafe import escape

from dash_app.i18n import Translator
from ilo_geo.core.units import peru_number

PAGE = Markup(
    '<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<title>{title}</title><style>{style}</style></head>"
    "<body><nav>{nav}</nav><main><h1>{title}</h1>{body}</main></body></html>"
)
LINK = Markup('<a href="{href}">{text}</a>')
Document = dict[str, Any]


def page_of(kind: str, t: Translator, document: Document, base_url: str) -> str:
    """Return a document as a page; ``kind`` says which of the API's it is."""
    title, body = _PAGES[kind](t, document, base_url)
    places = (
        (t("ogc.planner"), t.link("/")),
        (t("ogc.start"), _page(t, base_url)),
        (t("ogc.collections"), _page(t, f"{base_url}/collections")),
        (t("ogc.openapi"), _page(t, f"{base_url}/openapi")),
    )
    nav = Markup(" · ").join(LINK.format(href=href, text=text) for text, href in places)
    return str(PAGE.format(lang=t.lang, title=title, style=_style(), nav=nav, body=body))


@cache
def _style() -> Markup:
    folder = resources.files("dash_app.ogc")
    # our own file; nothing a person typed
    return Markup(folder.joinpath("assets", "page.css").read_text(encoding="utf-8"))  # noqa: S704


def _page(t: Translator, address: str) -> str:
    """Return the address of a document as a page in the reader's language."""
    mark = "&" if "?" in address else "?"
    return f"{address}{mark}f=html{'' if t.lang == 'es' else '&lang=en'}"


def _landing(t: Translator, document: Document, base_url: str) -> tuple[str, Markup]:
    how = _facts([(t("ogc.address"), Markup("<code>{}</code>").format(base_url))])
    steps = _list([t("ogc.qgis_1"), t("ogc.qgis_2"), t("ogc.qgis_3")], ordered=True)
    more = _list(
        [
            LINK.format(href=_page(t, f"{base_url}/collections"), text=t("ogc.collections")),
            LINK.format(href=_page(t, f"{base_url}/openapi"), text=t("ogc.openapi")),
            LINK.format(href=_page(t, f"{base_url}/conformance"), text=t("ogc.conformance")),
        ]
    )
    about = Markup("<p>{}</p><h2>{}</h2>").format(document["description"], t("ogc.qgis"))
    return document["title"], about + how + steps + more


def _conformance(t: Translator, document: Document, _base_url: str) -> tuple[str, Markup]:
    return t("ogc.conformance"), _list(document["conformsTo"])


def _collections(t: Translator, document: Document, base_url: str) -> tuple[str, Markup]:
    rows = [
        (
            LINK.format(href=_page(t, f"{base_url}/collections/{one['id']}"), text=one["title"]),
            Markup("<code>{}</code>").format(one["id"]),
            t(f"status.{one['status']}"),
        )
        for one in document["collections"]
    ]
    heads = (t("ogc.collection"), t("ogc.id"), t("catalogue.status"))
    return t("ogc.collections"), _table(heads, rows)


def _collection(t: Translator, document: Document, base_url: str) -> tuple[str, Markup]:
    own = f"{base_url}/collections/{document['id']}"
    facts = [
        (t("ogc.id"), document["id"]),
        (t("catalogue.status"), t(f"status.{document['status']}")),
    ]
    if "attribution" in document:
        facts += [
            (t("catalogue.source"), document["attribution"]),
            (t("catalogue.licence"), document["license"]),
            (t("catalogue.date"), document["date"]),
        ]
    tiles = [link["href"] for link in document["links"] if link["rel"] == "tiles"]
    facts += [(t("ogc.tiles"), Markup("<code>{}</code>").format(href)) for href in tiles]
    facts.append((t("ogc.extent"), _extent(document)))
    links = [
        LINK.format(href=_page(t, f"{own}/items"), text=t("ogc.items")),
        LINK.format(href=_page(t, f"{own}/schema"), text=t("ogc.fields")),
        LINK.format(href=f"{own}?f=json", text="JSON"),
        LINK.format(href=f"{own}/items?f=json", text="GeoJSON"),
    ]
    about = Markup("<p>{}</p>").format(document["description"])
    return document["title"], about + _facts(facts) + _list(links)


def _fields(t: Translator, document: Document, _base_url: str) -> tuple[str, Markup]:
    rows = [
        (Markup("<code>{}</code>").format(name), field.get("title", ""), field.get("type", ""))
        for name, field in document["properties"].items()
    ]
    heads = (t("ogc.field"), t("ogc.field_title"), t("ogc.field_type"))
    return f"{document['title']}: {t('ogc.fields')}", _table(heads, rows)


def _items(t: Translator, document: Document, _base_url: str) -> tuple[str, Markup]:
    features = document["features"]
    own = next(link for link in document["links"] if link["rel"] == "collection")
    names = list(features[0]["properties"]) if features else []
    rows = [
        (
            LINK.format(
                href=_page(t, f"{own['href']}/items/{quote(str(feature['id']), safe='')}"),
                text=feature["id"],
            ),
            *(_value(t, feature["properties"][name]) for name in names),
        )
        for feature in features
    ]
    shown = t("ogc.shown", n=peru_number(len(features)), of=peru_number(document["numberMatched"]))
    turns = {"prev": t("ogc.prev"), "next": t("ogc.next")}
    pages = [
        LINK.format(href=_page(t, link["href"]), text=turns[link["rel"]])
        for link in document["links"]
        if link["rel"] in turns
    ]
    head = Markup("<p>{} {}</p>").format(shown, Markup(" · ").join(pages))
    back = LINK.format(href=_page(t, own["href"]), text=t("ogc.collection"))
    table = _table((t("ogc.id"), *names), rows)
    return own["title"], head + table + Markup("<p>{}</p>").format(back)


def _item(t: Translator, document: Document, _base_url: str) -> tuple[str, Markup]:
    own = next(link for link in document["links"] if link["rel"] == "collection")
    facts = [(name, _value(t, value)) for name, value in document["properties"].items()]
    kind = (document["geometry"] or {}).get("type", "–")
    facts.append((t("ogc.geometry"), kind))
    back = LINK.format(href=_page(t, own["href"]), text=t("ogc.collection"))
    title = f"{own['title']}: {document['id']}"
    return title, _facts(facts) + Markup("<p>{}</p>").format(back)


def _openapi(t: Translator, document: Document, base_url: str) -> tuple[str, Markup]:
    known = document["components"]["parameters"]
    said = {
        "": t("ogc.start"),
        "openapi": t("ogc.openapi"),
        "conformance": t("ogc.conformance"),
        "collections": t("ogc.collections"),
        "items": t("ogc.items"),
        "schema": t("ogc.fields"),
        "queryables": t("ogc.fields"),
        "{featureId}": t("ogc.item"),
    }
    rows = []
    for path, methods in document["paths"].items():
        if "get" not in methods:
            continue
        taken = [_parameter_name(p, known) for p in methods["get"].get("parameters", [])]
        address = Markup("<code>{}</code>").format(path)
        last = path.rpartition("/")[2]
        rows.append((address, said.get(last, t("ogc.collection")), ", ".join(taken)))
    link = LINK.format(href=f"{base_url}/openapi?f=json", text="OpenAPI 3.0 (JSON)")
    heads = (t("ogc.path"), t("ogc.what"), t("ogc.parameters"))
    return t("ogc.openapi"), Markup("<p>{}</p>").format(link) + _table(heads, rows)


def _parameter_name(parameter: Document, known: Document) -> str:
    name = parameter.get("$ref", "").rpartition("/")[2]
    return str(known[name]["name"] if name else parameter["name"])


def _value(t: Translator, value: Any) -> str:
    if isinstance(value, bool):
        return t("control.yes") if value else t("control.no")
    return "–" if value is None else str(value)


def _extent(document: Document) -> str:
    boxes = document.get("extent", {}).get("spatial", {}).get("bbox", [])
    return ", ".join(f"{value:.5f}" for value in boxes[0]) if boxes else "–"


def _facts(facts: Iterable[tuple[str, Any]]) -> Markup:
    parts = [Markup("<dt>{}</dt><dd>{}</dd>").format(name, value) for name, value in facts]
    return Markup("<dl>{}</dl>").format(Markup().join(parts))


def _list(items: Iterable[Any], *, ordered: bool = False) -> Markup:
    parts = Markup().join(Markup("<li>{}</li>").format(item) for item in items)
    frame = Markup("<ol>{}</ol>") if ordered else Markup("<ul>{}</ul>")
    return frame.format(parts)


def _table(heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> Markup:
    head = Markup().join(Markup("<th>{}</th>").format(text) for text in heads)
    body = Markup().join(
        Markup("<tr>{}</tr>").format(
            Markup().join(Markup("<td>{}</td>").format(escape(cell)) for cell in row)
        )
        for row in rows
    )
    frame = Markup('<div class="wide"><table><tr>{}</tr>{}</table></div>')
    return frame.format(head, body)


_PAGES: dict[str, Callable[[Translator, Document, str], tuple[str, Markup]]] = {
    "landing": _landing,
    "conformance": _conformance,
    "collections": _collections,
    "collection": _collection,
    "fields": _fields,
    "items": _items,
    "item": _item,
    "openapi": _openapi,
}
