"""Taking over what a plan pack says of procedures."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _

from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.canonical import digest
from throughline.kernel.errors import Invalid, Problem
from throughline.kernel.permissions import require_installation
from throughline.procedures.catalogue import Catalogue, Procedure
from throughline.procedures.listing import kept_listing
from throughline.procedures.models import Case, ProcedureEdition, ProcedureList
from throughline.procedures.queries import list_in_use
from throughline.procedures.rules.keeping import kept
from throughline.procedures.rules.working_days import Calendar


@action("procedure.load")
def load_procedures(act: Act, *, plan: str, catalogue: Catalogue, calendar: Calendar) -> int:
    """Take over what the pack of a plan (its key) says of procedures; returns how many editions
    are new. What is said already stays; an edition by which a case has begun is never changed:
    Invalid asks for a new one."""
    require_installation(act.actor)
    content = kept_listing(catalogue, calendar)
    editions, new, problems = [], [], []
    for said in catalogue.procedures.values():
        mark = _mark(said)
        row = _there(plan, said, mark)
        if row is None and _is_used(plan, said):
            problems.append(
                Problem(
                    said.key,
                    _("Cases have begun by edition %(edition)s, which read otherwise.")
                    % {"edition": said.edition},
                    _("Give what has changed a new edition in procedures.yaml."),
                )
            )
            continue
        if row is None:
            row = _write(act, plan, said, mark)
            new.append(f"{said.key} {said.edition}")
        editions.append(row)
    if problems:
        raise Invalid(_("The procedures were not taken over."), problems=problems)
    mark = digest({"content": content, "editions": sorted(each.pk for each in editions)})
    before = list_in_use(plan)
    if before is None or before.digest != mark:
        listed = ProcedureList.objects.create(
            plan=plan, digest=mark, content=content, loaded_at=clock.now(), act=act.number
        )
        listed.editions.set(editions)
    act.about(f"plan:{plan}")
    act.record(editions=new, digest=mark)
    return len(new)


def _mark(said: Procedure) -> str:
    """What an edition says: its file, and what the list says of it. Facts are the list's own:
    another sector or unit makes no new edition."""
    return digest(
        {
            "file": said.digest,
            "sort": said.sort,
            "tiers": said.tiers,
            "title": dict(said.title),
        }
    )


def _there(plan: str, said: Procedure, mark: str) -> ProcedureEdition | None:
    rows = ProcedureEdition.objects.filter(plan=plan, key=said.key, edition=said.edition)
    return rows.filter(digest=mark).first()


def _is_used(plan: str, said: Procedure) -> bool:
    return Case.objects.filter(
        procedure__plan=plan, procedure__key=said.key, procedure__edition=said.edition
    ).exists()


def _write(act: Act, plan: str, said: Procedure, mark: str) -> ProcedureEdition:
    return ProcedureEdition.objects.create(
        plan=plan, key=said.key, edition=said.edition, sort=said.sort.value, digest=mark,
        title_en=said.title.get("en", ""), title_zh=said.title.get("zh", ""),
        process=kept(replace(said.process, facts={})), source=said.source,
        loaded_at=clock.now(), act=act.number,
    )  # fmt: skip
