"""Everything that happens to people, bodies, posts and tokens."""

from throughline.bodies.actions.bodies import correct_body, create_body, create_post, end_body
from throughline.bodies.actions.holdings import appoint_person, end_holding, reopen_holding
from throughline.bodies.actions.oneself import (
    change_password,
    set_language,
    sign_in,
    sign_out,
    switch_post,
)
from throughline.bodies.actions.people import (
    Identity,
    blank_person,
    correct_person,
    create_person,
    deactivate_person,
    identity_of,
    reactivate_person,
    reset_password,
)
from throughline.bodies.actions.relations import end_relation, relate_bodies
from throughline.bodies.actions.tokens import issue_token, revoke_token

__all__ = [
    "Identity",
    "appoint_person",
    "blank_person",
    "change_password",
    "correct_body",
    "correct_person",
    "create_body",
    "create_person",
    "create_post",
    "deactivate_person",
    "end_body",
    "end_holding",
    "end_relation",
    "identity_of",
    "issue_token",
    "reactivate_person",
    "relate_bodies",
    "reopen_holding",
    "reset_password",
    "revoke_token",
    "set_language",
    "sign_in",
    "sign_out",
    "switch_post",
]
