"""The words of procedures: who acts, what may be done, and what a check has found."""

from __future__ import annotations

from difflib import get_close_matches

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from throughline.procedures.rules.findings import Finding
from throughline.procedures.rules.kinds import Relation, Sort, Verb
from throughline.procedures.rules.life import Deed

SORTS: dict[Sort, str | Promise] = {
    # Translators: 审批
    Sort.APPROVAL: pgettext_lazy("procedure", "approval"),
    # Translators: 核准
    Sort.VERIFICATION: pgettext_lazy("procedure", "verification"),
    # Translators: 备案
    Sort.FILING: pgettext_lazy("procedure", "filing"),
}

RELATIONS: dict[Relation, str | Promise] = {
    Relation.SUBMITTER: pgettext_lazy("procedure", "the body that submits"),
    Relation.LEAD_BODY: pgettext_lazy("procedure", "the lead body"),
    Relation.SUPPORTING_BODIES: pgettext_lazy("procedure", "all supporting bodies"),
    Relation.PLANNING_AGENCY: pgettext_lazy("procedure", "the planning agency"),
    Relation.SUPERIOR_PLANNING_AGENCY: pgettext_lazy("procedure", "the superior planning agency"),
    Relation.GOVERNMENT: pgettext_lazy("procedure", "the government"),
    Relation.SUPERIOR_GOVERNMENT: pgettext_lazy("procedure", "the superior government"),
    Relation.LEGAL_OFFICE: pgettext_lazy("procedure", "the office for legality review"),
    Relation.DELIBERATING_BODY: pgettext_lazy("procedure", "the body that deliberates"),
}

VERBS: dict[Verb, str | Promise] = {
    # Translators: 报送
    Verb.SUBMIT: pgettext_lazy("step", "submit"),
    # Translators: 会签同意
    Verb.AGREE: pgettext_lazy("step", "agree"),
    # Translators: 会签不同意
    Verb.OBJECT: pgettext_lazy("step", "object"),
    # Translators: 提出意见
    Verb.OPINION: pgettext_lazy("step", "give an opinion"),
    # Translators: 合法性审核通过
    Verb.CONFORM: pgettext_lazy("step", "find it lawful"),
    # Translators: 合法性审核不通过
    Verb.NOT_CONFORM: pgettext_lazy("step", "find it not lawful"),
    # Translators: 集体讨论通过
    Verb.ADOPT: pgettext_lazy("step", "adopt"),
    # Translators: 集体讨论未通过
    Verb.REJECT: pgettext_lazy("step", "reject"),
    # Translators: 审批同意
    Verb.APPROVE: pgettext_lazy("step", "approve"),
    # Translators: 予以核准
    Verb.VERIFY: pgettext_lazy("step", "verify"),
    # Translators: 予以备案
    Verb.FILE: pgettext_lazy("step", "file"),
    # Translators: 不予批准
    Verb.REFUSE: pgettext_lazy("step", "refuse"),
    # Translators: 退回
    Verb.RETURN: pgettext_lazy("step", "return"),
    # Translators: 要求补正
    Verb.ASK_SUPPLEMENT: pgettext_lazy("step", "ask for a supplement"),
    # Translators: 转办
    Verb.TRANSFER: pgettext_lazy("step", "transfer"),
    # Translators: 加签
    Verb.ADD_SIGNER: pgettext_lazy("step", "add a signer"),
    # Translators: 撤回
    Verb.WITHDRAW: pgettext_lazy("step", "withdraw"),
}

_ONE_OF = _("write one of: %(known)s")

