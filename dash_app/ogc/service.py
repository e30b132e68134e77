"""Answers what OGC API – Features asks, by pygeoapi's own functions over what is published.

pygeoapi is imported here, and this module at the first request: the planner starts without it. One
`pygeoapi.api.API` is built for each app; a request has a copy with its own address and collections,
so that no collection is older than the data.
"""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from flask import Request
from pygeoapi import api as core
from pygeoapi.api import API
from pygeoapi.api import APIRequest
from pygeoapi.api import itemtypes
from pygeoapi.openapi import get_oas_30

from dash_app.ogc.settings import settings
from ilo_geo.core.study_area import AreaConfig
from ilo_geo.core.text import Lang
from ilo_geo.services.publication import Published
from ilo_geo.services.publication import service_words

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
PROVIDER = "dash_app.ogc.provider.PublishedFeatures"
REFUSED = 400
COLLECTIONS = "/collections"
# of what pygeoapi describes, processes and jobs are not served here
ROOTS = ("/", "/openapi", "/conformance", COLLECTIONS)

# pygeoapi reports every wrong address as an error of the server
logging.getLogger("pygeoapi").setLevel(logging.CRITICAL)


class _Asked(APIRequest):
    """A request as pygeoapi reads it: JSON, in the language of its address, without a body."""

    def __init__(self, request: Request, locales: Any, usual: Mapping[str, str]) -> None:
        self._usual = usual
        super().__init__(request, locales)

    def _get_params(self, request: Request) -> dict[str, str]:
        return {**self._usual, **request.args.to_dict()}

    def _get_format(self, _headers: Any) -> str:
        return core.F_JSON

    def _get_locale(self, _headers: Any, locales: Any) -> tuple[str, Any]:
        return super()._get_locale({}, locales)


@dataclass(frozen=True)
class Answer:
    """A JSON document, its HTTP status, and the reference system of its coordinates.

    ``written`` are its features as text, where they are not in the document.
    """

    document: dict[str, Any]
    status: int
    media_type: str
    content_crs: str | None = None
    written: tuple[str, ...] = ()


class Service:
    """The answers of one app."""

    def __init__(self, area: AreaConfig) -> None:
        self._area = area
        self._crs = [CRS84, f"{EPSG}4326", f"{EPSG}{area.crs.rpartition(':')[2]}"]
        self._api = _built(self._config("http://localhost", {}, "es"))

    def landing(self, request: Request, base_url: str, lang: Lang) -> Answer:
        """Return the first page: what there is and where."""
        api = self._api_for(base_url, {}, lang)
        return self._called(core.landing_page, api, request)

    def conformance(self) -> Answer:
        """Return what of the standard is met.

        pygeoapi's own function lengthens its list at each call.
        """
        declared = {*core.CONFORMANCE_CLASSES, *itemtypes.CONFORMANCE_CLASSES_FEATURES}
        met = sorted(declared - set(settings()["conformance_left_out"]))
        return Answer({"conformsTo": met}, 200, "application/json")

    def openapi(
        self, request: Request, base_url: str, found: Mapping[str, Published], lang: Lang
    ) -> Answer:
        """Return the OpenAPI document, with nothing in it that lies on another host."""
        api = self._api_for(base_url, found, lang)
        api.openapi = _self_contained(get_oas_30(api.config))
        return self._called(core.openapi_, api, request)

    def collections(
        self, request: Request, base_url: str, found: Mapping[str, Published], lang: Lang
    ) -> Answer:
        """Return the description of every collection."""
        api = self._api_for(base_url, found, lang)
        answer = self._called(core.describe_collections, api, request)
        for document in answer.document["collections"]:
            _describe(document, found[document["id"]], base_url)
        return answer

    def collection(
        self, request: Request, base_url: str, published: Published, lang: Lang
    ) -> Answer:
        """Return the description of one collection."""
        api = self._api_for(base_url, {published.id: published}, lang)
        answer = self._called(core.describe_collections, api, request, published.id)
        _describe(answer.document, published, base_url)
        return answer

    def of_collection(
        self,
        kind: str,
        request: Request,
        base_url: str,
        published: Published,
        lang: Lang,
        usual: Mapping[str, str],
    ) -> Answer:
        """Return the ``queryables``, ``schema`` or ``items`` of a collection.

        ``usual`` holds parameters that count where the address does not state them; a page has
        such, and its features in the document.
        """
        function: Callable[..., Any] = {
            "queryables": itemtypes.get_collection_queryables,
            "schema": core.get_collection_schema,
            "items": itemtypes.get_collection_items,
        }[kind]
        api = self._api_for(base_url, {published.id: published}, lang)
        definition = api.config["resources"][published.id]["providers"][0]
        definition["written"] = [] if kind == "items" and not usual else None
        answer = self._called(function, api, request, published.id, usual=usual)
        return replace(answer, written=tuple(definition["written"] or ()))

    def item(
        self, request: Request, base_url: str, published: Published, item_id: str, lang: Lang
    ) -> Answer:
        """Return one feature."""
        api = self._api_for(base_url, {published.id: published}, lang)
        function = itemtypes.get_collection_item
        return self._called(function, api, request, published.id, item_id)

    def _called(
        self,
        function: Callable[..., Any],
        api: API,
        request: Request,
        *arguments: str,
        usual: Mapping[str, str] = MappingProxyType({}),
    ) -> Answer:
        asked = _Asked(request, api.locales, usual)
        headers, status, content = function(api, asked, *arguments)
        document = json.loads(content)
        _drop_links(document)
        media_type = headers["Content-Type"]
        if function in (itemtypes.get_collection_items, itemtypes.get_collection_item):
            media_type = "application/geo+json" if status < REFUSED else media_type
        return Answer(document, int(status), media_type, headers.get("Content-Crs"))

    def _api_for(self, base_url: str, found: Mapping[str, Published], lang: Lang) -> API:
        api = copy.copy(self._api)
        api.base_url = base_url
        api.config = self._config(base_url, found, lang)
        return api

    def _config(self, base_url: str, found: Mapping[str, Published], lang: Lang) -> dict[str, Any]:
        title, description = service_words(self._area.title)
        said = settings()
        return {
            "server": {
                "url": base_url,
                "languages": said["languages"],
                "limits": said["limits"],
                "mimetype": "application/json; charset=UTF-8",
                "encoding": "utf-8",
            },
            "logging": {"level": "CRITICAL"},
            "metadata": {
                "identification": {
                    "title": title.model_dump(),
                    "description": description.model_dump(),
                    "keywords": ["ilo-geo"],
                    "terms_of_service": f"{base_url}/collections",
                    "url": base_url,
                },
                "license": {"name": title.in_(lang), "url": f"{base_url}/collections"},
                "provider": {"name": "ilo-geo", "url": base_url},
                "contact": {"name": "ilo-geo"},
            },
            "resources": {name: self._resource(one, lang) for name, one in found.items()},
        }

    def _resource(self, published: Published, lang: Lang) -> dict[str, Any]:
        west, south, east, north = published.table.bounds_deg or (-180.0, -90.0, 180.0, 90.0)
        return {
            "type": "collection",
            "title": published.title.model_dump(),
            "description": published.description.model_dump(),
            "keywords": list(published.keywords),
            "extents": {"spatial": {"bbox": [west, south, east, north], "crs": CRS84}},
            "providers": [
                {
                    "type": "feature",
                    "name": PROVIDER,
                    "data": published,
                    "lang": lang,
                    "written": None,
                    "id_field": "id",
                    "crs": list(self._crs),
                    "storage_crs": CRS84,
                }
            ],
        }


