"""Every id that a callback or a test refers to."""

from __future__ import annotations

from typing import Any

URL = "url"
SHELL = "shell"
PANEL = "panel"
PANEL_BODY = "panel-body"
SHEET_HANDLE = "sheet-handle"


def by_name(names: list[dict[str, str]], values: list[Any]) -> dict[str, Any]:
    """Return what fields hold by the name in their ids."""
    return {name["name"]: value for name, value in zip(names, values, strict=True)}


# what is known in the browser
KNOWN = "known"
ASKED = "asked"
RUN = "run"
RECALCULATE = "recalculate"
ALSO = "also"
HAZARD = "hazard"
LEVEL = "level"
ZONE = "zone"
DRAWER_OPEN = "drawer-open"

# navigation
NAV_HOME = "nav-home"
NAV_GREEN = "nav-green"
NAV_HAZARDS = "nav-hazards"
NAV_SECURITY = "nav-patrol"
NAV_PRIORITY = "nav-priority"
NAV_PROPOSALS = "nav-proposals"
NAV_DATA = "nav-data"
NAV = (NAV_HOME, NAV_GREEN, NAV_HAZARDS, NAV_SECURITY, NAV_PRIORITY, NAV_PROPOSALS, NAV_DATA)
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
STALE = "stale"
STALE_POLL = "stale-poll"
POLL = "poll"
DONE = "done"
PROGRESS = "progress"
PROGRESS_BAR = "progress-bar"
PROGRESS_TEXT = "progress-text"
CANCEL = "cancel"
FINISH = "finish"
HOME_RESULT = "home-result"
GREEN_RESULT = "green-result"
GREEN_CALIBRATION = "green-calibration"
GREEN_INEQUALITY = "green-inequality"
GREEN_WARNINGS = "green-warnings"
GREEN_EXPORT = "green-export"
ZONE_SHEET = "zone-sheet"
CHOSEN_LAYER = "chosen-layer"
LAYER_SHEET = "layer-sheet"

# fetching
FETCH_BOX = "fetch-box"
FETCH_POLL = "fetch-poll"
FETCH_OFFER = "fetch-offer"
FETCH_DISMISS = "fetch-dismiss"
SWITCH = "switch"
UNDO = "undo"
VERSIONS = "versions"

# hazards
HAZARD_BODY = "hazard-body"
HAZARD_RESULT = "hazard-result"
HAZARD_EXPOSED = "hazard-exposed"
HAZARD_MORE = "hazard-more"
EVACUATION_RESULT = "evacuation-result"
EVACUATION_PANE = "evacuation-pane"
MEASURES = "measures"
MEASURES_RESULT = "measures-result"
MEASURES_LAYER = "measures-layer"
EVACUATION_LAYER = "evacuation-layer"
BLOCK = "block"
POINT_CARD = "point-card"
MODE = "mode"
FIRST_MODE = "first-mode"
PERIOD = "period"
TAB = "tab"
LEVEL_SLIDER = "level-slider"
FLOOD = "flood"
FLOOD_SHOWN = "flood-shown"
ZONES = "hazard-zones"
LEVEL_CHOICE = "level-choice"

# what is chosen, and where to begin
FOUND = "found"
FOUND_RESULT = "found-result"
FOUND_SHEET = "found-sheet"
FOUND_MORE = "found-more"
FOUND_AREAS = "found-areas"
FOUND_PINS = "found-pins"
PARTS = "score-parts"
RANKED = "ranked"
APPLY = "apply-weights"
KEPT = "kept-choices"
KEEP_A = "keep-a"
KEEP_B = "keep-b"
COMPARED = "compared"
PROPOSAL_TITLE = "proposal-title"
PROPOSE = "propose"
PROPOSE_ONE = "propose-one"
PROPOSED = "proposed"

# files of the municipality
UPLOADED = "uploaded"
UPLOAD_ZONE = "upload-zone"
UPLOAD_SAID = "upload-said"
IMPORT_CHECK = "import-check"
IMPORT_JOB = "import-job"
IMPORT_POLL = "import-poll"
IMPORT_DONE = "import-done"
IMPORT_STEP = "import-step"
IMPORT_CANCEL = "import-cancel"
IMPORT_BODY = "import-body"
IMPORT_MAP = "import-map"
# the plan against the data
RULES = "rules"

# table
DRAWER = "drawer"
DRAWER_BODY = "drawer-body"
DRAWER_TOGGLE = "drawer-toggle"
DRAWER_CLOSE = "drawer-close"
LEVEL_TABLE = "level-table"
HAZARD_TABLE = "hazard-table"
CATALOGUE_TABLE = "catalogue-table"
COHERENCE_TABLE = "coherence-table"


def parameter(name: object) -> dict[str, object]:
    """Return the id of the control of a parameter."""
    return {"type": "parameter", "name": name}


def layer(layer_id: object) -> dict[str, object]:
    """Return the id of a reference layer on the map."""
    return {"type": "layer", "layer": layer_id}


def plan_line(name: object) -> dict[str, object]:
    """Return the id of one of the plan's inundation lines on the map."""
    return {"type": "plan-line", "layer": name}


def weight(name: object) -> dict[str, object]:
    """Return the id of the slider of a weight."""
    return {"type": "weight", "name": name}


def weight_share(name: object) -> dict[str, object]:
    """Return the id of the share that a weight comes to."""
    return {"type": "weight-share", "name": name}


def tab(page: object) -> dict[str, object]:
    """Return the id of the link to a page among those of its group."""
    return {"type": "page-tab", "page": page}


def fetch_button(act: object) -> dict[str, object]:
    """Return the id of a button of the fetch box."""
    return {"type": "fetch", "act": act}


