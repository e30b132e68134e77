"""Use case: what of a study area other programs may read, and in which words.

Published is what the planner shows: layers that are drawn, and the tables of results that it
exports. Of a layer that somebody brought only the columns that its description or the schema names
are published; the files of the area's own folder are public as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from functools import cache
from threading import RLock
from typing import Any

from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import LayerNotFoundError
from ilo_geo.core.layer import Origin
from ilo_geo.core.layer import Status
from ilo_geo.core.layer import VectorLayer
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.schema import Column
from ilo_geo.core.text import LANGS
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.io.catalogue import layer_schemas
from ilo_geo.io.legend import column_title
from ilo_geo.io.legend import exported_table
from ilo_geo.io.legend import modelled_note
from ilo_geo.io.legend import status as result_status
from ilo_geo.io.legend import word
from ilo_geo.services.analyses import analysis_titles
from ilo_geo.services.areas import Area
from ilo_geo.services.feature_table import STATUS
from ilo_geo.services.feature_table import FeatureTable
from ilo_geo.services.feature_table import feature_table
from ilo_geo.services.map_layers import DRAWABLE
from ilo_geo.services.map_layers import map_spec
from ilo_geo.services.scales import scales_of

# from this many features on a layer is worth tiles
TILED_FROM = 20_000
# between the id of an analysis and the name of its table
OF = "."
# a faulty file, or one that is being replaced at this moment
REFUSALS = (InputError, FileNotFoundError)
Results = Callable[[], Mapping[str, AnalysisResult]]


@dataclass(frozen=True)
class Published:
    """One collection: its words, the facts of its provenance, and its features."""

    id: str
    title: Text
    description: Text
    keywords: tuple[str, ...]
    about: Mapping[str, Any]
    table: FeatureTable

    @property
    def is_tiled(self) -> bool:
        """Return whether the collection is also served as vector tiles."""
        return OF not in self.id and len(self.table.ids) > TILED_FROM


@dataclass
class Publication:
    """The collections of one study area; each is made again when what it stands on changed.

    ``current`` gives the study area as it is opened now, ``results`` the latest fresh result of
    each analysis.
    """

    current: Callable[[], Area]
    results: Results
    _kept: dict[str, tuple[object, Published]] = field(default_factory=dict)
    _hashes: dict[str, tuple[AnalysisResult, str]] = field(default_factory=dict)
    _lock: RLock = field(default_factory=RLock)

    @property
    def area(self) -> Area:
        """Return the study area as it is opened now."""
        return self.current()

    def collections(self) -> dict[str, Published]:
        """Return what is published now, layers in the catalogue's order, then results."""
        found: dict[str, Published] = {}
        for layer_id in self.area.catalogue.declared:
            try:
                if self._is_public(layer_id):
                    found[layer_id] = self._layer(layer_id)
            except REFUSALS:
                # a refused layer has nothing to read; who asks for it by name is told
                continue
        for result in self._fresh().values():
            for name in result.maps:
                found[f"{result.analysis}{OF}{name}"] = self._result(result, name)
        return found

    def collection(self, collection_id: str) -> Published | None:
        """Return one collection, or None where nothing of that name is published.

        Raises
        ------
        InputError
            It is a layer that was refused at the door.
        """
        analysis, dot, name = collection_id.partition(OF)
        if dot:
            result = self._fresh().get(analysis)
            return self._result(result, name) if result and name in result.maps else None
        try:
            return self._layer(collection_id) if self._is_public(collection_id) else None
        except LayerNotFoundError:
            return None
        except REFUSALS as error:
            # the reason names files of this machine: it is told on the page Datos only
            raise InputError("publication.refused", layer=collection_id) from error

    def _fresh(self) -> Mapping[str, AnalysisResult]:
        """Return the results; none while a layer's description cannot be read."""
        try:
            return self.results()
        except REFUSALS:
            return {}

    def _is_public(self, layer_id: str) -> bool:
        area = self.area
        if layer_id not in area.catalogue.declared or not map_spec(layer_id).drawn:
            return False
        return area.has(layer_id) and area.meta(layer_id).geometry in DRAWABLE

    def _layer(self, layer_id: str) -> Published:
        layer = self.area.layer(layer_id)
        if not isinstance(layer, VectorLayer):
            raise LayerNotFoundError("layer.no_data", layer=layer_id, where=self.area.config.id)
        return self._made(layer_id, layer, lambda: _of_layer(layer))

    def _result(self, result: AnalysisResult, name: str) -> Published:
        key = f"{result.analysis}{OF}{name}"
        return self._made(key, result, lambda: _of_result(result, name, self._sha256(result)))

    def _sha256(self, result: AnalysisResult) -> str:
        """Return the fingerprint of a result, which takes all of its tables, once."""
        with self._lock:
            known = self._hashes.get(result.analysis)
            if known is None or known[0] is not result:
                known = (result, result.sha256)
                self._hashes[result.analysis] = known
            return known[1]

    def _made(self, key: str, stands_on: object, make: Callable[[], Published]) -> Published:
        kept = self._kept.get(key)
        if kept is None or kept[0] is not stands_on:
            with self._lock:
                kept = self._kept.get(key)
                if kept is None or kept[0] is not stands_on:
                    kept = (stands_on, make())
                    self._kept[key] = kept
        return kept[1]


