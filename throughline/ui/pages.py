"""The page of examples: every component in the reader's language."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from throughline.ui.examples import examples_context


def examples(request: HttpRequest) -> HttpResponse:
    """The whole set of components with invented values."""
    return render(request, "ui/examples.html", examples_context())
