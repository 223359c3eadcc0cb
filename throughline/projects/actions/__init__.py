"""What is done to projects: each official act one function, called alike by every door."""

from throughline.projects.actions.contracts import Terms, correct_contract, sign_contract
from throughline.projects.actions.funding import Payment, record_funding
from throughline.projects.actions.registering import (
    Particulars,
    amend_project,
    particulars_of,
    register_project,
    state_of,
)
from throughline.projects.actions.working import (
    Phase,
    cease_project,
    finish_project,
    note_progress,
    set_phases,
    start_project,
)

__all__ = [
    "Particulars",
    "Payment",
    "Phase",
    "Terms",
    "amend_project",
    "cease_project",
    "correct_contract",
    "finish_project",
    "note_progress",
    "particulars_of",
    "record_funding",
    "register_project",
    "set_phases",
    "sign_contract",
    "start_project",
    "state_of",
]
