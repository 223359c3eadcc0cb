"""The words of reporting: where a report and a cycle stand, and what its acts are called."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from throughline.figures.rules.alerting import AlertKind, AlertSeverity
from throughline.reporting.rules.contesting import ContestKind, ContestState, Verdict
from throughline.reporting.rules.life import ReportStep, Stage
from throughline.reporting.rules.owing import Said

STEPS = {
    ReportStep.OPEN: _("not sent yet"),
    ReportStep.PREPARED: _("prepared"),
    ReportStep.REVIEWED: _("reviewed"),
    ReportStep.SIGNED: _("signed, to be checked"),
    ReportStep.ACCEPTED: _("accepted"),
    ReportStep.RETURNED: _("returned"),
}

TASKS = {
    Said.NONE: pgettext_lazy("task report", "nothing yet"),
    Said.DRAFT: pgettext_lazy("task report", "being written"),
    Said.RETURNED: pgettext_lazy("task report", "returned"),
    Said.SIGNED: pgettext_lazy("task report", "signed, to be accepted"),
    Said.ACCEPTED: pgettext_lazy("task report", "accepted"),
}

STAGES = {
    Stage.PLANNED: _("not open yet"),
    Stage.OPEN: pgettext_lazy("cycle", "open"),
    Stage.CLOSED: pgettext_lazy("cycle", "closed; late reports are taken"),
    Stage.LOCKED: pgettext_lazy("cycle", "locked"),
}

CONTEST_KINDS = {
    # Translators: 异议
    ContestKind.CONTEST: pgettext_lazy("figure", "contest"),
    # Translators: 询问
    ContestKind.ENQUIRY: pgettext_lazy("figure", "enquiry"),
}

CONTEST_STATES = {
    ContestState.OPEN: pgettext_lazy("contest", "open"),
    ContestState.ANSWERED: pgettext_lazy("contest", "answered"),
    ContestState.WITHDRAWN: pgettext_lazy("contest", "withdrawn"),
}

VERDICTS = {
    Verdict.ACCEPTED: pgettext_lazy("contest", "accepted"),
    Verdict.CHANGED: pgettext_lazy("contest", "accepted with change"),
    Verdict.REFUSED: pgettext_lazy("contest", "refused"),
}

ALERTS: dict[str, str | Promise] = {
    # Translators: 落后于同类地区
    AlertKind.BEHIND: pgettext_lazy("alert", "Behind similar places"),
    # Translators: 连续走低
    AlertKind.FALLING: pgettext_lazy("alert", "Getting worse"),
    # Translators: 无法计算
    AlertKind.NOT_COMPUTABLE: pgettext_lazy("alert", "Cannot be computed"),
    # Translators: 数据过期
    AlertKind.STALE: pgettext_lazy("alert", "Out of date"),
    # Translators: 未报送
    AlertKind.SILENT: pgettext_lazy("alert", "Does not report"),
    # Translators: 久未核定
    AlertKind.PROVISIONAL: pgettext_lazy("alert", "Provisional for too long"),
    # Translators: 与公布总数不符
    AlertKind.DIFFERS: pgettext_lazy("alert", "Differs from the stated total"),
    # Translators: 信心不足
    AlertKind.LOW_CONFIDENCE: pgettext_lazy("alert", "Low confidence"),
}
SEVERITIES: dict[str, str | Promise] = {
    # Translators: 严重
    AlertSeverity.SERIOUS: pgettext_lazy("alert", "Serious"),
    # Translators: 关注
    AlertSeverity.WATCH: pgettext_lazy("alert", "To watch"),
}

ACTS: dict[str, Promise] = {
    "form.load": pgettext_lazy("act", "Forms loaded"),
    "cycle.open": pgettext_lazy("act", "Reporting cycle opened"),
    "cycle.lock": pgettext_lazy("act", "Reporting cycle locked"),
    "cycle.ask_unlock": pgettext_lazy("act", "Reopening of a cycle asked for"),
    "cycle.unlock": pgettext_lazy("act", "Reporting cycle opened again"),
    "cycle.announce": pgettext_lazy("act", "Opening of a cycle told"),
    "report.remind": pgettext_lazy("act", "Units reminded of their reports"),
    "report.urge": pgettext_lazy("act", "Units urged to report"),
    "report.prepare": pgettext_lazy("act", "Report of figures prepared"),
    "report.submit": pgettext_lazy("act", "Report of figures prepared and signed"),
    "report.review": pgettext_lazy("act", "Report of figures reviewed"),
    "report.send_back": pgettext_lazy("act", "Report of figures sent back"),
    "report.sign": pgettext_lazy("act", "Report of figures signed"),
    "report.check": pgettext_lazy("act", "Report of figures checked"),
    "report.return": pgettext_lazy("act", "Report of figures returned"),
    "extension.ask": pgettext_lazy("act", "More time asked for"),
    "extension.decide": pgettext_lazy("act", "More time decided on"),
    "value.contest": pgettext_lazy("act", "Figure contested"),
    "value.answer_contest": pgettext_lazy("act", "Contest of a figure answered"),
    "value.withdraw_contest": pgettext_lazy("act", "Contest of a figure withdrawn"),
}
