"""Progress reports and the steps of a task, each act by its form or button."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.pages.forms import Input, Question, Typed, carried, problems_of, refused
from throughline.bodies.permissions import signed_in
from throughline.cascade import actions
from throughline.cascade.models import Assignment, Evidence, Milestone, ProgressReport
from throughline.cascade.pages.answering import FORM, found, trail, url_of
from throughline.cascade.permissions import (
    require_leader,
    require_office,
    require_returning,
    require_state,
)
from throughline.cascade.queries import (
    evidence_by_id,
    life_of,
    milestones_of,
    report_by_id,
    report_under_way,
    reports_visible_to,
)
from throughline.cascade.rules.kinds import ReportKind
from throughline.cascade.rules.life import Deed, Step, may_report
from throughline.cascade.viewing import passes
from throughline.cascade.words import REPORTS
from throughline.files.carrying import Carried, files_in, tokens_of
from throughline.files.storage import open_stored
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Conflict, Invalid, Problem
from throughline.kernel.models import Draft
from throughline.plans.models import Element

SIGN = "sign"
"""What the second button sends: the report is signed at once."""
LINKS = 3
"""Rows for links that the form offers."""


@dataclass
class Sent:
    """What stands in the form of a report: typed, uploaded, or kept from before."""

    kind: str = ReportKind.PROGRESS
    text: str = ""
    done: set[str] = field(default_factory=set)
    links: list[tuple[str, str]] = field(default_factory=list)
    periods: list[str] = field(default_factory=list)
    kept: list[Evidence] = field(default_factory=list)
    files: list[Carried] = field(default_factory=list)

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The links, and empty rows for more."""
        return [*self.links, *[("", "")] * max(1, LINKS - len(self.links))]

    @property
    def tokens(self) -> list[tuple[str, str]]:
        """The files uploaded just now, so that a form that comes back still has them."""
        return tokens_of(self.files)


@require_http_methods(FORM)
def prepare(request: HttpRequest, assignment: int) -> HttpResponse:
    """Prepare a report, or go on with the one that is a draft or was returned."""
    actor, row = found(request, assignment)
    require_office(actor, row)
    require_state(Deed.REPORT, life_of(row))
    standing = report_under_way(actor, row)
    problems: list[Problem] = []
    status = 200
    draft = Draft.objects.filter(person=actor.person, form=_draft_key(row)).first()
    sent = _standing(standing)
    if request.method == "POST":
        sent = _sent(request, standing)
    elif draft is not None:
        sent = _typed(sent, Typed(draft.content))
    if request.method == "POST":
        signs = request.POST.get("then") == SIGN
        try:
            said: dict[str, Any] = {
                "assignment": row, "kind": sent.kind, "text": sent.text,
                "evidence": _proofs(row, sent), "done": _done(row, sent),
            }  # fmt: skip
            if signs:
                actions.prepare_and_sign(actor, **said)
            else:
                actions.prepare_report(actor, **said)
        except (Invalid, Conflict) as error:
            problems, status = problems_of(error, "text"), error.http_status
        else:
            if draft is not None:
                draft.delete()
            messages.success(
                request,
                _("The report is signed and has gone up.")
                if signs
                else _("The draft is kept. It is reviewed and signed next."),
            )
            return redirect(url_of(row))
    signs_too = passes(lambda: require_leader(actor, row))
    context = {
        "assignment": row,
        "element": row.element,
        "sent": sent,
        "kinds": _kinds(actor, row),
        "open_milestones": milestones_of(row).filter(done_at__isnull=True),
        "returned": standing.returned if standing and standing.step == Step.RETURNED else "",
        "problems": problems,
        "one_step": row.body.one_step and signs_too,
        "signed_elsewhere": row.body.one_step and not signs_too,
        "then": SIGN,
        "draft_key": _draft_key(row),
        "draft_title": _("Report on %(title)s") % {"title": row.element.title},
        "back": url_of(row),
        "trail": trail(row, _("Report progress")),
    }
    return render(request, "cascade/report.html", context, status=status)


