"""Two people do the same in a reporting cycle at once: one effect, and the other is told. And
who has looked already is overtaken by nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models import QuerySet

from tests.cycles import GOOD, PERIOD
from tests.racing import MEETING, PATIENCE, errors, meeting, race
from tests.world import build_world
from throughline.bodies.rules import Duty
from throughline.figures.actions import record_observation, writing
from throughline.figures.actions.writing import Before, Cell
from throughline.figures.models import Observation
from throughline.files.storage import store
from throughline.kernel import clock
from throughline.kernel.action import Act
from throughline.kernel.actor import SYSTEM, Actor
from throughline.kernel.errors import Conflict, Forbidden, Invalid
from throughline.kernel.models import JournalEntry
from throughline.kernel.period import Period
from throughline.reporting import actions, drafting
from throughline.reporting.actions import checking, contesting, filling
from throughline.reporting.drafting import save_sheet, save_unless_changed, sheet_values
from throughline.reporting.models import Contest, Cycle, Extension, Form, Report, Sheet
from throughline.reporting.rules.contesting import Verdict
from throughline.reporting.rules.life import ReportStep
from throughline.reporting.tests.country import Reported, colleague, open_for_counties

pytestmark = pytest.mark.django_db(transaction=True)

Deed = Callable[[], Any]


@pytest.fixture
def reported(transactional_db: None) -> Reported:
    return open_for_counties(build_world())


# -- each returns what both then do at once ------------------------------------------------


def prepare(reported: Reported) -> Deed:
    return lambda: actions.prepare_report(reported.filler, report=reported.report, values=GOOD)


def submit(reported: Reported) -> Deed:
    body = reported.world.cast.county.body
    body.one_step = True
    body.save(update_fields=["one_step"])
    return lambda: actions.submit_report(reported.filler, report=reported.report, values=GOOD)


def review(reported: Reported) -> Deed:
    prepare(reported)()
    return lambda: actions.review_report(reported.reviewer, report=reported.report)


def send_back(reported: Reported) -> Deed:
    prepare(reported)()
    return lambda: actions.send_back_report(
        reported.reviewer, report=reported.report, reason="Look again"
    )


def sign(reported: Reported) -> Deed:
    review(reported)()
    return lambda: actions.sign_report(reported.signer, report=reported.report)


def check(reported: Reported) -> Deed:
    sign(reported)()
    prefecture = reported.world.cast.prefecture.actor
    return lambda: actions.check_report(prefecture, report=reported.report)


def accept(reported: Reported) -> Deed:
    check(reported)()
    province = reported.world.cast.province.actor
    return lambda: actions.check_report(province, report=reported.report)


def give_back(reported: Reported) -> Deed:
    sign(reported)()
    prefecture = reported.world.cast.prefecture.actor
    return lambda: actions.return_report(prefecture, report=reported.report, reason="Look again")


def _coordinator(reported: Reported) -> Actor:
    return reported.world.cast.coordinator.actor


def ask(reported: Reported) -> Deed:
    until = clock.now() + timedelta(days=30)
    return lambda: actions.ask_extension(
        reported.filler, report=reported.report, until=until, reason="Floods"
    )


def decide(reported: Reported) -> Deed:
    asked = ask(reported)()
    coordinator = _coordinator(reported)
    return lambda: actions.decide_extension(coordinator, extension=asked, granted=True)


def lock(reported: Reported) -> Deed:
    now = clock.now()
    Cycle.objects.update(opens_at=now - timedelta(days=9), closes_at=now - timedelta(seconds=1))
    return lambda: actions.lock_cycle(_coordinator(reported), cycle=reported.cycle)


def ask_unlock(reported: Reported) -> Deed:
    lock(reported)()
    coordinator = _coordinator(reported)
    return lambda: actions.ask_unlock(coordinator, cycle=reported.cycle, reason="A mistake")


def unlock(reported: Reported) -> Deed:
    ask_unlock(reported)()
    second = colleague(reported.world.cast.coordinator, "second", Duty.COORDINATE, Duty.READ)
    return lambda: actions.unlock_cycle(second, cycle=reported.cycle)


DEEDS: dict[str, tuple[str, Callable[[Reported], Deed]]] = {
    "prepare": ("report.prepare", prepare),
    "submit": ("report.submit", submit),
    "review": ("report.review", review),
    "send back": ("report.send_back", send_back),
    "sign": ("report.sign", sign),
    "check": ("report.check", check),
    "accept": ("report.check", accept),
    "return": ("report.return", give_back),
    "ask for time": ("extension.ask", ask),
    "decide on time": ("extension.decide", decide),
    "lock": ("cycle.lock", lock),
    "ask to unlock": ("cycle.ask_unlock", ask_unlock),
    "unlock": ("cycle.unlock", unlock),
}
deeds = pytest.mark.parametrize(("verb", "prepared"), DEEDS.values(), ids=DEEDS)


def done(verb: str) -> int:
    """How many acts under a verb are on record."""
    return JournalEntry.objects.filter(verb=verb).count()


def together(deed: Deed, monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """What two are told who do the same, both having checked all before either is on record."""
    monkeypatch.setattr(Act, "about", meeting(Act.about))
    return errors(race(lambda _number: deed()))


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if no row were ever locked."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)
    monkeypatch.setattr(drafting, "hold_cycle", lambda cycle: None)
    monkeypatch.setattr(drafting, "hold_report", lambda report: None)
    monkeypatch.setattr(drafting, "hold_cells", lambda cells: None)


@deeds
def test_it_is_done_once_and_the_other_is_told(
    reported: Reported,
    verb: str,
    prepared: Callable[[Reported], Deed],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deed = prepared(reported)
    before = done(verb)
    told = together(deed, monkeypatch)
    assert len(told) == 1
    assert isinstance(told[0], Conflict | Forbidden)
    assert done(verb) == before + 1


@deeds
def test_without_the_lock_it_is_done_twice_or_the_database_stops_it(
    reported: Reported,
    verb: str,
    prepared: Callable[[Reported], Deed],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    deed = prepared(reported)
    before = done(verb)
    request.getfixturevalue("unlocked")
    told = together(deed, monkeypatch)
    assert done(verb) == before + 2 or [type(error) for error in told] == [IntegrityError]


# -- a cycle opened twice: the key, which the database keeps single, is the lock ----------------


def test_of_two_cycles_under_one_key_one_is_opened_and_the_other_refused(
    reported: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, forms = clock.now(), list(Form.objects.all())
    monkeypatch.setattr(Cycle, "save_base", meeting(Cycle.save_base))
    told = errors(
        race(
            lambda _number: actions.open_cycle(
                _coordinator(reported), key="again", title="Again", forms=forms,
                period=Period.parse(PERIOD), opens_at=now, closes_at=now + timedelta(days=7),
            )
        )
    )  # fmt: skip
    assert [type(error) for error in told] == [Invalid]
    assert Cycle.objects.filter(key="again").count() == 1
    assert Report.objects.filter(cycle__key="again").count() == 3


# -- two acts of which one has looked before the other is done -------------------------------


def overtaken(
    monkeypatch: pytest.MonkeyPatch, room: ModuleType, write: str, first: Deed, second: Deed
) -> list[Exception]:
    """What two are told of whom `first` has checked all and does not `write` before `second`
    is done. Where a lock keeps that one away, the first goes on after a while."""
    looked, over = threading.Event(), threading.Event()
    original = getattr(room, write)

    def waits(*given: Any, **named: Any) -> Any:
        looked.set()
        over.wait(MEETING)
        return original(*given, **named)

    monkeypatch.setattr(room, write, waits)

    def one(number: int) -> None:
        if number == 0:
            first()
        else:
            assert looked.wait(PATIENCE)
            second()
            over.set()

    return errors(race(one))


def last_verb() -> str:
    return JournalEntry.objects.latest("position").verb


def check_and_return(reported: Reported, monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """The province accepts a report, and the body that runs the cycle returns it meanwhile."""
    deed, coordinator = accept(reported), _coordinator(reported)
    return overtaken(
        monkeypatch, checking, "turn_after", deed,
        lambda: actions.return_report(coordinator, report=reported.report, reason="Wrong"),
    )  # fmt: skip


def test_what_was_returned_is_not_accepted_by_who_had_looked_before(
    reported: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check_and_return(reported, monkeypatch) == []
    assert (last_verb(), reported.again().step) == ("report.return", ReportStep.RETURNED)


def test_without_the_lock_it_would_be(
    reported: Reported, monkeypatch: pytest.MonkeyPatch, unlocked: None
) -> None:
    assert check_and_return(reported, monkeypatch) == []
    assert (last_verb(), reported.again().step) == ("report.check", ReportStep.ACCEPTED)


def sign_and_lock(reported: Reported, monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """A late report is signed, and the cycle locked meanwhile."""
    deed = sign(reported)
    return overtaken(monkeypatch, filling, "write", deed, lock(reported))


def test_nothing_is_signed_in_a_cycle_that_is_locked(
    reported: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sign_and_lock(reported, monkeypatch) == []
    assert last_verb() == "cycle.lock"


def test_without_holding_the_cycle_it_would_be(
    reported: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "hold_cycle", lambda cycle: None)
    assert sign_and_lock(reported, monkeypatch) == []
    assert last_verb() == "report.sign"


def test_two_units_of_a_cycle_do_not_wait_for_each_other(
    reported: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both come to where they write: neither keeps the other from it by holding the cycle."""
    other = Report.objects.get(cycle=reported.cycle, place__code="N112")
    met = threading.Barrier(2)
    about = Act.about

    def meet(act: Act, row: Any) -> None:
        met.wait(PATIENCE)
        about(act, row)

    monkeypatch.setattr(Act, "about", meet)
    fillers = [(reported.filler, reported.report), (reported.world.cast.prefecture.actor, other)]

    def prepare_own(number: int) -> None:
        actor, report = fillers[number]
        actions.prepare_report(actor, report=report, values=GOOD)

    assert errors(race(prepare_own)) == []


