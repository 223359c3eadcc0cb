"""The addresses of this room."""

from __future__ import annotations

from django.urls import path

from throughline.cascade.pages import assignment

urlpatterns = [
    path("assignments/<int:assignment>/", assignment.assignment, name="assignment"),
]
