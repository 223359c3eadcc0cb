"""What happens with procedures and cases."""

from throughline.procedures.actions.advancing import Enclosure
from throughline.procedures.actions.deciding import decide_case, resubmit_case
from throughline.procedures.actions.handing_over import add_signer, sign_case, transfer_case
from throughline.procedures.actions.loading import load_procedures
from throughline.procedures.actions.pressing import escalate_case, urge_case, withdraw_case
from throughline.procedures.actions.submitting import submit_case
from throughline.procedures.actions.supplementing import ask_supplement, supplement_case

__all__ = [
    "Enclosure",
    "add_signer",
    "ask_supplement",
    "decide_case",
    "escalate_case",
    "load_procedures",
    "resubmit_case",
    "sign_case",
    "submit_case",
    "supplement_case",
    "transfer_case",
    "urge_case",
    "withdraw_case",
]