def opacity(layer_id: object) -> dict[str, object]:
    """Return the id of the opacity slider of a layer."""
    return {"type": "opacity", "layer": layer_id}


def import_field(name: object) -> dict[str, object]:
    """Return the id of what the user says of a file that is to be loaded."""
    return {"type": "import-field", "name": name}


def import_load(how: object) -> dict[str, object]:
    """Return the id of a button that loads a file: all of it, or its valid rows."""
    return {"type": "import-load", "how": how}


# --- the chamber and the participatory budget ---
COUNCIL_SHAPES = "council-shapes"
COUNCIL_PAGE = "council-page"
CHAMBER = "chamber"
SITTING_ASKED = "sitting-asked"
SITTING_SEEN = "sitting-seen"
SITTING_DID = "sitting-did"
SITTING_POLL = "sitting-poll"
SITTING_STRIP = "sitting-strip"
SITTING_AGENDA = "sitting-agenda"
SITTING_WORDS = "sitting-words"
SITTING_AGAINST = "sitting-against"
SITTING_VOTE = "sitting-vote"
SITTING_KEYS = "sitting-keys"
SITTING_ROLL = "sitting-roll"
SITTING_PRESIDING = "sitting-presiding"
SITTING_OPENING = "sitting-opening"
SITTING_CLOSING = "sitting-closing"
SITTING_ENDING = "sitting-ending"
SITTING_TIE = "sitting-tie"
PRESIDING = "presiding"
CASTING = "casting"
CASTING_REASON = "casting-reason"
SITTINGS_ASKED = "sittings-asked"
SITTINGS_BODY = "sittings-body"
SITTING_SAID = "sitting-said"
BUDGET_ASKED = "budget-asked"
BUDGET_DID = "budget-did"
BUDGET_BODY = "budget-body"
BUDGET_SAVE = "budget-save"
BUDGET_SAVED = "budget-saved"
BUNDLES = "bundles"
BUNDLE_FIND = "bundle-find"
BUNDLE_JOB = "bundle-job"
BUNDLE_POLL = "bundle-poll"


def chamber_act(verb: object, of: object = "") -> dict[str, object]:
    """Return the id of the button that does a verb in the chamber."""
    return {"type": "chamber-act", "verb": verb, "of": of}


def chamber_more(words: str) -> str:
    """Return the id of the line that says how much of a part of the screen is below its edge."""
    return f"{words}-more"


def sitting_act(verb: object) -> dict[str, object]:
    """Return the id of the button that does a verb with the form of a sitting."""
    return {"type": "sitting-act", "verb": verb}


def sitting_field(name: object) -> dict[str, object]:
    """Return the id of a field of the form of a sitting."""
    return {"type": "sitting-field", "name": name}


def budget_act(verb: object, of: object = "") -> dict[str, object]:
    """Return the id of the button that does a verb on a campaign."""
    return {"type": "budget-act", "verb": verb, "of": of}


def budget_field(name: object) -> dict[str, object]:
    """Return the id of a field of the page of a campaign."""
    return {"type": "budget-field", "name": name}


# --- proposals ---
PROPOSALS_ASKED = "proposals-asked"
PROPOSALS_BODY = "proposals-body"
PROPOSALS_MAP = "proposals-map"
PROPOSALS_FIRST_MAP = "proposals-first-map"
PROPOSAL_LIST = "proposal-list"
PROPOSAL_CHANGED = "proposal-changed"
PROPOSAL_NUMBER = "proposal-number"
PROPOSAL_POINTS = "proposal-points"
PROPOSAL_SHAPES = "proposal-shapes"
PROPOSAL_SHAPE = "proposal-shape"
TECHNICAL_SHEET = "technical-sheet"
SHEET_JOB = "sheet-job"
SHEET_POLL = "sheet-poll"
SHEET_MADE = "sheet-made"
SHEET_AGAIN = "sheet-again"
TAKE_IMPORTED = "take-imported"
TAKEN = "taken"
# writing a proposal
SHAPE = "shape"
SHAPE_TEXT = "shape-text"
SHAPE_FORMS = "shape-forms"
SHAPE_TYPED = "shape-typed"
SHAPE_SAID = "shape-said"
EDIT_BASE = "edit-base"
EDIT_SAVE = "edit-save"
EDIT_SAID = "edit-said"


def act(verb: object, of: object = "") -> dict[str, object]:
    """Return the id of the button that does a verb, on one of several things of a proposal."""
    return {"type": "act", "verb": verb, "of": of}


def act_field(verb: object, of: object, name: object) -> dict[str, object]:
    """Return the id of what a verb asks for."""
    return {"type": "act-field", "verb": verb, "of": of, "name": name}


def act_said(verb: object, of: object = "") -> dict[str, object]:
    """Return the id of where it is said why a verb was not done."""
    return {"type": "act-said", "verb": verb, "of": of}


def edit_field(name: object) -> dict[str, object]:
    """Return the id of a field of the form of a proposal."""
    return {"type": "edit-field", "name": name}


# --- scenarios ---
SCENARIOS_ASKED = "scenarios-asked"
SCENARIOS_BODY = "scenarios-body"
SCENARIO_MAP = "scenario-map"
SCENARIO_JOB = "scenario-job"
SCENARIO_POLL = "scenario-poll"
SCENARIO_STALE = "scenario-stale"
SCENARIO_TITLE = "scenario-title"
SCENARIO_PROPOSALS = "scenario-proposals"
SCENARIO_SAVE = "scenario-save"
SCENARIO_SAID = "scenario-said"
SCENARIO_DISCARD = "scenario-discard"
SCENARIO_AGAIN = "scenario-again"


def scenario_layer(side: object) -> dict[str, object]:
    """Return the id of what is drawn on a side of the divided map: zones or shapes."""
    return {"type": "scenario-layer", "side": side}
