"""Every address of the product."""

from __future__ import annotations

from django.urls import include, path
from django.views.generic import RedirectView

from throughline.bodies.urls import urlpatterns as bodies
from throughline.cascade.urls import urlpatterns as cascade
from throughline.config.addresses import grouped
from throughline.config.api import api
from throughline.config.pages import drafts, journal, search, work
from throughline.figures.urls import urlpatterns as figures
from throughline.notices.urls import urlpatterns as notices
from throughline.plans.urls import urlpatterns as plans
from throughline.projects.urls import urlpatterns as projects
from throughline.reporting.urls import urlpatterns as reporting
from throughline.running.pages import healthz, readyz
from throughline.subjects.urls import urlpatterns as subjects
from throughline.ui import pages as ui

_api, _app, _namespace = api.urls

urlpatterns = grouped(
    [
        path("", RedirectView.as_view(pattern_name="my-work"), name="home"),
        path("my-work/", work.my_work, name="my-work"),
        path("search/", search.search, name="search"),
        path("search/suggestions", search.suggestions, name="search-suggestions"),
        path("drafts/", drafts.save_draft, name="save-draft"),
        path("journal/", journal.journal, name="journal"),
        path("journal/export", journal.journal_export, name="journal-export"),
        path("journal/<int:position>/", journal.journal_entry, name="journal-entry"),
        path("", include(bodies)),
        path("", include(notices)),
        path("", include(subjects)),
        path("", include(plans)),
        path("", include(figures)),
        path("", include(cascade)),
        path("", include(projects)),
        path("", include(reporting)),
        path("api/", (grouped(_api), _app, _namespace)),
        path("components", ui.examples, name="components"),
        path("healthz", healthz, name="healthz"),
        path("readyz", readyz, name="readyz"),
        path("i18n/", include("django.conf.urls.i18n")),
    ]
)

handler404 = "throughline.config.errors.not_found"
handler500 = "throughline.config.errors.server_error"
