"""The words that stand for a value in the pages of figures."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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
    "none": "",
}
DOORS: dict[str, str | Promise] = {
    Door.WEB: _("by page"),
    Door.API: _("by the API"),
    Door.CLI: _("by the command line"),
    Door.IMPORT: _("by import"),
    Door.JOB: _("by the installation"),
}
STATES: dict[str, str | Promise] = {
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