_FILES = {
    "encoding": (_("the file is not UTF-8 text"), _("save it as UTF-8")),
    "not_xml": (_("this is not XML: %(found)s"), _("mend the tags here and just above")),
    "doctype": (
        _("a document type is declared, which could expand or fetch anything"),
        _("remove the line; BPMN needs none"),
    ),
    "too_large": (
        _("the file is too large, nests too deeply or holds too much"),
        _("draw the procedure smaller, or split it"),
    ),
    "not_bpmn": (
        _('the file begins with "%(found)s" and is no BPMN 2.0'),
        _("save it as BPMN 2.0 in the modeller"),
    ),
    "one_process": (
        _("the file holds %(count)d processes"),
        _("keep one process in a file"),
    ),
    "spare_file": (
        _("no procedure names this file"),
        _("name it in procedures.yaml, or remove it"),
    ),
}

_TAKEN = {
    "not_taken": (
        _('"%(found)s" is not run here'),
        _(
            "draw it with start and end, user tasks, exclusive and parallel gateways and sequence"
            " flows"
        ),
    ),
    "would_run": (
        _('"%(found)s" would execute something in another engine; here it never does'),
        _("remove it: a procedure runs no scripts and calls no services"),
    ),
    "bad_id": (
        _('"%(found)s" cannot be an id'),
        _("begin with a letter; then letters, digits, - and _; not and, or, not, in"),
    ),
    "same_id": (
        _('the id "%(found)s" stands on line %(line)d already'),
        _("give one of the two another id"),
    ),
    "in_turn": (
        _("the supporting bodies would be asked one after the other"),
        _("mark the task as parallel multi-instance"),
    ),
    "together": (
        _('the actor "%(actor)s" and the multi-instance marker do not go together'),
        _("mark a task as parallel multi-instance if supporting-bodies act, and only then"),
    ),
    "other_language": (
        _("the condition is written in the language %(found)s"),
        _("remove the language; write it as docs/guide/procedures.md says"),
    ),
    "no_node": (
        _('the flow has no node "%(found)s" at its end'),
        _("connect it, or remove it"),
    ),
    "no_choice": (
        _('a condition stands on a flow from "%(found)s", which does not choose'),
        _("let an exclusive gateway choose"),
    ),
    "default_asks": (
        _('the default flow of "%(found)s" has a condition'),
        _("remove the condition, or choose another default flow"),
    ),
    "no_condition": (
        _('the flow from the exclusive gateway "%(found)s" has no condition'),
        _("write one, or make it the default flow"),
    ),
    "no_default": (
        _('the default flow "%(found)s" does not leave this gateway'),
        _("choose one of its flows"),
    ),
}

_STEPS = {
    "no_step": (
        _("the task does not say who acts"),
        _("add the element step of %(ours)s to its extension elements"),
    ),
    "one_step": (
        _("an element of ours that is not the one step of this task"),
        _("keep exactly one element step"),
    ),
    "no_actor": (_("the step has no actor"), _('add actor="…"')),
    "unknown_actor": (
        _('nobody is known as "%(found)s"'),
        _("write one of: %(known)s; or body:KEY"),
    ),
    "no_post": (
        _('"%(found)s" is no post to which a step can escalate'),
        _("write body:KEY/POST, or a relation that the pack resolves, with its post"),
    ),
    "clock_without_end": (
        _("a clock and whom it escalates to go together"),
        _("give both clock and escalates-to, or neither"),
    ),
    "bad_clock": (
        _('"%(found)s" is no number of working days'),
        _("write a whole number from 1 to %(most)d"),
    ),
    "clock_bounds": (
        _("the clock is not within %(shortest)d to %(longest)d working days"),
        _("set it within them, or correct what procedures.yaml needs for %(verb)s"),
    ),
    "unknown_attribute": (_('a step has no attribute "%(found)s"'), _ONE_OF),
    "unknown_part": (_('a step has no part "%(found)s"'), _ONE_OF),
    "unknown_verb": (_('"%(found)s" is nothing that may be done at a step'), _ONE_OF),
    "no_outcome": (
        _("nothing that may be done ends the step"),
        _("add a verb that ends it, such as approve, agree or return"),
    ),
    "no_words": (_("%(found)s has no words"), _('write it as en="…" zh="…"')),
    "one_title": (_("the step needs one title"), _("keep exactly one element title")),
    "no_language": (_("a title or basis is missing in: %(found)s"), _("add the text")),
    "other_words": (
        _("the pack does not declare the language: %(found)s"),
        _("remove the text, or declare the language in pack.yaml"),
    ),
    "no_basis": (
        _("the step names no rule on which it rests"),
        _("add a basis; where it is made up, say illustrative"),
    ),
    "other_sort": (
        _('"%(verb)s" belongs to another procedure than %(sort)s'),
        _("approval, verification and filing are different procedures: keep to one"),
    ),
    "settles_nothing": (
        _("no step may %(verb)s, in which a procedure of %(sort)s ends"),
        _("add the verb to the step that decides"),
    ),
    "no_document": (_('no document "%(found)s" is declared'), _ONE_OF),
    "asked_twice": (
        _('the document "%(found)s" is asked for at "%(other)s" already'),
        _("ask for it once: whoever comes later finds it with the case"),
    ),
    "nobody_acts": (
        _('nobody is "%(actor)s" at the tier %(tier)s'),
        _("say who in the actors of procedures.yaml, or take the tier from the procedure"),
    ),
    "no_such_body": (_('there is no body "%(actor)s"'), _("name a body of bodies.yaml")),
    "no_such_post": (
        _('"%(actor)s" has no post "%(post)s" at the tier %(tier)s'),
        _("name a post of that body in bodies.yaml"),
    ),
    "same_name": (
        _('"%(found)s" is the name of a fact as well'),
        _("give the task another id"),
    ),
}

