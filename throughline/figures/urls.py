"""The addresses of this room."""

from __future__ import annotations

from django.urls import path

from throughline.figures.pages import board, confidence, exports, figure, indicators, loads, places

urlpatterns = [
    path("status/", board.status, name="status"),
    path("indicators/", indicators.indicators, name="indicators"),
    path("indicators/<slug:scheme>/<slug:key>/", indicators.indicator, name="indicator"),
    path(
        "indicators/<slug:scheme>/<slug:key>/table.<str:form>",
        exports.export,
        name="indicator-export",
    ),
    path(
        "indicators/<slug:scheme>/<slug:key>/confidence/",
        confidence.confidence,
        name="confidence",
    ),
    path(
        "indicators/<slug:scheme>/<slug:key>/confidence/record",
        confidence.record,
        name="record-confidence",
    ),
    path(
        "indicators/<slug:scheme>/<slug:key>/figures.<str:form>",
        exports.as_given,
        name="indicator-figures",
    ),
    path(
        "figures/<slug:scheme>/<slug:indicator>/<str:unit>/<str:period>/",
        figure.figure,
        name="figure",
    ),
    path("places/", places.places, name="places"),
    path("places/<slug:scheme>/<str:code>/", places.place, name="place"),
    path(
        "places/<slug:scheme>/<str:code>/table.<str:form>",
        exports.export_place,
        name="place-export",
    ),
    path("loads/", loads.loads, name="loads"),
    path("loads/new/", loads.upload, name="upload"),
    path("loads/<int:load>/", loads.load, name="load"),
    path("loads/<int:load>/dismiss", loads.dismiss, name="dismiss-load"),
    path("loads/<int:load>/file", loads.original, name="load-file"),
    path("loads/<int:load>/progress", loads.progress, name="load-progress"),
    path("loads/<int:load>/faults.<str:form>", loads.faults, name="load-faults"),
]
