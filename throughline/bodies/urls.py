"""The addresses of this room."""

from __future__ import annotations

from django.urls import path

from throughline.bodies import pages

urlpatterns = [
    path("sign-in", pages.sign_in, name="sign-in"),
    path("sign-out", pages.sign_out, name="sign-out"),
    path("account", pages.account, name="account"),
    path("account/post", pages.switch_post, name="switch-post"),
    path("account/language", pages.set_language, name="account-language"),
    path("account/password", pages.change_password, name="change-password"),
    path("account/tokens", pages.issue_token, name="issue-token"),
    path("account/tokens/<int:token>/revoke", pages.revoke_token, name="revoke-token"),
]
