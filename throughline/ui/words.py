"""The words of the interface that stand for a value: the computed status and its kin."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

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
