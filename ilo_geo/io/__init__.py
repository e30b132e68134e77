"""The only rooms that open files: catalogue, vector, raster, OpenStreetMap, workspace, export."""
