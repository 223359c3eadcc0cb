"""The addresses of this room."""

from __future__ import annotations

from django.urls import path

from throughline.cascade.pages import (
    answering,
    assignment,
    checks,
    dependencies,
    handing_over,
    issuing,
    laying,
    lists,
    local_plans,
    local_targets,
    mechanism_acts,
    mechanisms,
    reporting,
)
from throughline.cascade.pages.picture import exports, page, urging

ASSIGNMENT = "assignments/<int:assignment>/"
LOCAL = "local-plans/<slug:plan>/"
PICTURE = "plans/<slug:plan>/elements/<slug:key>/throughline/"

urlpatterns = [
    # -- a plan's work
    path("plans/<slug:plan>/work/", lists.plan_work, name="plan-work"),
    path("plans/<slug:plan>/work/as-printed", laying.assign_as_printed, name="assign-as-printed"),
    path("plans/<slug:plan>/work/receive", answering.receive_several, name="receive-several"),
    path("plans/<slug:plan>/elements/<slug:key>/assign", laying.assign, name="assign-element"),
    path("plans/<slug:plan>/elements/<slug:key>/pass-down", laying.pass_down, name="pass-down"),
    path(
        "plans/<slug:plan>/elements/<slug:key>/await",
        dependencies.await_element,
        name="await-element",
    ),
    path(
        "plans/<slug:plan>/elements/<slug:key>/await-no-more",
        dependencies.await_no_more,
        name="await-no-more",
    ),
    path("plans/<slug:plan>/checks/", checks.checks, name="checks"),
    path("bodies/<slug:key>/hand-over", handing_over.hand_over, name="hand-over"),
    # -- an assignment
    path(ASSIGNMENT, assignment.assignment, name="assignment"),
    path(f"{ASSIGNMENT}receive", answering.receive, name="receive-assignment"),
    path(f"{ASSIGNMENT}take-on", answering.take_on, name="take-on-assignment"),
    path(f"{ASSIGNMENT}people", answering.name_people, name="name-people"),
    path(f"{ASSIGNMENT}contest", answering.contest, name="contest-assignment"),
    path(f"{ASSIGNMENT}not-applicable", answering.not_applicable, name="declare-not-applicable"),
    path(f"{ASSIGNMENT}look-again", answering.look_again, name="look-again"),
    path(f"{ASSIGNMENT}reassign", laying.reassign, name="reassign-assignment"),
    path(f"{ASSIGNMENT}withdraw", laying.withdraw, name="withdraw-assignment"),
    path(f"{ASSIGNMENT}urge", laying.urge, name="urge-assignment"),
    path(f"{ASSIGNMENT}report", reporting.prepare, name="prepare-report"),
    path(f"{ASSIGNMENT}steps", reporting.set_milestones, name="set-milestones"),
    path("claims/<int:claim>/decide", answering.decide, name="decide-claim"),
    path("claims/<int:claim>/withdraw", answering.withdraw_claim, name="withdraw-claim"),
    path("reports/<int:report>/review", reporting.review, name="review-report"),
    path("reports/<int:report>/sign", reporting.sign, name="sign-report"),
    path("reports/<int:report>/accept", reporting.accept, name="accept-report"),
    path("reports/<int:report>/return", reporting.send_back, name="return-report"),
    path("evidence/<int:evidence>/file", reporting.evidence_file, name="evidence-file"),
    # -- a local plan
    path("plans/<slug:plan>/own", local_plans.begin, name="begin-local-plan"),
    path(LOCAL, local_plans.local_plan, name="local-plan"),
    path(f"{LOCAL}adopt", local_plans.adopt, name="adopt-elements"),
    path(f"{LOCAL}elements/", local_plans.write_element, name="new-local-element"),
    path(f"{LOCAL}elements/<slug:key>/", local_plans.write_element, name="local-element"),
    path(
        f"{LOCAL}elements/<slug:key>/remove",
        local_plans.remove_element,
        name="remove-local-element",
    ),
    path(f"{LOCAL}targets", local_targets.set_target, name="set-local-target"),
    path(f"{LOCAL}targets/remove", local_targets.remove_target, name="remove-local-target"),
    path(f"{LOCAL}revise", local_plans.revise, name="revise-local-plan"),
    path(f"{LOCAL}discard", local_plans.discard, name="discard-draft"),
    path(f"{LOCAL}issue", issuing.issue, name="issue-local-plan"),
    # -- the throughline of an element
    path(PICTURE, page.throughline, name="throughline"),
    path(f"{PICTURE}urge", urging.urge, name="throughline-urge"),
    path(
        "plans/<slug:plan>/elements/<slug:key>/throughline.<str:form>",
        exports.export,
        name="throughline-export",
    ),
    # -- working mechanisms
    path("plans/<slug:plan>/mechanisms/", mechanisms.mechanisms, name="mechanisms"),
    path(
        "plans/<slug:plan>/mechanisms/export.<slug:form>",
        mechanisms.mechanisms_export,
        name="mechanisms-export",
    ),
    path(
        "plans/<slug:plan>/mechanisms/new",
        mechanism_acts.register_mechanism,
        name="register-mechanism",
    ),
    path("mechanisms/<int:mechanism>/", mechanisms.mechanism, name="mechanism"),
    path(
        "mechanisms/<int:mechanism>/change",
        mechanism_acts.change_mechanism,
        name="change-mechanism",
    ),
    path(
        "mechanisms/<int:mechanism>/meeting", mechanism_acts.record_meeting, name="record-meeting"
    ),
    path("mechanisms/<int:mechanism>/end", mechanism_acts.end_mechanism, name="end-mechanism"),
    path("meetings/<int:meeting>/correct", mechanism_acts.correct_meeting, name="correct-meeting"),
]
