"""The addresses of this room."""

from __future__ import annotations

from django.urls import path

from throughline.notices import pages

urlpatterns = [
    path("inbox/", pages.inbox, name="inbox"),
    path("inbox/read", pages.read_all, name="read-notices"),
    path("inbox/<int:notice>/open", pages.open_notice, name="open-notice"),
    path("inbox/<int:notice>/read", pages.read, name="read-notice"),
]