def _draft_key(row: Assignment) -> str:
    return f"assignment:{row.pk}:report"


def _typed(sent: Sent, typed: Typed) -> Sent:
    """What was typed since and not sent, over what stands; files cannot be kept unsent."""
    return replace(
        sent,
        kind=typed.text("kind") or sent.kind,
        text=typed.text("text") or sent.text,
        done=set(typed.several("done")) or sent.done,
        links=_links(typed) or sent.links,
        periods=[each for each in typed.several("period") if each.strip()] or sent.periods,
    )


def _links(typed: Typed) -> list[tuple[str, str]]:
    titles, urls = typed.several("link-title"), typed.several("link-url")
    pairs = [(title.strip(), url.strip()) for title, url in zip(titles, urls, strict=False)]
    return [pair for pair in pairs if any(pair)]


def _kinds(actor: Actor, row: Assignment) -> list[tuple[str, str]]:
    """What may be reported next."""
    accepted = reports_visible_to(actor).filter(assignment=row, step=Step.ACCEPTED).order_by("id")
    steps = [ReportKind(each) for each in accepted.values_list("kind", flat=True)]
    is_reform = row.element.kind == Element.Kind.REFORM_MEASURE
    return [
        (kind.value, str(word))
        for kind, word in REPORTS.items()
        if may_report(kind, is_reform=is_reform, accepted=steps)
    ]


def _standing(report: ProgressReport | None) -> Sent:
    if report is None:
        return Sent()
    evidence = list(report.evidence.select_related("file", "indicator", "place"))
    return Sent(
        kind=report.kind,
        text=report.text,
        done={str(each.pk) for each in report.milestones.all()},
        links=[(each.title, each.url) for each in evidence if each.url],
        periods=[each.period for each in evidence if each.indicator_id],
        kept=[each for each in evidence if each.file_id],
    )


def _sent(request: HttpRequest, standing: ProgressReport | None) -> Sent:
    typed = Typed(dict(request.POST.lists()))
    kept = set(typed.several("kept"))
    before = standing.evidence.select_related("file") if standing is not None else []
    return Sent(
        kind=typed.text("kind"),
        text=typed.text("text"),
        done=set(typed.several("done")),
        links=_links(typed),
        periods=[period for period in typed.several("period") if period.strip()],
        kept=[each for each in before if str(each.pk) in kept],
        files=files_in(request),
    )


def _proofs(row: Assignment, sent: Sent) -> list[actions.Proof]:
    proofs = [actions.Proof(title=each.title, file=each.file) for each in sent.kept]
    proofs += [actions.Proof(title=name[:300], file=stored) for stored, name in sent.files]
    proofs += [actions.Proof(title=title or url, url=url) for title, url in sent.links]
    if row.element.indicator is not None and row.place is not None:
        indicator = row.element.indicator
        proofs += [
            actions.Proof(
                title=f"{indicator.title}, {row.place.name}, {period}", indicator=indicator,
                place=row.place, period=period.strip(),
            )
            for period in sent.periods
        ]  # fmt: skip
    return proofs


def _done(row: Assignment, sent: Sent) -> list[Milestone]:
    return [each for each in milestones_of(row) if str(each.pk) in sent.done]


# -- the way of a report -------------------------------------------------------------------


def _report(request: HttpRequest, key: int) -> tuple[Actor, ProgressReport]:
    actor = actor_of(request)
    signed_in(actor)
    return actor, report_by_id(actor, key)


@require_POST
def review(request: HttpRequest, report: int) -> HttpResponse:
    """Review a draft."""
    actor, row = _report(request, report)
    actions.review_report(actor, report=row)
    messages.success(request, _("The report is reviewed; the leader signs it."))
    return redirect(url_of(row.assignment))


