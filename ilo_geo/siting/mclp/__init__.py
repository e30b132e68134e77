"""Maximal coverage with a certificate: heuristics and bounds side by side, closed by branching."""
