"""Gives pygeoapi the features of one published collection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pygeoapi.provider.base import BaseProvider
from pygeoapi.provider.base import ProviderInvalidQueryError
from pygeoapi.provider.base import ProviderItemNotFoundError

from dash_app.i18n import translator
from ilo_geo.core.errors import ParameterError
from ilo_geo.services.publication import Published


class PublishedFeatures(BaseProvider):
    """Reads a `Published` collection, which ``data`` of its definition is; it writes nothing."""

    def __init__(self, definition: dict[str, Any]) -> None:
        super().__init__(definition)
        published: Published = definition["data"]
        self._table = published.table
        self._written: list[str] | None = definition["written"]
        t = translator(definition["lang"])
        self._lang = t.lang
        # pygeoapi adds to these what it likes: they are made for each request
        self._fields = {
            name: {
                "type": field.type,
                **({"title": t.of(field.title)} if field.title else {}),
                **({"x-ogc-unit": field.unit} if field.unit else {}),
            }
            for name, field in self._table.fields.items()
        }

    def get_fields(self) -> dict[str, Any]:
        """Return the properties with their JSON types."""
        return self._fields

    def query(
        self,
        *,
        offset: int = 0,
        limit: int = 10,
        resulttype: str = "results",
        bbox: Sequence[float] = (),
        properties: Sequence[tuple[str, str]] = (),
        sortby: Sequence[dict[str, str]] = (),
        select_properties: Sequence[str] = (),
        skip_geometry: bool = False,
        crs_transform_spec: Any = None,
        **_others: Any,
    ) -> dict[str, Any]:
        """Return one page of the features asked for.

        Whole features go to ``written`` of the definition as text, where there is one: what they
        say does not depend on the request, and pygeoapi needs to know how many there are only.
        """
        # with heights, the third of each corner
        window = [*bbox[:2], *bbox[3:5]] if len(bbox) == 6 else list(bbox)
        order = [(by["property"], by["order"] == "+") for by in sortby]
        try:
            rows = self._table.rows(window, properties, order)
        except ParameterError as error:
            raise ProviderInvalidQueryError(user_msg=error.text(self._lang)) from error
        page = rows[offset : offset + limit] if resulttype == "results" else rows[:0]
        whole = not (select_properties or skip_geometry or crs_transform_spec)
        if whole and self._written is not None:
            self._written.extend(self._table.texts(page))
            features = []
        else:
            features = self._table.features(
                page,
                select_properties,
                shapes=not skip_geometry,
                crs=_crs_of(crs_transform_spec),
            )
        return {
            "type": "FeatureCollection",
            "numberMatched": len(rows),
            "numberReturned": len(page),
            "features": features,
        }

    def get(
        self, identifier: str, *, crs_transform_spec: Any = None, **_others: Any
    ) -> dict[str, Any]:
        """Return one feature."""
        row = self._table.row(identifier)
        if row is None:
            raise ProviderItemNotFoundError(user_msg="no such feature")
        return self._table.features(np.array([row]), crs=_crs_of(crs_transform_spec))[0]


def _crs_of(spec: Any) -> str | None:
    """Return the code of the system asked for; pygeoapi has checked that it is one of ours."""
    return None if spec is None else f"EPSG:{spec.target_crs_uri.rpartition('/')[2]}"
