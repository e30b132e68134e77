"""OGC API – Features over what the planner shows, by pygeoapi, for QGIS and other programs."""