_LISTS = {
    "twice_defined": (_('"%(found)s" is defined twice'), _("give one of them another key")),
    "no_tier": (_('there is no tier "%(found)s"'), _ONE_OF),
    "no_kind": (_('there is no kind of element "%(found)s"'), _ONE_OF),
    "no_body": (
        _('no body "%(found)s" can be found for a case of the tier %(tier)s'),
        _("name a body or a template of bodies.yaml: %(known)s"),
    ),
    "of_the_case": (
        _('"%(found)s" is known from each case'),
        _("take the entry out"),
    ),
    "unit_size": (
        _('the size of the unit "%(found)s" is not clear'),
        _("the first unit is the one in which the fact is kept; all others say what one is of it"),
    ),
    "bad_range": (_("the range %(low)s to %(high)s is empty"), _("put the lower bound first")),
    "no_file": (_('there is no file "%(found)s"'), _("add it, or write one of: %(known)s")),
    "no_procedure": (_('there is no procedure "%(found)s"'), _ONE_OF),
    "never_applies": (
        _('no row of the table leads to "%(found)s"'),
        _("add a row, or remove the procedure"),
    ),
}

_CONDITIONS = {
    "condition_empty": (_("the condition is empty"), _("write it, or remove it")),
    "condition_too_long": (
        _("the condition is too long or nests too deeply"),
        _("split it over several rows or gateways"),
    ),
    "condition_unknown_sign": (
        _('"%(found)s" (character %(at)d) has no meaning in a condition'),
        _('write names, numbers with their unit, "texts", = != < <= > >= in, and, or, not'),
    ),
    "condition_unexpected": (
        _('"%(found)s" (character %(at)d) does not belong there'),
        _("expected there: %(known)s"),
    ),
    "condition_unfinished": (
        _('the condition breaks off after "%(found)s"'),
        _("expected there: %(known)s"),
    ),
    "condition_unknown_name": (
        _('"%(found)s" (character %(at)d) is neither a fact nor a step'),
        _ONE_OF,
    ),
    "condition_no_comparison": (
        _('"%(found)s" (character %(at)d) is compared with nothing'),
        _("write = != < <= > >= or in, and a value"),
    ),
    "condition_wrong_type": (
        _('"%(found)s" (character %(at)d) is of another type than what it stands beside'),
        _('write a number for a number, a "text" for a choice, and yes or no by its name alone'),
    ),
    "condition_unknown_value": (
        _('"%(found)s" (character %(at)d) is no value that it can have'),
        _ONE_OF,
    ),
    "condition_no_unit": (
        _("the number %(found)s (before character %(at)d) has no unit"),
        _("write one of these units behind it: %(known)s"),
    ),
    "condition_wrong_unit": (
        _('"%(found)s" (character %(at)d) is no unit of this fact'),
        _ONE_OF,
    ),
    "condition_no_order": (
        _('"%(found)s" (character %(at)d) is a choice and has no order'),
        _ONE_OF,
    ),
}

