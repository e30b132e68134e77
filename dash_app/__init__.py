"""The planner in the browser. It asks `ilo_geo.services` and draws; it computes no geometry."""