def _built(config: dict[str, Any]) -> API:
    # pygeoapi sets up the log of the whole process, unless somebody has
    root, silent = logging.getLogger(), logging.NullHandler()
    root.addHandler(silent)
    try:
        return API(config, {})
    finally:
        root.removeHandler(silent)


def _describe(document: dict[str, Any], published: Published, base_url: str) -> None:
    """Add to a collection what its layer says of itself, and where its tiles are."""
    document.update(published.about)
    if published.table.bounds_deg is None:
        # nothing lies anywhere: pygeoapi was told of the whole world
        del document["extent"]
    if published.is_tiled:
        tiles = f"{base_url.rpartition('/')[0]}/tiles/{published.id}"
        document["links"] += [
            {
                "rel": "tiles",
                "type": "application/vnd.mapbox-vector-tile",
                "title": "MVT",
                "href": f"{tiles}/{{z}}/{{x}}/{{y}}.mvt",
                "templated": True,
            },
            {
                "rel": "tiles",
                "type": "application/vnd.pmtiles",
                "title": "PMTiles",
                "href": f"{tiles}.pmtiles",
            },
        ]


def _drop_links(document: dict[str, Any]) -> None:
    """Take out the links to what is not served here."""
    left_out = settings()["links_left_out"]
    for part in (document, *document.get("collections", [])):
        if "links" in part:
            part["links"] = [
                link
                for link in part["links"]
                if link.get("type") not in left_out["types"] and link["rel"] not in left_out["rels"]
            ]


def _self_contained(document: dict[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI document whose references to other hosts are replaced."""
    document["paths"] = {
        path: {"get": methods["get"]}
        for path, methods in document["paths"].items()
        if path in ROOTS or path.startswith(f"{COLLECTIONS}/")
    }
    components = document["components"]
    components["parameters"] |= settings()["borrowed"]
    components["parameters"]["f"]["schema"]["enum"] = ["json", "html"]
    del components["parameters"]["vendorSpecificParameters"]
    for name in ("Tiles", "default"):
        components["responses"].pop(name, None)
    for name in ("tiles", "tilematrixsetlink"):
        components["schemas"].pop(name, None)
    resolved: dict[str, Any] = _resolved(document)
    return resolved


def _resolved(value: Any) -> Any:
    if isinstance(value, list):
        kept = [item for item in value if not _is_left_out(item)]
        return [_resolved(item) for item in kept]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref", "")
    name = reference.rpartition("/")[2].removesuffix(".yaml")
    if isinstance(reference, str) and "://" in reference:
        if "/parameters/" in reference:
            return {"$ref": f"#/components/parameters/{name}"}
        return {"description": name}
    if reference == "#/components/responses/default":
        return {"description": name}
    return {key: _resolved(item) for key, item in value.items()}


def _is_left_out(item: Any) -> bool:
    """Return whether a parameter of pygeoapi's document is not taken here."""
    if not isinstance(item, dict):
        return False
    return "vendorSpecificParameters" in item.get("$ref", "") or item.get("name") == "ui"
