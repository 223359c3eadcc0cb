"""The throughline as a file: every unit that the reader may see, and the tiers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from throughline.cascade.pages.picture.around import tier_rows
from throughline.cascade.pages.picture.asking import BY_STAGE, Asked, asked
from throughline.cascade.pages.picture.listing import chosen
from throughline.figures.pages.answers import as_file
from throughline.files.writing import Table, Value
from throughline.ui.words import LATE, MARK_WORDS


@require_safe
def export(request: HttpRequest, plan: str, key: str, form: str) -> HttpResponse:
    """The units that the page's list holds, all of them, as CSV or as a workbook that has the
    tiers too and says what was asked."""
    here = asked(request, plan, key)
    name = f"{plan}-{key}-{here.picture.today.isoformat()}"
    return as_file([_units(here), _tiers(here)], name, form, _notes(here))


def _units(here: Asked) -> Table:
    line, before = here.line, here.found.before
    positions = chosen(here)
    held = {here.picture.units[each].holder for each in positions} - {-1, 0}
    names = here.named({at for each in positions for at in line.path(each)} | held)
    columns = [
        _("Code"),
        _("Place"),
        _("Lies in"),
        _("Tier"),
        _("Stands at"),
        _("Since"),
        str(LATE),
        _("Contested"),
        _("Evidence"),
        _("Held up at"),
    ]
    division = here.division
    heads = {each: line.path(each)[0] for each in positions}
    if division is not None and not any(head in division[1] for head in heads.values()):
        division = None
    if division is not None:
        columns.append(division[0].name)
    if before is not None:
        columns.append(_("Stood on %(day)s at") % {"day": before.today.isoformat()})
    lines: list[Sequence[Value]] = []
    for each in positions:
        unit = here.picture.units[each]
        holder = names.get(unit.holder) if unit.holder > 0 and line.seen[unit.holder] else None
        row: list[Value] = [
            line.codes[each],
            names[each].name,
            " › ".join(names[at].name for at in line.path(each)[:-1]),
            here.tiers[line.levels[each]].name,
            str(MARK_WORDS[unit.mark]),
            _instant(here, unit.stand.since),
            _("yes") if unit.stand.late else "",
            _("yes") if unit.stand.contested else "",
            unit.stand.evidence,
            holder.name if holder else "",
        ]
        if division is not None:
            group = division[1].get(heads[each])
            row.append(group.name if group else "")
        if before is not None:
            row.append(str(MARK_WORDS[before.units[each].mark]))
        lines.append(row)
    return Table(pgettext("picture", "Units"), columns, lines)


def _instant(here: Asked, since: object) -> str:
    if isinstance(since, datetime):
        return since.astimezone(here.picture.zone).isoformat(timespec="seconds")
    return str(since) if since is not None else ""


def _tiers(here: Asked) -> Table:
    columns = [
        _("Tier"),
        pgettext("picture", "Units"),
        *(str(MARK_WORDS[mark]) for mark in BY_STAGE),
        str(LATE),
    ]
    lines: list[Sequence[Value]] = [
        [
            each.name,
            each.counts.total,
            *(cell.count for _mark, cell in each.by_mark),
            each.late.count,
        ]
        for each in tier_rows(here)
    ]
    return Table(_("Tiers"), columns, lines)


def _notes(here: Asked) -> list[str]:
    notes = [
        f"{here.plan.title}: {here.element.title}",
        _("As of %(at)s") % {"at": here.picture.at.isoformat(timespec="seconds")},
        _("A place that does not answer carries the delay itself; those below it, on whom "
          "nothing was laid, are neither late nor silent."),
    ]  # fmt: skip
    if here.line.hidden:
        notes.append(_("Places outside your line are left out."))
    if here.element.simulated:
        notes.append(_("Contains figures that are simulated: made up for the demo."))
    return notes
