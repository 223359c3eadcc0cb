"""The words of projects that pages, files and actions share."""

from __future__ import annotations

from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from throughline.projects.models import Register
from throughline.projects.rules.life import ProjectState
from throughline.projects.rules.money import FundingStage, Source
from throughline.ui.writing import number

SOURCES: dict[Source, Promise] = {
    # Translators: 中央预算内投资
    Source.CENTRAL: _("Central budget"),
    # Translators: 专项债券
    Source.BONDS: _("Special bonds"),
    # Translators: 地方财政资金
    Source.LOCAL: _("Local budget"),
    # Translators: 社会资本
    Source.PRIVATE: _("Private capital"),
}
STAGES: dict[FundingStage, Promise] = {
    # Translators: 下达
    FundingStage.APPROVED: pgettext_lazy("money", "Approved"),
    # Translators: 到位
    FundingStage.ARRIVED: pgettext_lazy("money", "Arrived"),
    # Translators: 支付
    FundingStage.SPENT: pgettext_lazy("money", "Spent"),
}
STATES: dict[ProjectState, Promise] = {
    # Translators: 前期
    ProjectState.PLANNED: pgettext_lazy("project", "Planned"),
    # Translators: 在建
    ProjectState.UNDER_WAY: pgettext_lazy("project", "Under way"),
    # Translators: 完工
    ProjectState.FINISHED: pgettext_lazy("project", "Finished"),
    # Translators: 终止
    ProjectState.CEASED: pgettext_lazy("project", "Given up"),
}
ACTS: dict[str, Promise] = {
    "project.register": pgettext_lazy("act", "Project put on the register"),
    "project.amend": pgettext_lazy("act", "Project amended"),
    "project.set_phases": pgettext_lazy("act", "Phases of a project set"),
    "project.start": pgettext_lazy("act", "Project started"),
    "project.record_funding": pgettext_lazy("act", "Money of a project recorded"),
    "project.sign_contract": pgettext_lazy("act", "Contract of a project recorded"),
    "project.correct_contract": pgettext_lazy("act", "Contract of a project corrected"),
    "project.note_progress": pgettext_lazy("act", "Progress of a project noted"),
    "project.finish": pgettext_lazy("act", "Project finished"),
    "project.cease": pgettext_lazy("act", "Project given up"),
}


def money(amount: Decimal, register: Register) -> str:
    """An amount in the register's unit, without the unit."""
    return number(amount, register.decimals)