_COURSE = {
    "starts": (_("there must be exactly one start event"), _("keep one")),
    "no_end": (_("there is no end event"), _("draw one")),
    "loose_end": (
        _("a flow leads into the start or out of an end"),
        _("remove or turn the flow"),
    ),
    "several_ways": (
        _("several flows leave what is no gateway"),
        _("let a gateway say whether all of them are taken or one"),
    ),
    "breaks_off": (_("the way breaks off here"), _("lead it on to an end event")),
    "not_reached": (_("no way leads here from the start"), _("connect it, or remove it")),
    "no_flow_holds": (
        _("no flow holds here%(how)s"),
        _("name a default flow, or cover what is missing"),
    ),
    "several_flows_hold": (
        _("several flows hold at once%(how)s: %(others)s"),
        _("let the conditions exclude each other"),
    ),
    "not_known": (
        _("the condition asks for what was not done yet%(how)s: %(others)s"),
        _("ask only for steps that lie behind, on every way"),
    ),
    "twice": (
        _("two tokens meet here%(how)s"),
        _("join what runs side by side with a parallel gateway before it goes on"),
    ),
    "endless": (
        _("the case goes round here without anybody doing anything%(how)s"),
        _("lead the loop through a step"),
    ),
    "ends_early": (
        _("the case ends here while other parts are open%(how)s: %(others)s"),
        _("join all parts with a parallel gateway before the end"),
    ),
    "waits_forever": (
        _("this gateway waits forever%(how)s for: %(others)s"),
        _("join with the gateway that fits: an exclusive one where one way was chosen"),
    ),
    "never_ends": (
        _("from here no case can end any more%(how)s"),
        _("let at least one outcome lead to an end"),
    ),
    "bypassed": (
        _("a case can be settled here without: %(others)s%(how)s"),
        _("lead every way through the step in which that is done"),
    ),
    "never_used": (
        _("no case ever comes here"),
        _("correct the condition before it, or remove it"),
    ),
    "too_many": (
        _("the procedure is too large to check: it can stand in too many ways"),
        _("draw fewer parts side by side, or let fewer conditions depend on each other"),
    ),
}

_TABLE = {
    "table_gap": (
        _("no row says what applies where %(facts)s; %(count)d kinds of cases are not covered"),
        _("add a row, or take the kind or tier from what the table covers"),
    ),
    "table_overlap": (
        _("row %(other)d holds as well where %(facts)s"),
        _("let the conditions exclude each other, or read the table by match: first"),
    ),
    "table_unreached": (_("the row is never reached"), _("remove it, or move it up")),
    "table_wrong_tier": (
        _('"%(procedure)s" does not run at the tier to which it is applied, where %(facts)s'),
        _("add the tier to the procedure, or the tier to the condition"),
    ),
    "table_too_large": (
        _("the table is too large to check: its facts can stand together in too many ways"),
        _("name fewer facts or fewer thresholds"),
    ),
}

_SENTENCES: dict[str, tuple[str | Promise, str | Promise]] = {
    **_FILES, **_TAKEN, **_STEPS, **_LISTS, **_CONDITIONS, **_COURSE, **_TABLE,
}  # fmt: skip


