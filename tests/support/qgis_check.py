"""Opens a project in a real QGIS, renders it, and says as JSON what QGIS made of it.

Run by the Python that has ``qgis`` (the system's), never by the project's own:
``qgis_check.py PROJECT PNG [WIDTH HEIGHT [XMIN YMIN XMAX YMAX]]``.
"""

import json
import os
import sys

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from qgis.core import QgsApplication
from qgis.core import QgsLayerTreeGroup
from qgis.core import QgsMapRendererParallelJob
from qgis.core import QgsMapSettings
from qgis.core import QgsProject
from qgis.core import QgsRectangle
from qgis.core import QgsVectorLayer
from qgis.PyQt.QtCore import QSize

DPI = 96


def tree(group):
    return [
        {"group": node.name(), "members": tree(node)}
        if isinstance(node, QgsLayerTreeGroup)
        else {"layer": node.name(), "id": node.layerId(), "visible": node.itemVisibilityChecked()}
        for node in group.children()
    ]


def described(layer):
    about = layer.metadata()
    vector = isinstance(layer, QgsVectorLayer)
    return {
        "valid": layer.isValid(),
        "name": layer.name(),
        "source": layer.source(),
        "crs": layer.crs().authid(),
        "features": layer.featureCount() if vector else None,
        "renderer": layer.renderer().type() if layer.isValid() and layer.renderer() else None,
        "symbols": symbols(layer) if vector and layer.isValid() else [],
        "scale": layer.minimumScale() if layer.hasScaleBasedVisibility() else None,
        "abstract": about.abstract(),
        "rights": about.rights(),
        "licences": about.licenses(),
    }


def symbols(layer):
    if layer.renderer() is None:
        return []
    rows = layer.renderer().legendSymbolItems()
    return [
        {
            "label": row.label(),
            "colour": row.symbol().color().name() if row.symbol() else None,
            "properties": row.symbol().symbolLayer(0).properties() if row.symbol() else {},
        }
        for row in rows
    ]


def render(project, png, size, extent):
    settings = QgsMapSettings()
    root = project.layerTreeRoot()
    settings.setLayers([x for x in root.layerOrder() if root.findLayer(x).isVisible()])
    settings.setDestinationCrs(project.crs())
    settings.setTransformContext(project.transformContext())
    settings.setBackgroundColor(project.backgroundColor())
    settings.setOutputDpi(DPI)
    settings.setOutputSize(QSize(*size))
    settings.setExtent(extent)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(png, "PNG")
    drawn = settings.visibleExtent()
    bounds = [drawn.xMinimum(), drawn.yMinimum(), drawn.xMaximum(), drawn.yMaximum()]
    return {
        "extent": bounds,
        "scale": settings.scale(),
        "errors": [e.message for e in job.errors()],
    }


def main(path, png, numbers):
    application = QgsApplication([], False)
    application.initQgis()
    project = QgsProject.instance()
    opened = project.read(path)
    size = [int(number) for number in numbers[:2]] or [800, 800]
    opens_at = project.viewSettings().defaultViewExtent()
    extent = QgsRectangle(*map(float, numbers[2:6])) if numbers[2:] else QgsRectangle(opens_at)
    root = project.layerTreeRoot()
    found = {
        "opened": opened,
        "title": project.title(),
        "crs": project.crs().authid(),
        "abstract": project.metadata().abstract(),
        "tree": tree(root),
        "order": [layer.id() for layer in root.layerOrder()],
        "layers": {name: described(layer) for name, layer in project.mapLayers().items()},
        "map": render(project, png, size, extent),
    }
    sys.stdout.write(json.dumps(found))
    sys.stdout.flush()
    # QGIS 3.22 may crash while it is taken apart; everything is said by now
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
