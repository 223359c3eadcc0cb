"""What people do beside a subject."""

from __future__ import annotations

from django.utils.translation import gettext as _

from throughline.bodies.permissions import signed_in
from throughline.files.models import StoredFile
from throughline.kernel import clock, journal
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Invalid, Problem
from throughline.subjects.kinds import Subject
from throughline.subjects.models import Attachment, Following, Remark
from throughline.subjects.permissions import require_speaking, require_withdrawing
from throughline.subjects.rules import LONGEST_REMARK, Audience, clean_text


@action("remark.add")
def add_remark(act: Act, *, subject: Subject, text: str, audience: str) -> Remark:
    """Say something about a subject, for one's own body, its line, or all who see it."""
    require_speaking(act.actor)
    said = clean_text(text)
    problems = _problems_of_audience(audience)
    if not said:
        problems.append(Problem("text", _("Write what you want to say."), field="text"))
    if len(said) > LONGEST_REMARK:
        long = _("The remark has %(length)s characters; %(most)s are taken.")
        about = {"length": len(said), "most": LONGEST_REMARK}
        remedy = _("Attach a document instead.")
        problems.append(Problem("text", long % about, remedy, field="text"))
    if problems:
        raise Invalid(_("The remark was not taken."), problems=problems)
    remark = Remark.objects.create(
        kind=subject.kind,
        key=subject.key,
        audience=audience,
        person=act.actor.person,
        body_id=act.actor.body,
        at=clock.now(),
        act=act.number,
        text=said,
    )
    act.about(remark)
    act.record(subject=subject.name, audience=audience, text=said)
    return remark


@action("remark.withdraw")
def withdraw_remark(act: Act, *, remark: Remark) -> Remark:
    """Take a remark back: it is no longer shown, and that it stood there is."""
    remark = Remark.objects.select_for_update(of=("self",)).select_related("body").get(pk=remark.pk)
    require_withdrawing(act.actor, remark)
    if not remark.stands:
        raise Conflict(_("The remark was taken back already."))
    with act.changing(remark, "withdrawn_at"):
        remark.withdrawn_at = clock.now()
        remark.save(update_fields=["withdrawn_at"])
    return remark


@action("attachment.add")
def add_attachment(
    act: Act, *, subject: Subject, file: StoredFile, name: str, title: str = "", audience: str
) -> Attachment:
    """Set a file beside a subject, for one's own body, its line, or all who see it."""
    require_speaking(act.actor)
    problems = _problems_of_audience(audience)
    titled = clean_text(title)
    if len(titled) > 200:
        problems.append(Problem("title", _("A title has at most 200 characters."), field="title"))
    if problems:
        raise Invalid(_("The file was not attached."), problems=problems)
    twice = Attachment.objects.filter(
        kind=subject.kind, key=subject.key, file=file, body=act.actor.body,
        withdrawn_at__isnull=True,
    )  # fmt: skip
    if twice.exists():
        raise Conflict(_("Your body has attached this very file here already."))
    attachment = Attachment.objects.create(
        kind=subject.kind,
        key=subject.key,
        audience=audience,
        person=act.actor.person,
        body_id=act.actor.body,
        at=clock.now(),
        act=act.number,
        file=file,
        name=name[-255:],
        title=titled,
    )
    act.about(attachment)
    act.record(subject=subject.name, audience=audience, file=file.sha256, name=name, title=titled)
    return attachment


@action("attachment.withdraw")
def withdraw_attachment(act: Act, *, attachment: Attachment) -> Attachment:
    """Take an attachment away; the file is kept for the record."""
    attachment = (
        Attachment.objects.select_for_update(of=("self",))
        .select_related("body")
        .get(pk=attachment.pk)
    )
    require_withdrawing(act.actor, attachment)
    if not attachment.stands:
        raise Conflict(_("The attachment was taken away already."))
    with act.changing(attachment, "withdrawn_at"):
        attachment.withdrawn_at = clock.now()
        attachment.save(update_fields=["withdrawn_at"])
    return attachment


@action("subject.follow")
def follow_subject(act: Act, *, subject: Subject) -> None:
    """Be told of what happens to a subject from now on. Following twice is following once."""
    signed_in(act.actor)
    Following.objects.get_or_create(
        person=act.actor.person,
        kind=subject.kind,
        key=subject.key,
        defaults={"since": clock.now(), "read_to": journal.head()[0]},
    )
    act.about(subject.name[:120])
    act.record(subject=subject.name)


@action("subject.unfollow")
def unfollow_subject(act: Act, *, subject: Subject) -> None:
    """Be told no more. What is not followed can be left too."""
    signed_in(act.actor)
    Following.objects.filter(person=act.actor.person, kind=subject.kind, key=subject.key).delete()
    act.about(subject.name[:120])
    act.record(subject=subject.name)


@action("subject.mark_read")
def mark_read(act: Act, *, position: int) -> int:
    """Put aside what happened to the subjects that one follows, up to the position that one
    has looked at; what came later stays new. Returns how many subjects had anything."""
    signed_in(act.actor)
    read = Following.objects.filter(person=act.actor.person, read_to__lt=position)
    return read.update(read_to=min(position, journal.head()[0]))


def _problems_of_audience(audience: str) -> list[Problem]:
    if audience in set(Audience):
        return []
    return [Problem("audience", _("Choose whom it is for."), field="audience")]
