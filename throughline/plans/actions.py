"""Bringing a plan into the system: what its pack says, as a version in force."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, NotFound
from throughline.kernel.permissions import require_installation
from throughline.places.models import Scheme
from throughline.places.queries import place_by_code
from throughline.plans.coming import came_into_force
from throughline.plans.models import (
    Bridge,
    Edition,
    Element,
    Indicator,
    Paper,
    Plan,
    PlanVersion,
    Responsibility,
    Target,
    Thread,
)
from throughline.plans.packs.mapping import Words
from throughline.plans.packs.pack import Element as SaidElement
from throughline.plans.packs.pack import Indicator as SaidIndicator
from throughline.plans.packs.pack import Pack


def _texts(name: str, words: Words) -> dict[str, str]:
    return {f"{name}_en": words.en, f"{name}_zh": words.zh}


@action("plan.load")
def load_plan(act: Act, *, pack: Pack) -> PlanVersion:
    """Bring a plan to what its pack says, and return the version in force.

    Definitions (indicators, editions, papers) are brought up to date. The text itself is a
    version: one that is in force is never edited, so a changed text comes as a new version
    number, which supersedes the one before.
    """
    require_installation(act.actor)
    scheme = Scheme.objects.get(key=pack.scheme)
    editions = _load_editions(scheme, pack)
    indicators = _load_indicators(scheme, pack)
    _load_bridges(scheme, pack, indicators, editions)
    bodies = _bodies(pack)
    plan = _define_plan(scheme, pack, bodies)
    papers = _load_papers(plan, pack, bodies)
    version = plan.versions.filter(number=pack.version.number).first()
    before = plan.pack_digest
    if version is None:
        version = _new_version(plan, pack)
        _load_elements(version, pack, papers, indicators, bodies)
        _load_targets(version, pack, indicators, editions, scheme)
        came_into_force(act, version)
    elif before != pack.digest:
        _refuse_other_text(version, pack)
    plan.pack_digest = pack.digest
    plan.save(update_fields=["pack_digest"])
    act.about(version)
    act.record(
        before={"pack_digest": before},
        pack=pack.key,
        pack_digest=pack.digest,
        version=pack.version.number,
        elements=len(pack.elements),
        targets=len(pack.targets),
    )
    return version


def _load_editions(scheme: Scheme, pack: Pack) -> dict[str, Edition]:
    return {
        said.key: Edition.objects.update_or_create(
            scheme=scheme,
            key=said.key,
            defaults={
                **_texts("title", said.title),
                **_texts("note", said.note),
                "rank": said.rank,
            },
        )[0]
        for said in pack.editions
    }


def _load_bridges(
    scheme: Scheme, pack: Pack, indicators: dict[str, Indicator], editions: dict[str, Edition]
) -> None:
    """The bridges that the pack states for its indicators; one that it states no longer is
    none."""
    day = pack.version.in_force_from
    kept = [
        Bridge.objects.update_or_create(
            indicator=indicators[said.indicator],
            origin=editions[said.origin],
            onto=editions[said.onto],
            place=place_by_code(scheme, said.place, day) if said.place else None,
            defaults={
                "kind": said.kind,
                "amount": said.amount,
                "period": said.period.code if said.period else "",
                "link": said.link,
                **_texts("source", pack.source_words(said.source)),
                "support": said.support,
                **_texts("note", said.note),
                "illustrative": said.illustrative,
                "simulated": said.simulated,
            },
        )[0].pk
        for said in pack.bridges
    ]
    Bridge.objects.filter(indicator__in=indicators.values()).exclude(pk__in=kept).delete()


def _load_indicators(scheme: Scheme, pack: Pack) -> dict[str, Indicator]:
    """Parts of ratios come first, so that whoever names them finds them."""
    found: dict[str, Indicator] = {}
    ordered = sorted(pack.indicators, key=lambda each: (bool(each.numerator), bool(each.weight)))
    for said in ordered:
        found[said.key] = _load_indicator(scheme, pack, said, found)
    for said in ordered:
        if said.weight and found[said.key].weight != found[said.weight]:
            found[said.key].weight = found[said.weight]
            found[said.key].save(update_fields=["weight"])
    return found


def _load_indicator(
    scheme: Scheme, pack: Pack, said: SaidIndicator, found: dict[str, Indicator]
) -> Indicator:
    return Indicator.objects.update_or_create(
        scheme=scheme,
        key=said.key,
        defaults={
            **_texts("title", said.title),
            **_texts("definition", said.definition),
            **_texts("unit", said.unit),
            "symbol": said.symbol,
            "direction": said.direction,
            "kind": said.kind,
            "numerator": found.get(said.numerator),
            "denominator": found.get(said.denominator),
            "formula": said.formula,
            "scale": said.scale,
            "decimals": said.decimals,
            "minimum": said.minimum,
            "maximum": said.maximum,
            "band_low": said.band[0] if said.band else None,
            "band_high": said.band[1] if said.band else None,
            "peers_by": list(said.peers_by),
            "reporting_tier": said.reporting_tier,
            "reports_itself": said.reports_itself,
            "span": said.span.value,
            "over_time": said.over_time,
            **_texts("source", pack.source_words(said.source)),
        },
    )[0]


def _bodies(pack: Pack) -> dict[str, Body]:
    """The bodies that the pack names; those made from templates are looked up too."""
    named = {body for element in pack.elements for body in element.leads}
    named |= {support.body for element in pack.elements for support in element.supports}
    named |= {pack.plan.lead_body} | {
        body for paper in pack.papers for body in (paper.issuer, paper.addressee) if body
    }
    found = {body.key: body for body in Body.objects.filter(key__in=named)}
    missing = sorted(named - set(found))
    if missing:
        raise NotFound(
            _("Bodies that the plan names are not there: %(keys)s.") % {"keys": ", ".join(missing)},
            remedy=_("Load the pack's bodies first."),
        )
    return found


def _define_plan(scheme: Scheme, pack: Pack, bodies: dict[str, Body]) -> Plan:
    said = pack.plan
    defaults = {
        "scheme": scheme,
        "place": place_by_code(scheme, said.place, pack.version.in_force_from),
        **_texts("title", said.title),
        "kind": said.kind,
        "lead_body": bodies[said.lead_body],
        "period_from": said.period_from.code,
        "period_to": said.period_to.code,
        "zone": pack.zone,
        "demo": pack.demo,
        "pack": pack.key,
        "alerts": said.alerts,
    }
    return Plan.objects.update_or_create(key=said.key, defaults=defaults)[0]


def _load_papers(plan: Plan, pack: Pack, bodies: dict[str, Body]) -> dict[str, Paper]:
    return {
        said.key: Paper.objects.update_or_create(
            plan=plan,
            key=said.key,
            defaults={
                "kind": said.kind,
                "number": said.number,
                **_texts("title", said.title),
                "issuer": bodies.get(said.issuer),
                "addressee": bodies.get(said.addressee),
                "date": said.date,
                "public_date": said.public_date,
                **_texts("source", pack.source_words(said.source)),
                "support": said.support,
                "position": position,
            },
        )[0]
        for position, said in enumerate(pack.papers)
    }


def _new_version(plan: Plan, pack: Pack) -> PlanVersion:
    latest = plan.versions.first()
    if latest is not None and latest.number > pack.version.number:
        raise Conflict(
            _("Version %(number)s of this plan exists already.") % {"number": latest.number},
            remedy=_("Give the pack's version a higher number."),
        )
    plan.versions.filter(state=PlanVersion.State.IN_FORCE).update(
        state=PlanVersion.State.SUPERSEDED
    )
    return PlanVersion.objects.create(
        plan=plan,
        number=pack.version.number,
        state=PlanVersion.State.IN_FORCE,
        in_force_from=pack.version.in_force_from,
        **_texts("note", pack.version.note),
    )


def _depths(elements: tuple[SaidElement, ...]) -> dict[str, int]:
    parents = {said.key: said.parent for said in elements}
    depths = {}
    for said in elements:
        depth, above = 0, said.parent
        while above:
            depth, above = depth + 1, parents[above]
        depths[said.key] = depth
    return depths


def threads_of(plan: Plan, keys: Sequence[str]) -> dict[str, Thread]:
    """By key, what each element is across the versions of a plan; made where it is new."""
    Thread.objects.bulk_create(
        (Thread(plan=plan, key=key) for key in keys), ignore_conflicts=True, batch_size=2000
    )
    return {row.key: row for row in Thread.objects.filter(plan=plan, key__in=keys)}


def _load_elements(
    version: PlanVersion,
    pack: Pack,
    papers: dict[str, Paper],
    indicators: dict[str, Indicator],
    bodies: dict[str, Body],
) -> None:
    depths = _depths(pack.elements)
    threads = threads_of(version.plan, [said.key for said in pack.elements])
    made: dict[str, Element] = {}
    for said in sorted(pack.elements, key=lambda each: depths[each.key]):
        made[said.key] = Element.objects.create(
            version=version,
            thread=threads[said.key],
            key=said.key,
            number=said.number,
            kind=said.kind,
            parent=made.get(said.parent),
            position=said.position,
            depth=depths[said.key],
            **_texts("title", said.title),
            **_texts("text", said.text),
            paper=papers.get(said.paper),
            paragraph=said.paragraph,
            indicator=indicators.get(said.indicator),
            bindingness=said.binding,
            **_texts("completion", said.completion),
            deadline=said.deadline,
            illustrative=said.illustrative,
            simulated=said.simulated,
        )
    Responsibility.objects.bulk_create(
        responsibility
        for said in pack.elements
        for responsibility in _responsibilities(made[said.key], said, bodies)
    )


def _responsibilities(
    element: Element, said: SaidElement, bodies: dict[str, Body]
) -> list[Responsibility]:
    """Leads as printed; the one that coordinates, if the issuer names it; the supporting
    bodies, each with its own duty and date."""
    leads = [
        Responsibility(element=element, body=bodies[key], role="lead", position=position)
        for position, key in enumerate(said.leads)
    ]
    coordinating = (
        [Responsibility(element=element, body=bodies[said.coordinating], role="coordinating")]
        if said.coordinating
        else []
    )
    supports = [
        Responsibility(
            element=element,
            body=bodies[support.body],
            role="support",
            **_texts("duty", support.duty),
            due=support.due,
            position=position,
        )
        for position, support in enumerate(said.supports)
    ]
    return leads + coordinating + supports


def _load_targets(
    version: PlanVersion,
    pack: Pack,
    indicators: dict[str, Indicator],
    editions: dict[str, Edition],
    scheme: Scheme,
) -> None:
    Target.objects.bulk_create(
        Target(
            version=version,
            indicator=indicators[said.indicator],
            place=place_by_code(scheme, said.place, pack.version.in_force_from),
            operator=said.operator,
            value=said.value,
            upper=said.upper,
            strict=said.strict,
            percent=said.percent,
            tolerance=said.tolerance,
            tolerance_share=said.tolerance_share,
            by=said.by.code,
            baseline_period=said.baseline.period.code if said.baseline else "",
            baseline_value=said.baseline.value if said.baseline else None,
            **_texts(
                "baseline_source", pack.source_words(said.baseline.source if said.baseline else "")
            ),
            **_texts("no_baseline", said.no_baseline),
            trajectory=said.trajectory,
            steps=[[step.code, value] for step, value in said.steps],
            edition=editions[said.edition],
            bindingness=said.binding,
            **_texts("source", pack.source_words(said.source)),
            support=said.support,
            **_texts("note", said.note),
            illustrative=said.illustrative,
            simulated=said.simulated,
        )
        for said in pack.targets
    )


def _refuse_other_text(version: PlanVersion, pack: Pack) -> None:
    """A version in force keeps its text: other elements or targets need a new number."""
    stored = dict(version.elements.values_list("key", "text_en"))
    said = {element.key: element.text.en for element in pack.elements}
    targets = version.targets.count()
    if stored != said or targets != len(pack.targets):
        raise Conflict(
            _("The pack's text differs from version %(number)s, which is in force.")
            % {"number": version.number},
            remedy=_("Give the pack's version the next number: a version in force is not edited."),
        )
