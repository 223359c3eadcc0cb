"""The forms that a plan pack declares."""

from __future__ import annotations

from throughline.bodies.models import Body
from throughline.figures.models import Series
from throughline.kernel.action import Act, action
from throughline.kernel.canonical import digest
from throughline.kernel.permissions import require_installation
from throughline.places.models import Scheme, Tier
from throughline.plans.models import Plan
from throughline.plans.packs.pack import Form as Declared
from throughline.plans.packs.pack import Pack
from throughline.reporting.models import Form, FormLine, FormRule
from throughline.reporting.queries import forms_in_use


@action("form.load")
def load_forms(act: Act, *, pack: Pack) -> int:
    """Bring the forms to what a pack says; returns how many editions are new. A form that reads
    as it did keeps its edition; cycles go on asking what they were opened with."""
    require_installation(act.actor)
    plan = Plan.objects.get(key=pack.plan.key)
    standing = {form.key: form for form in forms_in_use().filter(plan=plan)}
    changed = []
    for said in pack.forms:
        mark = digest([said, pack.source_words(said.source)])
        before = standing.pop(said.key, None)
        if before is None or before.digest != mark:
            changed.append(_edition(pack, plan, said, mark))
    Form.objects.filter(key__in=standing, plan=plan).update(withdrawn=True)
    act.about(f"pack:{pack.key}")
    act.record(editions=changed, withdrawn=sorted(standing))
    return len(changed)


def _edition(pack: Pack, plan: Plan, said: Declared, mark: str) -> str:
    newest = Form.objects.filter(key=said.key).order_by("-edition").first()
    scheme = Scheme.objects.get(key=pack.scheme)
    source = pack.source_words(said.source)
    form = Form.objects.create(
        key=said.key,
        edition=newest.edition + 1 if newest else 1,
        digest=mark,
        plan=plan,
        asked_by=Body.objects.get(key=said.asked_by),
        tier=Tier.objects.get(scheme=scheme, key=said.tier),
        span=said.span,
        tasks=said.tasks,
        remind=None if said.remind is None else list(said.remind),
        title_en=said.title.en,
        title_zh=said.title.zh,
        note_en=said.note.en,
        note_zh=said.note.zh,
        source_en=source.en,
        source_zh=source.zh,
    )
    form.review.set(Tier.objects.filter(scheme=scheme, key__in=said.review))
    _write_lines(form, said)
    FormRule.objects.bulk_create(
        FormRule(
            form=form, key=rule.key, position=at, level=rule.level, kind=rule.kind,
            must=rule.must, series=rule.series, factor=rule.factor, periods=rule.periods,
            says_en=rule.says.en, says_zh=rule.says.zh,
        )
        for at, rule in enumerate(said.rules, 1)
    )  # fmt: skip
    return str(form)


def _write_lines(form: Form, said: Declared) -> None:
    lines = [(section, line) for section in said.sections for line in section.lines]
    keys = {line.series for _section, line in lines}
    series = {each.key: each for each in Series.objects.filter(key__in=keys)}
    FormLine.objects.bulk_create(
        FormLine(
            form=form, series=series[line.series], position=at, number=line.number,
            section_en=section.title.en, section_zh=section.title.zh, required=line.required,
            counts_en=line.counts.en, counts_zh=line.counts.zh,
            excludes_en=line.excludes.en, excludes_zh=line.excludes.zh,
        )
        for at, (section, line) in enumerate(lines, 1)
    )  # fmt: skip
