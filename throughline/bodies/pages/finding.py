"""Looking for what a form lets one choose, as one types."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.directory import is_open
from throughline.bodies.pages.forms import options
from throughline.bodies.permissions import require_administrator, signed_in
from throughline.kernel.errors import Invalid


@require_safe
def find_options(request: HttpRequest, source: str) -> HttpResponse:
    """The choices of a field for the words typed beside it."""
    actor = actor_of(request)
    signed_in(actor)
    if not is_open(source):
        require_administrator(actor)
    name = request.GET.get("field", "")
    if not name.isidentifier():
        raise Invalid(_("Name the field."))
    words = request.GET.get(f"{name}-words", "").strip()
    value = request.GET.get(name, "")
    context = {
        "name": name,
        "value": value,
        "options": options(actor, source, words, value),
        "looked": bool(words),
    }
    return render(request, "bodies/options.html", context)
