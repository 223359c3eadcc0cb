"""The addresses of this room."""

from __future__ import annotations

from django.urls import path

from throughline.reporting.pages import acts, cycles, sheet, tasks, urging, workbook

CYCLE = "cycles/<slug:cycle>/"
SHEET = "cycles/<slug:cycle>/units/<str:place>/"

urlpatterns = [
    path("cycles/", cycles.cycles, name="cycles"),
    path("cycles/open", cycles.open_new, name="open-cycle"),
    path(CYCLE, cycles.cycle, name="cycle"),
    path(f"{CYCLE}lock", cycles.lock, name="lock-cycle"),
    path(f"{CYCLE}urge", urging.urge, name="urge-units"),
    path(f"{CYCLE}tasks/", tasks.tasks, name="cycle-tasks"),
    path(f"{CYCLE}ask-unlock", cycles.ask_unlock, name="ask-unlock-cycle"),
    path(f"{CYCLE}unlock", cycles.unlock, name="unlock-cycle"),
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
]
