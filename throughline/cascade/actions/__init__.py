"""The acts of the cascade, a file for each kind of work."""

from throughline.cascade.actions.answering import (
    contest_task,
    decide_claim,
    declare_not_applicable,
    look_again,
    name_people,
    receive_task,
    receive_tasks,
    take_on_task,
    withdraw_claim,
)
from throughline.cascade.actions.assigning import (
    Wanted,
    assign_task,
    assign_tasks,
    reassign_task,
    withdraw_task,
)
from throughline.cascade.actions.dependencies import await_element, await_no_more
from throughline.cascade.actions.handing_over import hand_over_tasks
from throughline.cascade.actions.issuing import issue_local_plan
from throughline.cascade.actions.local_plans import (
    begin_local_plan,
    discard_draft,
    revise_local_plan,
)
from throughline.cascade.actions.mechanisms import (
    Charter,
    change_mechanism,
    charter_of,
    correct_meeting,
    end_mechanism,
    record_meeting,
    register_mechanism,
    state_of,
)
from throughline.cascade.actions.refining import (
    Adoption,
    Measure,
    adopt_elements,
    put_element,
    remove_element,
)
from throughline.cascade.actions.reporting import (
    Node,
    Proof,
    accept_report,
    prepare_and_sign,
    prepare_report,
    return_report,
    review_report,
    set_milestones,
    sign_report,
)
from throughline.cascade.actions.targets import remove_target, set_target
from throughline.cascade.actions.texts import Text
from throughline.cascade.actions.urging import urge_tasks

__all__ = [
    "Adoption",
    "Charter",
    "Measure",
    "Node",
    "Proof",
    "Text",
    "Wanted",
    "accept_report",
    "adopt_elements",
    "assign_task",
    "assign_tasks",
    "await_element",
    "await_no_more",
    "begin_local_plan",
    "change_mechanism",
    "charter_of",
    "contest_task",
    "correct_meeting",
    "decide_claim",
    "declare_not_applicable",
    "discard_draft",
    "end_mechanism",
    "hand_over_tasks",
    "issue_local_plan",
    "look_again",
    "name_people",
    "prepare_and_sign",
    "prepare_report",
    "put_element",
    "reassign_task",
    "receive_task",
    "receive_tasks",
    "record_meeting",
    "register_mechanism",
    "remove_element",
    "remove_target",
    "return_report",
    "review_report",
    "revise_local_plan",
    "set_milestones",
    "set_target",
    "sign_report",
    "state_of",
    "take_on_task",
    "urge_tasks",
    "withdraw_claim",
    "withdraw_task",
]