# -- two people of a unit fill in one sheet -----------------------------------------------------


def fill_in_together(reported: Reported, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What stands in a sheet after two typed into a cell each at once."""
    second = colleague(reported.world.cast.county, "second", Duty.REPORT, Duty.READ)
    save_sheet(reported.filler, reported.report, {"jobs-reported": {"value": 1.0}})
    monkeypatch.setattr(Sheet, "save", meeting(Sheet.save))
    typed = [
        (reported.filler, "jobs-reported", 12.0), (second, "roads-reported", 2.0)
    ]  # fmt: skip

    def type_in(number: int) -> Sheet:
        actor, series, value = typed[number]
        return save_sheet(actor, reported.report, {series: {"value": value}})

    assert errors(race(type_in)) == []
    values, _revision = sheet_values(reported.report)
    return {key: given["value"] for key, given in values.items()}


def test_the_cells_of_both_are_kept(reported: Reported, monkeypatch: pytest.MonkeyPatch) -> None:
    both = {"jobs-reported": 12.0, "roads-reported": 2.0}
    assert fill_in_together(reported, monkeypatch) == both
    assert Sheet.objects.get().revision == 3


def test_without_the_lock_a_cell_would_be_lost(
    reported: Reported, monkeypatch: pytest.MonkeyPatch, unlocked: None
) -> None:
    kept = fill_in_together(reported, monkeypatch)
    assert kept in ({"jobs-reported": 12.0}, {"jobs-reported": 1.0, "roads-reported": 2.0})


def workbook_and_typing(reported: Reported, monkeypatch: pytest.MonkeyPatch) -> object:
    """What stands in a cell of which the prefecture's workbook has seen that it was empty, while
    the county types into it."""
    prefecture = reported.world.cast.prefecture.actor
    told = overtaken(
        monkeypatch, drafting, "_same",
        lambda: save_unless_changed(
            prefecture, reported.report, {"jobs-reported": {"value": 40.0}}, {}
        ),
        lambda: save_sheet(reported.filler, reported.report, {"jobs-reported": {"value": 12.0}}),
    )  # fmt: skip
    assert told == []
    return sheet_values(reported.report)[0]["jobs-reported"]["value"]


def test_what_a_unit_types_is_not_undone_by_a_workbook_that_saw_nothing_of_it(
    reported: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert workbook_and_typing(reported, monkeypatch) == 12.0


def test_without_the_lock_the_workbook_would_undo_it(
    reported: Reported, monkeypatch: pytest.MonkeyPatch, unlocked: None
) -> None:
    assert workbook_and_typing(reported, monkeypatch) == 40.0


def test_an_extension_is_asked_for_once(
    reported: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    together(ask(reported), monkeypatch)
    assert Extension.objects.count() == 1


# -- one submission, sent again while it is still under way ----------------------------------


def submit_twice(
    reported: Reported, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, str]
) -> list[Any]:
    """Both have looked for an earlier answer before either holds the report."""
    submit(reported)
    monkeypatch.setattr(filling, "taken_up", meeting(drafting.taken_up))
    return race(
        lambda number: actions.submit_report(
            reported.filler.keyed(keys[number]), report=reported.report, values=GOOD
        )
    )


def test_a_submission_sent_again_while_it_is_under_way_is_acknowledged_both_times(
    reported: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = submit_twice(reported, monkeypatch, ("one key", "one key"))
    assert [each.pk for each in outcomes] == [reported.report.pk] * 2
    assert JournalEntry.objects.filter(verb="report.submit").count() == 1


def test_without_a_key_in_common_the_later_submission_is_refused(
    reported: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    [refused] = errors(submit_twice(reported, monkeypatch, ("one key", "another")))
    assert isinstance(refused, Conflict)
    assert JournalEntry.objects.filter(verb="report.submit").count() == 1


# -- contested values --------------------------------------------------------------------------


def _figure(reported: Reported) -> Observation:
    return reported.world.standing("jobs-reported", "N111", "2020")


def contest(reported: Reported) -> Deed:
    figure = _figure(reported)
    exhibit = actions.Exhibit(file=store(b"a ledger", "ledger.txt"), name="ledger.txt")
    return lambda: actions.contest_value(
        reported.filler, observation=figure, proposed=12.0, grounds="We counted",
        evidence=[exhibit],
    )  # fmt: skip


def answer(reported: Reported, verdict: Verdict = Verdict.REFUSED) -> Deed:
    row, leads = contest(reported)(), reported.world.cast.leads.actor
    return lambda: actions.answer_contest(
        leads, contest=row, verdict=verdict, reason="We looked", against=row.observation_id
    )


def withdraw(reported: Reported) -> Deed:
    row = contest(reported)()
    return lambda: actions.withdraw_contest(reported.filler, contest=row)


CONTESTED: dict[str, tuple[str, Callable[[Reported], Deed]]] = {
    "contest": ("value.contest", contest),
    "answer": ("value.answer_contest", answer),
    "withdraw": ("value.withdraw_contest", withdraw),
}
on_contests = pytest.mark.parametrize(("verb", "prepared"), CONTESTED.values(), ids=CONTESTED)


def look_at(cells: Collection[Cell]) -> dict[Cell, Before]:
    """What stands in cells, without a lock on them."""
    return writing._last_in(cells)


@on_contests
def test_a_contest_is_made_and_closed_once(
    reported: Reported,
    verb: str,
    prepared: Callable[[Reported], Deed],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deed = prepared(reported)
    before = done(verb)
    told = together(deed, monkeypatch)
    assert [type(error) for error in told] == [Conflict]
    assert done(verb) == before + 1


@on_contests
def test_without_the_locks_it_would_be_twice_or_the_database_stops_it(
    reported: Reported,
    verb: str,
    prepared: Callable[[Reported], Deed],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    deed = prepared(reported)
    before = done(verb)
    request.getfixturevalue("unlocked")
    monkeypatch.setattr(contesting, "lock_cells", look_at)
    if verb == "value.contest":
        monkeypatch.setattr(Contest, "save_base", meeting(Contest.save_base))
        told = errors(race(lambda _number: deed()))
    else:
        told = together(deed, monkeypatch)
    assert done(verb) == before + 2 or [type(error) for error in told] == [IntegrityError]


def answer_and_correct(reported: Reported, monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """The producer accepts what is proposed, and another figure is recorded meanwhile."""
    deed, figure = answer(reported, Verdict.ACCEPTED), _figure(reported)
    return overtaken(
        monkeypatch, contesting, "write", deed,
        lambda: record_observation(
            SYSTEM, series=figure.series, place=figure.place, period=Period.parse("2020"),
            value=99.0, status=figure.status, note="Found later", supersedes=figure.pk,
        ),
    )  # fmt: skip


def test_a_figure_that_comes_beside_an_answer_is_not_overwritten_unseen(
    reported: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = answer_and_correct(reported, monkeypatch)
    assert [type(error) for error in told] == [Conflict]
    assert _figure(reported).value == 12.0


def test_without_the_lock_on_the_cell_only_the_database_would_stop_it(
    reported: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contesting, "lock_cells", look_at)
    told = answer_and_correct(reported, monkeypatch)
    assert [type(error) for error in told] == [IntegrityError]


def correct_and_contest(reported: Reported, monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """The county contests a figure, and another one is recorded before it is on record."""
    deed, figure = contest(reported), _figure(reported)
    return overtaken(
        monkeypatch, contesting, "body_of", deed,
        lambda: record_observation(
            SYSTEM, series=figure.series, place=figure.place, period=Period.parse("2020"),
            value=99.0, status=figure.status, note="Found later", supersedes=figure.pk,
        ),
    )  # fmt: skip


def test_what_is_contested_stands_while_it_is_being_contested(
    reported: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert correct_and_contest(reported, monkeypatch) == []
    assert last_verb() == "observation.record", "it had to wait"


def test_without_the_lock_on_the_cell_a_figure_would_be_contested_that_no_longer_stands(
    reported: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contesting, "lock_cells", look_at)
    assert correct_and_contest(reported, monkeypatch) == []
    assert last_verb() in {"value.contest", "attachment.add"}


# -- reminding: what was sent is not sent again --------------------------------------------------


def remind(reported: Reported) -> Deed:
    """The clock's job runs twice at once, as after a restart."""
    rows = Cycle.objects.filter(pk=reported.cycle.pk)
    rows.update(closes_at=clock.now() - timedelta(seconds=1))
    rows.update(opens_at=clock.now() - timedelta(days=9), told_at=clock.now() - timedelta(days=9))
    return lambda: actions.remind_reports(SYSTEM, cycle=reported.cycle)


def announce(reported: Reported) -> Deed:
    Cycle.objects.filter(pk=reported.cycle.pk).update(told_at=None)
    return lambda: actions.announce_cycle(SYSTEM, cycle=reported.cycle)


def urge(reported: Reported) -> Deed:
    return lambda: actions.urge_reports(
        _coordinator(reported), cycle=reported.cycle, reports=[reported.report]
    )


REMINDERS: dict[str, tuple[str, Callable[[Reported], Deed]]] = {
    "remind": ("report.remind", remind),
    "announce": ("cycle.announce", announce),
    "urge": ("report.urge", urge),
}
reminders = pytest.mark.parametrize(("verb", "prepared"), REMINDERS.values(), ids=REMINDERS)


@reminders
def test_of_two_reminders_at_once_one_is_sent(
    reported: Reported,
    verb: str,
    prepared: Callable[[Reported], Deed],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = together(prepared(reported), monkeypatch)
    assert [type(each) for each in told] == [Conflict]
    assert done(verb) == 1


@reminders
def test_without_the_lock_both_are_sent_or_the_database_stops_one(
    reported: Reported,
    verb: str,
    prepared: Callable[[Reported], Deed],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    deed = prepared(reported)
    request.getfixturevalue("unlocked")
    told = together(deed, monkeypatch)
    stopped = [each for each in told if isinstance(each, IntegrityError)]
    assert done(verb) == 2 or stopped


def test_who_reports_does_not_wait_for_a_reminder(
    reported: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A county prepares its report while the owner urges, and neither keeps the other away."""
    monkeypatch.setattr(Act, "about", meeting(Act.about))
    deeds = [urge(reported), prepare(reported)]
    assert errors(race(lambda number: deeds[number]())) == []
