"""What a council member does with the page of coherence, in a real browser, without a network."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import served
from conftest import watched

pytestmark = pytest.mark.browser
PHONE_PX = 390
