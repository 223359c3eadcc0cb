"""Two people do the same in a reporting cycle at once: one effect, and the other is told. And
who has looked already is overtaken by nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable
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
from throughline.kernel import clock
from throughline.kernel.action import Act
from throughline.kernel.actor import SYSTEM, Actor
from throughline.kernel.errors import Conflict, Forbidden, Invalid
from throughline.kernel.models import JournalEntry
from throughline.kernel.period import Period
from throughline.reporting import actions, drafting
from throughline.reporting.actions import checking, filling
from throughline.reporting.drafting import save_sheet, sheet_values
from throughline.reporting.models import Cycle, Extension, Form, Report, Sheet
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


def test_an_extension_is_asked_for_once(
    reported: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    together(ask(reported), monkeypatch)
    assert Extension.objects.count() == 1


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