@cache
def _words() -> dict[str, Any]:
    table: dict[str, Any] = load_package_yaml("ilo_geo.services", "publication.yaml")
    return table


def service_words(city: Text) -> tuple[Text, Text]:
    """Return title and description of all that a city publishes."""
    said = _words()["service"]
    title = _in_both(said["title"], lambda lang: {"city": city.in_(lang)})
    return title, Text(**said["description"])


def public_columns(layer: VectorLayer) -> dict[str, Column | None]:
    """Return the columns of a layer that are published, with their descriptions."""
    schema = layer_schemas().get(layer.meta.id)
    known: dict[str, Column | None] = {
        **(schema.columns if schema else {}),
        **layer.meta.columns,
    }
    if layer.origin is Origin.SHIPPED:
        known |= {name: known.get(name) for name in layer.data.columns}
    return known


def _of_layer(layer: VectorLayer) -> Published:
    meta = layer.meta

    def fields(lang: Any) -> dict[str, str]:
        accuracy = f"±{meta.accuracy_m:,g} m" if meta.accuracy_m is not None else None
        return {
            "note": f"{meta.note.in_(lang)} " if meta.note else "",
            "source": meta.source,
            "licence": meta.licence,
            "date": meta.date,
            "accuracy": accuracy or _words()["unknown"][lang],
            "status": _words()["status"][meta.status][lang],
        }

    about = {
        "attribution": meta.source,
        "license": meta.licence,
        "date": meta.date,
        "accuracy_m": meta.accuracy_m,
        "status": meta.status.value,
        "sha256": layer.sha256,
    }
    title = _titled(meta.title, meta.status)
    description = _in_both(_words()["layer"], fields)
    table = feature_table(layer.data, public_columns(layer), meta.status.value)
    return Published(meta.id, title, description, (meta.theme, meta.status.value), about, table)


def _of_result(result: AnalysisResult, name: str, sha256: str) -> Published:
    status = result_status(result)
    frame = exported_table(result, name, scales_of(result))
    titles = {column: _column(column) for column in frame.columns if column != STATUS}
    analysis = analysis_titles()[result.analysis]

    def fields(lang: Any) -> dict[str, str]:
        note = modelled_note(result, lang)
        return {
            "note": f"{note} " if note else "",
            "parameters": _listed(result.parameters),
            "layers": ", ".join(ref.title.in_(lang) for ref in result.provenance),
            "sha256": sha256,
            "status": _words()["status"][status][lang],
        }

    said = _words()["result"]
    title = _in_both(
        said["title"],
        lambda lang: {"analysis": analysis.in_(lang), "table": word("tables", name, lang)},
    )
    about = {
        "license": _words()["licence_of_layers"]["es"],
        "status": status.value,
        "result_sha256": sha256,
        "parameters": dict(result.parameters),
        "provenance": [ref.model_dump(mode="json") for ref in result.provenance],
    }
    return Published(
        f"{result.analysis}{OF}{name}",
        _titled(title, status),
        _in_both(said["description"], fields),
        (result.analysis, status.value),
        about,
        feature_table(frame, titles, status.value),
    )


def _column(name: str) -> Column:
    # what a column holds is read from its values; here only its words are known
    titles = {lang: column_title(name, lang) for lang in LANGS}
    return Column(kind="text", title=Text(**titles), nullable=True)


def _listed(parameters: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in parameters.items())


def _titled(title: Text, status: Status) -> Text:
    if status is not Status.MODELLED:
        return title
    return _in_both(_words()["modelled_title"], lambda lang: {"title": title.in_(lang)})


def _in_both(text: Mapping[str, str], fields: Callable[[Any], Mapping[str, str]]) -> Text:
    """Return a text with its fields filled in, in each language."""
    return Text(**{lang: text[lang].format(**fields(lang)) for lang in LANGS})
