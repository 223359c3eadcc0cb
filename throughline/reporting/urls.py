"""The addresses of this room."""

from __future__ import annotations

from django.urls import path

from throughline.reporting.pages import (
    acts,
    alerts,
    burden,
    contests,
    cycles,
    punctuality,
    several,
    sheet,
    tasks,
    urging,
    workbook,
)

CYCLE = "cycles/<slug:cycle>/"
SHEET = "cycles/<slug:cycle>/units/<str:place>/"

urlpatterns = [
    path("cycles/", cycles.cycles, name="cycles"),
    path("cycles/open", cycles.open_new, name="open-cycle"),
    # -- before the addresses of single cycles, none of which is called so
    path("cycles/punctuality/", punctuality.punctuality, name="punctuality"),
    path(
        "cycles/punctuality/table.<slug:form>",
        punctuality.punctuality_export,
        name="punctuality-export",
    ),
    path("cycles/open/burden", burden.of_opening, name="open-cycle-burden"),
    path("burden/", burden.tiers, name="burden"),
    path("burden/<slug:scheme>/tiers/<slug:tier>/", burden.of_tier, name="tier-burden"),
    path("burden/<slug:scheme>/units/<str:code>/", burden.of_unit, name="unit-burden"),
    path(CYCLE, cycles.cycle, name="cycle"),
    path(f"{CYCLE}lock", cycles.lock, name="lock-cycle"),
    path(f"{CYCLE}urge", urging.urge, name="urge-units"),
    path(f"{CYCLE}tasks/", tasks.tasks, name="cycle-tasks"),
    path(f"{CYCLE}ask-unlock", cycles.ask_unlock, name="ask-unlock-cycle"),
    path(f"{CYCLE}unlock", cycles.unlock, name="unlock-cycle"),
    # -- what is wrong
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/count", alerts.count, name="alert-count"),
    path("alerts/table.<slug:form>", alerts.alerts_export, name="alerts-export"),
    # -- the sheets of several units in one workbook
    path(f"{CYCLE}workbook", several.several, name="cycle-workbook"),
    path(f"{CYCLE}workbook.<slug:form>", several.several_file, name="cycle-workbook-file"),
    path("workbooks/<int:workbook>/", several.workbook, name="workbook"),
    path("workbooks/<int:workbook>/progress", several.progress, name="workbook-progress"),
    path("workbooks/<int:workbook>/marked", several.marked_workbook, name="workbook-marked"),
    # -- the sheet of a unit
    path(SHEET, sheet.sheet, name="report-sheet"),
    path(f"{SHEET}values", sheet.save, name="save-sheet"),
    path(f"{SHEET}prepare", sheet.prepare, name="prepare-sheet"),
    path(f"{SHEET}file.<slug:form>", workbook.download, name="sheet-file"),
    path(f"{SHEET}file", workbook.upload, name="upload-sheet"),
    path(f"{SHEET}file/<str:token>", workbook.marked, name="marked-sheet"),
    # -- what becomes of it
    path(f"{SHEET}review", acts.review, name="review-sheet"),
    path(f"{SHEET}send-back", acts.send_back, name="send-back-sheet"),
    path(f"{SHEET}sign", acts.sign, name="sign-sheet"),
    path(f"{SHEET}check", acts.check, name="check-sheet"),
    path(f"{SHEET}return", acts.give_back, name="return-sheet"),
    path(f"{SHEET}more-time", acts.more_time, name="ask-more-time"),
    path("extensions/<int:extension>/decide", acts.decide_time, name="decide-more-time"),
    # -- contested values
    path("contested/", contests.contests, name="contests"),
    path("contested/new/<int:observation>/", contests.contest_figure, name="contest-value"),
    path("contested/<int:contest>/", contests.contest, name="contest"),
    path("contested/<int:contest>/answer", contests.answer, name="answer-contest"),
    path("contested/<int:contest>/withdraw", contests.withdraw, name="withdraw-contest"),
]
