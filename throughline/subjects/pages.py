"""Remarks, attachments and following as people use them."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.files.storage import open_stored, store
from throughline.kernel import journal
from throughline.kernel.errors import Invalid, NotFound, Problem
from throughline.kernel.models import Draft
from throughline.kernel.text import is_id
from throughline.subjects import actions
from throughline.subjects.kinds import KINDS, Subject, subject_visible_to
from throughline.subjects.models import Attachment, Remark
from throughline.subjects.queries import (
    attachments_visible_to,
    followed_by,
    remarks_visible_to,
)
from throughline.subjects.rules import Audience
from throughline.subjects.viewing import followed as followed_by_reader
from throughline.subjects.viewing import panel
from throughline.subjects.words import AUDIENCES
from throughline.ui.links import page_of, way_back
from throughline.ui.shapes import Crumb, Paging

PAGE = 30


def _subject(request: HttpRequest, kind: str, key: str) -> Subject:
    actor = actor_of(request)
    signed_in(actor)
    return subject_visible_to(actor, kind, key)


def _draft_key(subject: Subject) -> str:
    return f"remark:{subject.name}"


def _given(request: HttpRequest, subject: Subject) -> dict[str, str]:
    """What stands in the forms: what was just sent, else the saved draft of the remark."""
    given = {"text": "", "audience": Audience.LINE.value, "title": "", "for": Audience.LINE.value}
    if request.method == "POST":
        return given | {name: request.POST.get(name, given[name]) for name in given}
    draft = Draft.objects.filter(person=actor_of(request).person, form=_draft_key(subject)).first()
    typed = draft.content if draft else {}
    return given | {name: typed[name][0] for name in ("text", "audience") if typed.get(name)}


def _page(
    request: HttpRequest, subject: Subject, problems: list[Problem] | None = None
) -> HttpResponse:
    number = page_of(request)
    shown = panel(actor_of(request), subject, start=(number - 1) * PAGE, length=PAGE)
    context = {
        "subject": subject,
        "word": KINDS[subject.kind].word,
        "panel": shown,
        "paging": Paging(number, PAGE, shown.total),
        "given": _given(request, subject),
        "audiences": [(key.value, word) for key, word in AUDIENCES.items()],
        "problems": problems or [],
        "most": _("At most %(most)d MB.") % {"most": settings.THROUGHLINE_UPLOAD_LIMIT // 1024**2},
        "draft_key": _draft_key(subject),
        "draft_title": _("Remark on %(title)s") % {"title": subject.title},
        "trail": [Crumb(subject.title, subject.url), Crumb(_("Remarks and attachments"))],
    }
    return render(request, "subjects/page.html", context, status=422 if problems else 200)


@require_safe
def beside(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Everything that stands beside a subject, and the forms to add to it."""
    return _page(request, _subject(request, kind, key))


