"""The words of the interface that stand for a value: the computed status and its kin."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# The order is the order of every legend and bar.
STATUS_WORDS = {
    # Translators: computed status; 已达成
    "achieved": _("Achieved"),
    # Translators: computed status; 超前
    "ahead": _("Ahead"),
    # Translators: computed status; 正常
    "on_track": _("On track"),
    # Translators: computed status; 有风险
    "at_risk": _("At risk"),
    # Translators: computed status; 滞后
    "off_track": _("Off track"),
    # Translators: computed status; 未开始
    "not_started": _("Not started"),
    # Translators: computed status; 无数据
    "no_data": _("No data"),
}

# How a unit stands on a throughline, from the furthest to the one nobody told.
MARK_WORDS = {
    # Translators: 已完成
    "finished": pgettext_lazy("stage", "Finished"),
    # Translators: 已启动
    "started": pgettext_lazy("stage", "Started"),
    # Translators: taken on and refined in its own plan; 已细化
    "refined": pgettext_lazy("stage", "Refined"),
    # Translators: by its responsible leader; 已认领
    "taken_on": pgettext_lazy("stage", "Taken on"),
    # Translators: the office signed for its arrival; 已签收
    "received": pgettext_lazy("stage", "Received"),
    # Translators: laid on it, still in the time to answer; 已下达
    "assigned": pgettext_lazy("stage", "Assigned"),
    # Translators: no answer in the time set; 未回应
    "silent": pgettext_lazy("stage", "Silent"),
    # Translators: nothing was laid on it by the tier above; 未下达
    "not_passed_down": pgettext_lazy("stage", "Not passed down"),
    # Translators: 不适用
    "not_applicable": pgettext_lazy("stage", "Not applicable"),
}
MARK_MEANINGS = {
    "finished": pgettext_lazy("throughline", "closed on evidence"),
    "started": pgettext_lazy("throughline", "first report accepted"),
    "refined": pgettext_lazy("throughline", "stands in its own plan"),
    "taken_on": pgettext_lazy("throughline", "by its responsible leader"),
    "received": pgettext_lazy("throughline", "signed for by the office"),
    "assigned": pgettext_lazy("throughline", "still has time to answer"),
    "silent": pgettext_lazy("throughline", "no answer in the time set"),
    "not_passed_down": pgettext_lazy("throughline", "the tier above laid nothing on it"),
    "not_applicable": pgettext_lazy("throughline", "ground confirmed above"),
}
# Translators: past its date, at whatever stage; 逾期
LATE = pgettext_lazy("throughline", "Late")
LATE_MEANING = pgettext_lazy("throughline", "past its date, at whatever stage")
