"""The words for acts in the journal; `docs/actions.md` says what each does."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from throughline.cascade.words import ACTS as CASCADE
from throughline.procedures.words import ACTS as PROCEDURES
from throughline.projects.words import ACTS as PROJECTS
from throughline.reporting.words import ACTS as REPORTING

ACTS: dict[str, Promise] = {
    "places.load": pgettext_lazy("act", "Places loaded"),
    "place.register": pgettext_lazy("act", "Unit without a code registered"),
    "grouping.define": pgettext_lazy("act", "Grouping defined"),
    "grouping.set_members": pgettext_lazy("act", "Members of a group set"),
    "person.sign_in": pgettext_lazy("act", "Signed in"),
    "person.sign_out": pgettext_lazy("act", "Signed out"),
    "person.switch_post": pgettext_lazy("act", "Went on in another post"),
    "person.set_language": pgettext_lazy("act", "Language chosen"),
    "person.change_password": pgettext_lazy("act", "Password changed"),
    "token.issue": pgettext_lazy("act", "Token issued"),
    "token.revoke": pgettext_lazy("act", "Token revoked"),
    "person.create": pgettext_lazy("act", "Person created"),
    "person.appoint": pgettext_lazy("act", "Person appointed"),
    "holding.end": pgettext_lazy("act", "Time in a post ended"),
    "person.blank": pgettext_lazy("act", "Person forgotten"),
    "person.load": pgettext_lazy("act", "People loaded"),
    "body.load": pgettext_lazy("act", "Bodies loaded"),
    "body.create": pgettext_lazy("act", "Body created"),
    "body.relate": pgettext_lazy("act", "Bodies related"),
    "post.create": pgettext_lazy("act", "Post created"),
    "plan.load": pgettext_lazy("act", "Plan loaded"),
    "series.load": pgettext_lazy("act", "Series loaded"),
    "figures.simulate": pgettext_lazy("act", "Figures simulated"),
    "observations.load": pgettext_lazy("act", "File of figures loaded"),
    "observation.record": pgettext_lazy("act", "Figure recorded"),
    "load.receive": pgettext_lazy("act", "File of figures received"),
    "confidence.record": pgettext_lazy("act", "Confidence in a target judged"),
    "load.dismiss": pgettext_lazy("act", "Faulty import put away"),
    "person.correct": pgettext_lazy("act", "Name or contact corrected"),
    "person.deactivate": pgettext_lazy("act", "Person deactivated"),
    "person.reactivate": pgettext_lazy("act", "Person reactivated"),
    "person.reset_password": pgettext_lazy("act", "Password reset"),
    "holding.reopen": pgettext_lazy("act", "Time in a post reopened"),
    "body.correct": pgettext_lazy("act", "Body corrected"),
    "body.end": pgettext_lazy("act", "Body ended"),
    "relation.end": pgettext_lazy("act", "Relation ended"),
    "mechanism.register": pgettext_lazy("act", "Working mechanism put on record"),
    "mechanism.change": pgettext_lazy("act", "Working mechanism changed"),
    "mechanism.record_meeting": pgettext_lazy("act", "Meeting recorded"),
    "mechanism.correct_meeting": pgettext_lazy("act", "Record of a meeting corrected"),
    "mechanism.end": pgettext_lazy("act", "Working mechanism ended"),
    "remark.add": pgettext_lazy("act", "Remark made"),
    "remark.withdraw": pgettext_lazy("act", "Remark taken back"),
    "attachment.add": pgettext_lazy("act", "File attached"),
    "attachment.withdraw": pgettext_lazy("act", "Attachment taken away"),
    "subject.follow": pgettext_lazy("act", "Subject followed"),
    "subject.unfollow": pgettext_lazy("act", "Subject followed no more"),
    "notice.read": pgettext_lazy("act", "Notice read"),
    "notice.read_all": pgettext_lazy("act", "All notices read"),
    "subject.mark_read": pgettext_lazy("act", "News put aside as read"),
    **CASCADE,
    **PROCEDURES,
    **PROJECTS,
    **REPORTING,
}


def act_word(verb: str) -> str:
    """What an act is called in the reader's language; nothing for one that a test or a
    benchmark defines."""
    return str(ACTS.get(verb, ""))
