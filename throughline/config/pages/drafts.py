"""Saving what a person types, as it is typed."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.kernel import clock
from throughline.kernel.errors import Invalid
from throughline.kernel.models import Draft
from throughline.kernel.text import is_storable

LONGEST = 200_000


@require_POST
def save_draft(request: HttpRequest) -> HttpResponse:
    """Keep a form's content for its person; an empty one removes the draft."""
    actor = actor_of(request)
    signed_in(actor)
    form, url = request.POST.get("form", ""), request.POST.get("url", "")
    content = request.POST.get("content", "{}")
    if not form or len(form) > 200 or not url.startswith("/") or url.startswith("//"):
        raise Invalid(_("A draft names its form and where it is filled in."))
    if len(content) > LONGEST:
        raise Invalid(_("The draft is too long to be kept."))
    try:
        typed = json.loads(content)
    except ValueError as error:
        raise Invalid(_("The draft cannot be read.")) from error
    if not is_storable(typed):
        raise Invalid(_("The draft holds a character that cannot be stored."))
    if not typed:
        Draft.objects.filter(person=actor.person, form=form).delete()
        return JsonResponse({"saved": None})
    draft, _created = Draft.objects.update_or_create(
        person=actor.person,
        form=form,
        defaults={
            "url": url[:500],
            "title": request.POST.get("title", form)[:300],
            "content": typed,
            "updated_at": clock.now(),
        },
    )
    return JsonResponse({"saved": draft.updated_at.isoformat()})
