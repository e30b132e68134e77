"""Proposals for the map by address, and shapes out of files that a browser sends."""

from __future__ import annotations

import tempfile
from pathlib import Path
from pathlib import PurePosixPath

from flask import Blueprint
from flask import Response
from flask import jsonify
from flask import request

from dash_app.access import actor
from dash_app.components.proposal_list import filter_of
from dash_app.rates import require_search_rate
from dash_app.routes.layers import REVALIDATE
from dash_app.routes.layers import bounds
from dash_app.routes.layers import respond
from ilo_geo.core.errors import InputError
from ilo_geo.services.council import Council
from ilo_geo.services.import_desk import file_kinds
from ilo_geo.services.proposal_shapes import ProposalPoints
from ilo_geo.services.proposal_shapes import box_of
from ilo_geo.services.proposal_shapes import shapes_of_file
from ilo_geo.services.proposal_shapes import shapes_payload

# the shape of one proposal needs no more; whole layers go through the page of loads
MAX_FILE_BYTES = 10_000_000
MAX_NAME_CHARS = 80


def reading(council: Council) -> Blueprint:
    """Return the routes of whoever may read proposals."""
    routes = Blueprint("proposals", __name__)
    points_of_all = ProposalPoints(council)

    @routes.get("/propuestas.geojson")
    def points() -> Response:
        wanted = filter_of(request.args)
        require_search_rate(wanted)
        bbox = request.args.get("bbox")
        if bbox is None:
            return respond(points_of_all.payload(actor(), wanted), REVALIDATE)
        west, south, east, north = bounds(bbox)
        window = wanted.model_copy(update={"box": box_of(council, (west, south, east, north))})
        return respond(shapes_payload(council, actor(), window), REVALIDATE)

    return routes


def writing() -> Blueprint:
    """Return the route that reads shapes out of a file, for whoever may create proposals."""
    routes = Blueprint("proposal_shapes", __name__)

    @routes.post("/propuestas/forma")
    def shapes() -> Response:
        name = PurePosixPath(request.args.get("name", "").replace("\\", "/")).name[-MAX_NAME_CHARS:]
        suffix = Path(name).suffix.lower()
        if suffix not in file_kinds():
            expected = ", ".join(file_kinds())
            raise InputError(
                "import.wrong_extension", where=name or "–", found=suffix or "–", expected=expected
            )
        with tempfile.TemporaryDirectory(prefix="ilo-geo-") as folder:
            path = Path(folder) / f"file{suffix}"
            path.write_bytes(request.get_data())
            found = shapes_of_file(path, name)
        return jsonify([{"title": one.title, "shape": one.shape} for one in found])

    return routes
