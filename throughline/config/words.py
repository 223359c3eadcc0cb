"""The words for acts in the journal; `docs/actions.md` says what each does."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

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
    "load.dismiss": pgettext_lazy("act", "Faulty import put away"),
}


def act_word(verb: str) -> str:
    """What an act is called in the reader's language; nothing for a verb without a word."""
    return str(ACTS.get(verb, ""))
