"""The addresses of this room."""

from __future__ import annotations

from django.urls import path

from throughline.plans import pages

urlpatterns = [
    path("plans/", pages.plans, name="plans"),
    path("plans/<slug:plan>/", pages.plan, name="plan"),
    path("plans/<slug:plan>/elements/<slug:key>/", pages.element, name="element"),
]
