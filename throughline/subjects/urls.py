"""The addresses of this room."""

from __future__ import annotations

from django.urls import path

from throughline.subjects import pages

urlpatterns = [
    path("beside/<slug:kind>/<path:key>/remark", pages.add_remark, name="add-remark"),
    path("beside/<slug:kind>/<path:key>/attach", pages.add_attachment, name="add-attachment"),
    path("beside/<slug:kind>/<path:key>/follow", pages.follow, name="follow-subject"),
    path("beside/<slug:kind>/<path:key>/unfollow", pages.unfollow, name="unfollow-subject"),
    path("beside/<slug:kind>/<path:key>/", pages.beside, name="beside"),
    path("remarks/<int:remark>/withdraw", pages.withdraw_remark, name="withdraw-remark"),
    path("attachments/<int:attachment>", pages.attachment, name="attachment"),
    path(
        "attachments/<int:attachment>/withdraw",
        pages.withdraw_attachment,
        name="withdraw-attachment",
    ),
    path("followed/", pages.followed, name="followed"),
    path("followed/read", pages.mark_read, name="mark-read"),
]
