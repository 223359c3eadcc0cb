"""The addresses of this room."""

from __future__ import annotations

from django.urls import path

from throughline.bodies.pages import (
    account,
    bodies,
    bodies_acts,
    finding,
    people,
    people_acts,
)

urlpatterns = [
    path("sign-in", account.sign_in, name="sign-in"),
    path("sign-out", account.sign_out, name="sign-out"),
    path("account", account.account, name="account"),
    path("account/post", account.switch_post, name="switch-post"),
    path("account/language", account.set_language, name="account-language"),
    path("account/password", account.change_password, name="change-password"),
    path("account/first-password", account.first_password, name="first-password"),
    path("account/tokens", account.issue_token, name="issue-token"),
    path("account/tokens/<int:token>/revoke", account.revoke_token, name="revoke-token"),
    # -- people
    path("people/", people.people, name="people"),
    path("new-person/", people_acts.create_person, name="create-person"),
    path("appointment/", people_acts.appoint_person, name="appoint-person"),
    path("people/<slug:person>/", people.person, name="person"),
    path("people/<slug:person>/correct", people_acts.correct_person, name="correct-person"),
    path("people/<slug:person>/password", people_acts.reset_password, name="reset-password"),
    path(
        "people/<slug:person>/deactivate", people_acts.deactivate_person, name="deactivate-person"
    ),
    path(
        "people/<slug:person>/reactivate", people_acts.reactivate_person, name="reactivate-person"
    ),
    path("people/<slug:person>/forget", people_acts.blank_person, name="blank-person"),
    path("holdings/<int:holding>/end", people_acts.end_holding, name="end-holding"),
    path("holdings/<int:holding>/reopen", people_acts.reopen_holding, name="reopen-holding"),
    # -- bodies
    path("bodies/", bodies.bodies, name="bodies"),
    path("new-body/", bodies_acts.create_body, name="create-body"),
    path("bodies/<slug:key>/", bodies.body, name="body"),
    path("bodies/<slug:key>/correct", bodies_acts.correct_body, name="correct-body"),
    path("bodies/<slug:key>/post", bodies_acts.create_post, name="create-post"),
    path("bodies/<slug:key>/relate", bodies_acts.relate_bodies, name="relate-bodies"),
    path("bodies/<slug:key>/end", bodies_acts.end_body, name="end-body"),
    path("relations/<int:relation>/end", bodies_acts.end_relation, name="end-relation"),
    path("find/<slug:source>/", finding.find_options, name="find-options"),
]
