"""Hazards of the city, who stands in them, and who gets out in time."""
