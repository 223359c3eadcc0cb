"""The words of a plan's parts, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from throughline.plans.models import Element, Paper, PlanVersion, Responsibility

KINDS = {
    # Translators: 重点领域
    Element.Kind.STRAND: _("strand"),
    # Translators: 目标
    Element.Kind.GOAL: _("goal"),
    # Translators: 指标
    Element.Kind.INDICATOR: _("indicator"),
    # Translators: 任务
    Element.Kind.TASK: _("task"),
    # Translators: 改革举措
    Element.Kind.REFORM_MEASURE: _("reform measure"),
    # Translators: 政策
    Element.Kind.POLICY: _("policy"),
    # Translators: 重大工程
    Element.Kind.MAJOR_PROJECT: _("major project"),
    # Translators: 重点项目
    Element.Kind.KEY_PROJECT: _("key project"),
    # Translators: 制度安排
    Element.Kind.ARRANGEMENT: _("institutional arrangement"),
}
BINDINGNESS = {
    # Translators: 约束性
    Element.Bindingness.BINDING: _("binding"),
    # Translators: 预期性
    Element.Bindingness.EXPECTED: _("expected"),
    Element.Bindingness.NONE: "",
}
PAPERS = {
    # Translators: 请示
    Paper.Kind.REQUEST: _("request for approval"),
    # Translators: 批复
    Paper.Kind.REPLY: _("reply"),
    # Translators: 印发
    Paper.Kind.ISSUE: _("issue"),
    # Translators: 年度重点任务清单
    Paper.Kind.LIST: _("annual list of key tasks"),
    # Translators: 评估
    Paper.Kind.EVALUATION: _("evaluation"),
    Paper.Kind.OTHER: _("other paper"),
}
ROLES = {
    # Translators: 牵头单位
    Responsibility.Role.LEAD: _("lead body"),
    # Translators: 汇总单位
    Responsibility.Role.COORDINATING: _("coordinating lead"),
    # Translators: 配合单位
    Responsibility.Role.SUPPORT: _("supporting body"),
}
STATES = {
    PlanVersion.State.DRAFT: _("draft"),
    # Translators: 现行
    PlanVersion.State.IN_FORCE: _("in force"),
    # Translators: 已被替代
    PlanVersion.State.SUPERSEDED: _("superseded"),
}
