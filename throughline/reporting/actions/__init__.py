"""What happens in reporting."""

from throughline.reporting.actions.checking import check_report, return_report
from throughline.reporting.actions.contesting import (
    Exhibit,
    answer_contest,
    contest_value,
    withdraw_contest,
)
from throughline.reporting.actions.cycles import ask_unlock, lock_cycle, open_cycle, unlock_cycle
from throughline.reporting.actions.declaring import load_forms
from throughline.reporting.actions.extending import ask_extension, decide_extension
from throughline.reporting.actions.filling import (
    prepare_report,
    review_report,
    send_back_report,
    sign_report,
    submit_report,
)
from throughline.reporting.actions.reminding import announce_cycle, remind_reports, urge_reports

__all__ = [
    "Exhibit",
    "announce_cycle",
    "answer_contest",
    "ask_extension",
    "ask_unlock",
    "check_report",
    "contest_value",
    "decide_extension",
    "load_forms",
    "lock_cycle",
    "open_cycle",
    "prepare_report",
    "remind_reports",
    "return_report",
    "review_report",
    "send_back_report",
    "sign_report",
    "submit_report",
    "unlock_cycle",
    "urge_reports",
    "withdraw_contest",
]