@require_POST
def add_remark(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Say something; what was refused stays in the form."""
    actor, subject = actor_of(request), _subject(request, kind, key)
    try:
        actions.add_remark(
            actor,
            subject=subject,
            text=request.POST.get("text", ""),
            audience=request.POST.get("audience", ""),
        )
    except Invalid as error:
        return _page(request, subject, error.problems)
    Draft.objects.filter(person=actor.person, form=_draft_key(subject)).delete()
    return redirect("beside", kind, key)


@require_POST
def add_attachment(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Set a file beside a subject."""
    actor, subject = actor_of(request), _subject(request, kind, key)
    sent = request.FILES.get("file")
    try:
        if sent is None:
            problem = Problem("file", _("Choose a file."), field="file")
            raise Invalid(_("The file was not attached."), problems=[problem])
        name = sent.name or "upload"
        actions.add_attachment(
            actor,
            subject=subject,
            file=store(sent.read(), name),
            name=name,
            title=request.POST.get("title", ""),
            audience=request.POST.get("for", ""),
        )
    except Invalid as error:
        problems = error.problems or [
            Problem("file", error.message, error.remedy or "", field="file")
        ]
        return _page(request, subject, problems)
    return redirect("beside", kind, key)


def _seen_remark(request: HttpRequest, remark: int) -> tuple[Remark, Subject]:
    found = Remark.objects.filter(pk=remark).first()
    if found is not None:
        subject = _subject(request, found.kind, found.key)
        if remarks_visible_to(actor_of(request), subject).filter(pk=remark).exists():
            return found, subject
    signed_in(actor_of(request))
    raise NotFound(_("There is no such remark."))


def _seen_attachment(request: HttpRequest, attachment: int) -> tuple[Attachment, Subject]:
    found = Attachment.objects.filter(pk=attachment).select_related("file").first()
    if found is not None:
        subject = _subject(request, found.kind, found.key)
        if attachments_visible_to(actor_of(request), subject).filter(pk=attachment).exists():
            return found, subject
    signed_in(actor_of(request))
    raise NotFound(_("There is no such attachment."))


@require_POST
def withdraw_remark(request: HttpRequest, remark: int) -> HttpResponse:
    """Take a remark back."""
    found, subject = _seen_remark(request, remark)
    actions.withdraw_remark(actor_of(request), remark=found)
    messages.success(request, _("The remark was taken back."))
    return redirect("beside", subject.kind, subject.key)


@require_safe
def attachment(request: HttpRequest, attachment: int) -> FileResponse:
    """The file, to be kept and not to be run: the browser is told to save it."""
    found, _subject_of_it = _seen_attachment(request, attachment)
    answer = FileResponse(open_stored(found.file), as_attachment=True, filename=found.name)
    answer["Content-Type"] = "application/octet-stream"
    return answer


@require_POST
def withdraw_attachment(request: HttpRequest, attachment: int) -> HttpResponse:
    """Take an attachment away."""
    found, subject = _seen_attachment(request, attachment)
    actions.withdraw_attachment(actor_of(request), attachment=found)
    messages.success(request, _("The attachment was taken away; the record keeps it."))
    return redirect("beside", subject.kind, subject.key)


@require_POST
def follow(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Begin to follow a subject."""
    subject = _subject(request, kind, key)
    actions.follow_subject(actor_of(request), subject=subject)
    return redirect(way_back(request, f"{subject.url}#beside"))


@require_POST
def unfollow(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Follow no more. What is no longer there can be left all the same."""
    actor = actor_of(request)
    signed_in(actor)
    known = followed_by(actor).filter(kind=kind, key=key.replace("\x00", "")).exists()
    try:
        subject = subject_visible_to(actor, kind, key)
    except NotFound:
        if not known:
            raise
        subject = Subject(kind, key, "", reverse("followed"))
    actions.unfollow_subject(actor, subject=subject)
    return redirect(way_back(request, f"{subject.url}#beside"))


@require_safe
def followed(request: HttpRequest) -> HttpResponse:
    """What a person follows, and what happened there since it was last read."""
    actor = actor_of(request)
    signed_in(actor)
    position = journal.head()[0]
    found, gone = followed_by_reader(actor)
    fresh = sum(each.count for each in found)
    sentence = ngettext(
        "%(count)s thing happened since you last read.",
        "%(count)s things happened since you last read.",
        fresh,
    ) % {"count": fresh}
    context = {
        "followed": found,
        "gone": gone,
        "fresh": fresh,
        "position": position,
        "sentence": sentence if fresh else _("Nothing new since you last read."),
        "plans_url": reverse("home"),
    }
    return render(request, "subjects/followed.html", context)


@require_POST
def mark_read(request: HttpRequest) -> HttpResponse:
    """Put aside what was shown."""
    actor, text = actor_of(request), request.POST.get("position", "")
    signed_in(actor)
    if not is_id(text):
        raise Invalid(_("A journal position is a whole number."))
    actions.mark_read(actor, position=int(text))
    return redirect("followed")