def sentences(finding: Finding) -> tuple[str, str]:
    """What is wrong, and what mends it, in the language of the reader."""
    message, remedy = _SENTENCES[finding.kind]
    about = {**finding.about, "known": _known(finding), "how": _how(finding)}
    about.setdefault("ours", "urn:throughline:procedure:1")
    return str(message) % about, str(remedy) % about


def _known(finding: Finding) -> str:
    """What could stand there: what is closest, else all of it."""
    given = finding.about.get("known")
    known = [str(each) for each in given] if isinstance(given, tuple) else []
    close = get_close_matches(str(finding.about.get("found", "")), known, n=1)
    return ", ".join(close or known[:24]) or "…"


def _how(finding: Finding) -> str:
    """How a case comes there, in parentheses."""
    said = [str(finding.about[name]) for name in ("facts", "course") if finding.about.get(name)]
    return f" ({'; '.join(said)})" if said else ""


OUTCOMES: dict[Verb, str | Promise] = {
    Verb.SUBMIT: pgettext_lazy("outcome", "submitted"),
    Verb.AGREE: pgettext_lazy("outcome", "agreed"),
    # Translators: 不同意
    Verb.OBJECT: pgettext_lazy("outcome", "disagreed"),
    Verb.OPINION: pgettext_lazy("outcome", "opinion given"),
    Verb.CONFORM: pgettext_lazy("outcome", "lawful"),
    Verb.NOT_CONFORM: pgettext_lazy("outcome", "not lawful"),
    Verb.ADOPT: pgettext_lazy("outcome", "adopted"),
    Verb.REJECT: pgettext_lazy("outcome", "rejected"),
    Verb.APPROVE: pgettext_lazy("outcome", "approved"),
    Verb.VERIFY: pgettext_lazy("outcome", "verified"),
    Verb.FILE: pgettext_lazy("outcome", "filed"),
    Verb.REFUSE: pgettext_lazy("outcome", "refused"),
    Verb.RETURN: pgettext_lazy("outcome", "returned"),
    Verb.WITHDRAW: pgettext_lazy("outcome", "withdrawn"),
}
"""How a step, or a whole case, has ended."""

DEEDS: dict[Deed, str | Promise] = {
    Deed.SUBMIT: pgettext_lazy("act", "Submitted"),
    Deed.DECIDE: pgettext_lazy("act", "Answered"),
    Deed.ASK_SUPPLEMENT: pgettext_lazy("act", "Supplement asked for"),
    Deed.SUPPLEMENT: pgettext_lazy("act", "Supplemented"),
    Deed.TRANSFER: pgettext_lazy("act", "Transferred"),
    Deed.ADD_SIGNER: pgettext_lazy("act", "Signer added"),
    Deed.SIGN: pgettext_lazy("act", "Answered as an added signer"),
    Deed.WITHDRAW: pgettext_lazy("act", "Withdrawn"),
    Deed.URGE: pgettext_lazy("act", "Urged"),
    Deed.ESCALATE: pgettext_lazy("act", "Time ran out"),
}

ACTS: dict[str, Promise] = {
    "procedure.load": pgettext_lazy("act", "Procedures loaded"),
    "case.submit": pgettext_lazy("act", "Case submitted"),
    "case.resubmit": pgettext_lazy("act", "Case handed in again"),
    "case.decide": pgettext_lazy("act", "Step of a case answered"),
    "case.ask_supplement": pgettext_lazy("act", "Supplement to a case asked for"),
    "case.supplement": pgettext_lazy("act", "Case supplemented"),
    "case.transfer": pgettext_lazy("act", "Step of a case transferred"),
    "case.add_signer": pgettext_lazy("act", "Signer added in a case"),
    "case.sign": pgettext_lazy("act", "Opinion given as an added signer"),
    "case.withdraw": pgettext_lazy("act", "Case withdrawn"),
    "case.urge": pgettext_lazy("act", "Step of a case urged"),
    "case.escalate": pgettext_lazy("act", "Time of a case’s step ran out"),
}
