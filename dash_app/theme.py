"""Colours and corners of the controls; the style sheet has the same."""

from __future__ import annotations

THEME = {
    "primaryColor": "ilo",
    "colors": {
        "ilo": [
            "#e3f0f0",
            "#c3dfdf",
            "#9ccaca",
            "#73b3b3",
            "#4f9d9d",
            "#2f8888",
            "#0b6b6b",
            "#095c5c",
            "#074d4d",
            "#053d3d",
        ]
    },
    "fontFamily": "inherit",
    "defaultRadius": "sm",
    "respectReducedMotion": True,
}
