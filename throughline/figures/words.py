"""The words that stand for a value in the pages of figures."""

from __future__ import annotations

from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy

from throughline.figures.models import Load, Observation
from throughline.kernel.actor import Door

STATUSES: dict[str, str | Promise] = {
    Observation.Status.DRAFT: pgettext_lazy("figure", "draft"),
    # Translators: 初步
    Observation.Status.PRELIMINARY: pgettext_lazy("figure", "preliminary"),
    # Translators: 待审
    Observation.Status.UNREVIEWED: pgettext_lazy("figure", "unreviewed"),
    # Translators: 已审核
    Observation.Status.ACCEPTED: pgettext_lazy("figure", "accepted"),
    # Translators: 最终核实
    Observation.Status.FINAL: pgettext_lazy("figure", "final"),
    # Translators: 普查修订
    Observation.Status.CENSUS_REVISION: pgettext_lazy("figure", "census revision"),
}
BASES: dict[str, str | Promise] = {
    # Translators: 公布数
    "official": pgettext_lazy("figure", "published"),
    # Translators: 报送数
    "reported": pgettext_lazy("figure", "as reported"),
    # Translators: 汇总数
    "rollup": pgettext_lazy("figure", "added up"),
    # Translators: 由较短报告期合成
    "periods": pgettext_lazy("figure", "from shorter periods"),
    "none": "",
}
DOORS: dict[str, str | Promise] = {
    Door.WEB: _("by page"),
    Door.API: _("by the API"),
    Door.CLI: _("by the command line"),
    Door.IMPORT: _("by import"),
    Door.JOB: _("by the installation"),
}
SPANS: dict[str, str | Promise] = {
    # Translators: 年度
    "year": pgettext_lazy("period", "year"),
    # Translators: 半年
    "half": pgettext_lazy("period", "half-year"),
    # Translators: 季度
    "quarter": pgettext_lazy("period", "quarter"),
    # Translators: 月度
    "month": pgettext_lazy("period", "month"),
}
STATES: dict[str, str | Promise] = {
    Load.State.READING: _("being read"),
    Load.State.STORED: _("stored"),
    Load.State.FAULTY: _("faulty, to be corrected"),
    Load.State.DISMISSED: _("faulty, put away"),
}
TREATMENTS: dict[str, str | Promise] = {
    "nation": _("the top unit"),
    "unit": _("a unit"),
    "duplicate": _("listed twice, stored once"),
    "subtotal": _("a subtotal, compared and not stored"),
    "zone": _("a unit without a code, registered"),
    "named_unit": _("found by its name"),
    "note": _("no unit, left out"),
}
MISSING: dict[str, str | Promise] = {
    # Translators: 未报
    "not_reported": _("not reported"),
    # Translators: 不适用
    "not_applicable": _("not applicable"),
    "zero": _("taken as zero"),
}
FAULTS: dict[str, str | Promise] = {
    "file": _("the file as a whole"),
    "heading": _("headings"),
    "rule": _("rows that the mapping does not know"),
    "torn": _("rows with more cells than headings"),
    "code": _("codes that do not exist"),
    "code_lost": _("codes that lost digits"),
    "ended": _("places that had ended"),
    "not_yet": _("places that did not exist yet"),
    "elsewhere": _("codes of another country"),
    "no_place": _("places that cannot be told"),
    "name": _("codes beside another's name"),
    "series": _("unknown series or indicators"),
    "period": _("periods"),
    "status": _("statuses"),
    "number": _("cells that are no figure"),
    "percent": _("percentages where none belong"),
    "range": _("figures outside the range"),
    "merged": _("merged cells"),
    "twice": _("figures that stand twice"),
    "differs": _("rows that should repeat another and differ"),
}


def status_of(text: str) -> str | None:
    """The status that a word names: its key, or its word in English or Chinese."""
    return _statuses().get(" ".join(text.lower().split()))


@cache
def _statuses() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in ("en", "zh-hans"):
        with override(language):
            found |= {str(word).lower(): str(key) for key, word in STATUSES.items()}
    return found | {str(key): str(key) for key in STATUSES}
