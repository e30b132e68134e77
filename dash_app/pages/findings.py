"""The pages that show one finding each: where next, and why there."""

from __future__ import annotations

from types import ModuleType

from dash_app.pages import cameras
from dash_app.pages import hotspots
from dash_app.pages import parks
from dash_app.pages import patrol
from dash_app.pages import priority

# each has ``layout(planner, view)``, ``result_block(t, planner, result)``,
# ``sheet(t, result, found)`` of the thing chosen, ``more_blocks(t, planner, result)`` and
# ``drawn(t, result, mode)``
PAGES: dict[str, ModuleType] = {
    "parks": parks,
    "patrol": patrol,
    "hotspots": hotspots,
    "cameras": cameras,
    "priority": priority,
}
# pages whose weights the browser scores with: each has ``scores(t, result)``
SCORED = ("parks", "priority")
