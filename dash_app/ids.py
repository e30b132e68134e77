"""Every id that a callback or a test refers to."""

URL = "url"
SHELL = "shell"
PANEL = "panel"
PANEL_BODY = "panel-body"
SHEET_HANDLE = "sheet-handle"

# what is known in the browser
KNOWN = "known"
RUN = "run"
LEVEL = "level"
ZONE = "zone"
DRAWER_OPEN = "drawer-open"

# navigation
NAV_HOME = "nav-home"
NAV_GREEN = "nav-green"
NAV_DATA = "nav-data"
NAV = (NAV_HOME, NAV_GREEN, NAV_DATA)
LANGUAGE = "language"
SEARCH = "search"

# map
MAP = "map"
THEME = "theme"
OUTLINE = "outline"
LAYER_SPECS = "layer-specs"
VISIBLE = "visible-layers"
LAYER_TREE = "layer-tree"
LAYER_TREE_BODY = "layer-tree-body"
LAYER_CHOICES = "layer-choices"
POSITION = "position"
LEGEND = "legend"
TILES = "tiles"

# analysis
NOTICE = "notice"
POLL = "poll"
PROGRESS = "progress"
PROGRESS_BAR = "progress-bar"
PROGRESS_TEXT = "progress-text"
CANCEL = "cancel"
HOME_RESULT = "home-result"
GREEN_RESULT = "green-result"
GREEN_CALIBRATION = "green-calibration"
GREEN_INEQUALITY = "green-inequality"
GREEN_WARNINGS = "green-warnings"
GREEN_EXPORT = "green-export"
ZONE_SHEET = "zone-sheet"
CHOSEN_LAYER = "chosen-layer"
LAYER_SHEET = "layer-sheet"

# table
DRAWER = "drawer"
DRAWER_BODY = "drawer-body"
DRAWER_TOGGLE = "drawer-toggle"
DRAWER_CLOSE = "drawer-close"
LEVEL_TABLE = "level-table"
CATALOGUE_TABLE = "catalogue-table"


def parameter(name: object) -> dict[str, object]:
    """Return the id of the control of a parameter."""
    return {"type": "parameter", "name": name}


def layer(layer_id: object) -> dict[str, object]:
    """Return the id of a reference layer on the map."""
    return {"type": "layer", "layer": layer_id}


def opacity(layer_id: object) -> dict[str, object]:
    """Return the id of the opacity slider of a layer."""
    return {"type": "opacity", "layer": layer_id}
