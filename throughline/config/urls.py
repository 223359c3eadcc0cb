"""Every address of the product."""

from __future__ import annotations

from django.urls import path

from throughline.running.pages import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