@require_POST
def sign(request: HttpRequest, report: int) -> HttpResponse:
    """Sign a report; it goes up."""
    actor, row = _report(request, report)
    actions.sign_report(actor, report=row)
    messages.success(
        request, _("The report is with %(body)s.") % {"body": row.assignment.issuer.name}
    )
    return redirect(url_of(row.assignment))


@require_POST
def accept(request: HttpRequest, report: int) -> HttpResponse:
    """Accept a signed report."""
    actor, row = _report(request, report)
    actions.accept_report(actor, report=row)
    messages.success(request, _("The report is accepted."))
    return redirect(url_of(row.assignment))


@require_http_methods(FORM)
def send_back(request: HttpRequest, report: int) -> HttpResponse:
    """Return a report with the reason."""
    actor, row = _report(request, report)
    task = row.assignment
    require_returning(actor, row, task)

    def act(typed: Typed) -> HttpResponse:
        actions.return_report(actor, report=row, reason=typed.text("reason"))
        messages.success(request, _("The report is returned, and the body told why."))
        return redirect(url_of(task))

    question = Question(
        title=_("Return the report"),
        told=[row.text],
        inputs=[Input("reason", _("Why"), kind="area", hint=_("The body reads it."))],
        button=_("Return it"),
        back=url_of(task),
        trail=trail(task, _("Return the report")),
        draft=f"report:{row.pk}:return",
    )
    return carried(request, question, act)


@require_safe
def evidence_file(request: HttpRequest, evidence: int) -> FileResponse:
    """A file of evidence, to be kept and not to be run."""
    actor = actor_of(request)
    signed_in(actor)
    row, stored = evidence_by_id(actor, evidence)
    return FileResponse(
        open_stored(stored),
        as_attachment=True,
        filename=row.title,
        content_type="application/octet-stream",
    )


# -- steps ---------------------------------------------------------------------------------


@require_http_methods(FORM)
def set_milestones(request: HttpRequest, assignment: int) -> HttpResponse:
    """Set the steps of a task, one on each line; or those of the coming quarters."""
    actor, row = found(request, assignment)
    require_office(actor, row)
    standing = list(milestones_of(row).filter(done_at__isnull=True))

    def act(typed: Typed) -> HttpResponse:
        actions.set_milestones(actor, assignment=row, nodes=_nodes(typed.lines("nodes")))
        messages.success(request, _("The steps are set."))
        return redirect(url_of(row))

    question = Question(
        title=_("Steps of the task"),
        told=[
            _("One step on each line: the day, then what is done by then."),
            _("Begin a line with > where the step waits for the one before it."),
        ],
        inputs=[
            Input(
                "nodes", _("Steps"), kind="area", required=False,
                hint=_("For example: 2025-06-30 First half of the compounds renewed"),
            )
        ],
        button=_("Set the steps"),
        back=url_of(row),
        trail=trail(row, _("Steps of the task")),
        initial=Typed.of(nodes="\n".join(_written(each) for each in standing)),
        draft=f"assignment:{row.pk}:milestones",
    )  # fmt: skip
    return carried(request, question, act)


def _written(node: Milestone) -> str:
    return f"{'> ' if node.after_id else ''}{node.due.isoformat()} {node.title}"


def _nodes(lines: Sequence[str]) -> list[actions.Node]:
    nodes: list[actions.Node] = []
    for number, line in enumerate(lines, start=1):
        waits, rest = line.startswith(">"), line.lstrip("> ").strip()
        day, _space, title = rest.partition(" ")
        try:
            due = date.fromisoformat(day)
        except ValueError as error:
            message = _("Line %(number)s does not begin with a day such as 2025-06-30.")
            raise refused("nodes", message % {"number": number}) from error
        after = len(nodes) - 1 if waits and nodes else None
        nodes.append(actions.Node(title=title, due=due, after=after))
    return nodes
