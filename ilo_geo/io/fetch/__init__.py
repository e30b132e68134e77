"""Brings public data from the network: OpenStreetMap, its boundaries, and elevation."""
