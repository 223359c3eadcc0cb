"""The journal: gapless, chained, closed to change, and the action that writes it."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from psycopg.sql import SQL

from tests.racing import race
from throughline.kernel import clock, journal
from throughline.kernel.action import VERBS, Act, action
from throughline.kernel.actor import SYSTEM, Actor
from throughline.kernel.commands import export_lines
from throughline.kernel.errors import Conflict, Invalid
from throughline.kernel.models import Draft, JournalEntry
from throughline.kernel.queries import known_at, known_now, position_at
from throughline.kernel.verify import ORIGIN, verify_export

ALICE = Actor(person="a" * 32)
BOB = Actor(person="b" * 32)


@pytest.fixture(autouse=True, scope="module")
def _test_verbs():
    yield
    for verb in [verb for verb in VERBS if verb.startswith("test.")]:
        del VERBS[verb]


def make_note(verb: str):
    @action(verb)
    def write_note(act: Act, *, text: str, fail: bool = False) -> Draft:
        draft = Draft.objects.create(
            person=act.actor.person, form=text, url="/", title=text, content={},
            updated_at=clock.now(),
        )  # fmt: skip
        act.about(draft)
        act.record(text=text)
        if fail:
            raise Invalid("no")
        return draft

    return write_note


write_note = make_note("test.note")


@pytest.mark.django_db
def test_an_action_leaves_one_entry_that_says_who_what_and_by_which_door():
    draft = write_note(ALICE, text="x")
    entry = JournalEntry.objects.get()
    content = json.loads(entry.body)
    assert (entry.position, entry.verb, entry.person) == (1, "test.note", ALICE.person)
    assert entry.subject == content["subject"] == f"kernel.draft:{draft.pk}"
    assert content["after"] == {"text": "x"} and content["door"] == "web"


@pytest.mark.django_db
def test_an_action_that_fails_leaves_neither_effect_nor_entry():
    with pytest.raises(Invalid):
        write_note(ALICE, text="x", fail=True)
    assert not Draft.objects.exists() and not JournalEntry.objects.exists()


@pytest.mark.django_db
def test_acts_within_an_act_stand_behind_it_in_the_same_transaction():
    @action("test.outer")
    def outer(act: Act) -> None:
        act.about("test:outer")
        write_note(act.actor, text="inner")

    outer(ALICE)
    assert list(JournalEntry.objects.values_list("position", "verb")) == [
        (1, "test.outer"),
        (2, "test.note"),
    ]


@pytest.mark.django_db
def test_the_same_key_and_body_get_the_stored_answer_and_another_body_a_conflict():
    first = write_note(ALICE.keyed("k"), text="x")
    assert write_note(ALICE.keyed("k"), text="x") == first
    assert Draft.objects.count() == JournalEntry.objects.count() == 1
    with pytest.raises(Conflict):
        write_note(ALICE.keyed("k"), text="y")
    write_note(BOB.keyed("k"), text="of another person")
    assert JournalEntry.objects.count() == 2


FORGERIES = [
    "UPDATE kernel_journalentry SET verb = 'other'",
    "DELETE FROM kernel_journalentry",
    "TRUNCATE kernel_journalentry",
    "ALTER TABLE kernel_journalentry DISABLE TRIGGER ALL",
    "DROP TRIGGER journal_append ON kernel_journalentry",
    "GRANT ALL ON kernel_journalentry TO CURRENT_USER",
    "SET session_replication_role = replica",
    "CREATE OR REPLACE FUNCTION kernel_refuse_change() RETURNS trigger LANGUAGE plpgsql "
    "AS $$ BEGIN RETURN NEW; END $$",
]


@pytest.mark.django_db
@pytest.mark.parametrize("statement", FORGERIES)
def test_the_application_cannot_change_the_past(statement):
    write_note(ALICE, text="x")
    before = list(JournalEntry.objects.values())
    # A GRANT by somebody without the right is only a warning in PostgreSQL: what counts is
    # that nothing is changed and that changing still fails.
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError:
        pass
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE kernel_journalentry SET verb = 'other'")
    assert list(JournalEntry.objects.values()) == before


def _forged(position: int, previous: str, at: datetime | None = None, **more: object) -> str:
    content = {
        "position": position, "previous": previous, "act": 10**9 + position,
        "at": (at or clock.now()).isoformat(),
        "verb": "forged", "door": "web", "digest": "0",
    }  # fmt: skip
    return json.dumps(content | more)


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["gap", "repeat", "previous", "past", "future"])
def test_the_application_cannot_insert_an_entry_that_does_not_follow(fault):
    write_note(ALICE, text="x")
    last = JournalEntry.objects.get()
    body = {
        "gap": _forged(3, last.hash),
        "repeat": _forged(1, last.hash),
        "previous": _forged(2, ORIGIN),
        "past": _forged(2, last.hash, at=last.at - timedelta(days=1)),
        "future": _forged(2, last.hash, at=last.at + timedelta(days=1)),
    }[fault]
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO kernel_journalentry (body) VALUES (%s)", [body])


@pytest.mark.django_db
def test_columns_that_contradict_the_body_are_not_stored():
    body = _forged(1, ORIGIN, person="truth")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_journalentry (body, verb, person, hash)"
            " VALUES (%s, 'other', 'lie', 'lie')",
            [body],
        )
    entry = JournalEntry.objects.get()
    assert (entry.verb, entry.person) == ("forged", "truth")
    assert verify_export(export_lines()).holds


@pytest.mark.django_db
def test_an_export_verifies_and_every_flipped_bit_is_found():
    for text in "abc":
        write_note(ALICE, text=text)
    lines = list(export_lines())
    assert verify_export(lines).holds and verify_export(lines).entries == 3
    middle = bytearray(lines[1].encode())
    for position in range(0, len(middle), 7):
        flipped = bytearray(middle)
        flipped[position] ^= 1
        text = flipped.decode("utf-8", errors="replace")
        assert not verify_export([lines[0], text, lines[2]]).holds, position
    assert not verify_export([lines[0], lines[2]]).holds
    assert not verify_export([lines[1], lines[0], lines[2]]).holds
    assert not verify_export(lines[:2], expect_head=verify_export(lines).head).holds


@pytest.mark.django_db
def test_an_instant_resolves_to_the_last_position_by_then():
    write_note(ALICE, text="a")
    between = clock.now()
    write_note(ALICE, text="b")
    assert position_at(between).position == 1
    assert position_at(datetime(2000, 1, 1, tzinfo=UTC)).position == 0
    assert known_now().position == 2 and known_at(0).position == 0
    with pytest.raises(Invalid):
        known_at(3)
    with pytest.raises(Invalid):
        position_at(clock.now() + timedelta(hours=1))


@pytest.mark.django_db(transaction=True)
def test_two_people_racing_under_one_key_leave_one_effect():
    outcomes = race(lambda n: write_note(ALICE.keyed("k"), text="x"), count=6)
    assert len({outcome.pk for outcome in outcomes if isinstance(outcome, Draft)}) == 1
    assert not [outcome for outcome in outcomes if not isinstance(outcome, Draft)]
    assert Draft.objects.count() == JournalEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_positions_are_gapless_under_concurrency_and_not_without_the_lock(monkeypatch):
    outcomes = race(lambda n: write_note(ALICE, text=f"{n}"), count=8)
    assert not [o for o in outcomes if isinstance(o, Exception)]
    assert list(JournalEntry.objects.values_list("position", flat=True)) == list(range(1, 9))
    assert verify_export(export_lines()).holds
    # The negative control: without taking the lock first, two writers read one head, and
    # the chain's own trigger refuses the later of them.
    monkeypatch.setattr(journal, "WRITE", WITHOUT_LOCK)
    with ThreadPoolExecutor(1) as other, transaction.atomic():
        journal.write([{"act": 10**9, "verb": "test.held", "door": "cli", "digest": ""}],
                      with_commit=False)  # fmt: skip
        beside = other.submit(race, lambda n: write_note(BOB, text="beside"), count=1)
        await_waiting(1)
    assert isinstance(beside.result()[0], DatabaseError)
    monkeypatch.undo()
    assert verify_export(export_lines()).holds


WITHOUT_LOCK = SQL("""
INSERT INTO kernel_journalentry (body)
SELECT {1} || '"at":' || to_json({0}::timestamptz) || {2} || '"position":' || position + 1 || {3}
       || '"previous":"' || hash || '"' || {4}
  FROM kernel_journalentry ORDER BY position DESC LIMIT 1
""")


def await_waiting(count: int) -> None:
    """Wait until so many wait for the journal's lock."""
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE objid = %s AND locktype = 'advisory'"
                " AND NOT granted", [journal.LOCK]
            )  # fmt: skip
            if cursor.fetchone()[0] >= count:
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits for the lock")


@pytest.mark.django_db(transaction=True)
def test_who_asks_about_an_instant_is_not_overtaken_by_an_act_of_before(monkeypatch):
    with ThreadPoolExecutor(1) as other, transaction.atomic():
        journal.write([{"act": 10**9, "verb": "test.held", "door": "cli", "digest": ""}],
                      with_commit=False)  # fmt: skip
        beside = other.submit(race, lambda n: write_note(BOB, text="beside"), count=1)
        await_waiting(1)
        asked = clock.now()
    assert isinstance(beside.result()[0], Draft)
    assert position_at(asked).position == 1


@pytest.mark.django_db(transaction=True)
def test_an_instant_before_an_entry_was_under_its_lock_is_never_that_entry_s(monkeypatch):
    engine: Any = type(connections["default"])
    answers: list[tuple[datetime, int]] = []
    commit = engine._commit

    def ask() -> tuple[datetime, int]:
        instant = clock.now()
        try:
            return instant, position_at(instant).position
        finally:
            connections.close_all()

    def held_up(self) -> None:
        if self._last:
            with ThreadPoolExecutor(1) as other:
                answers.append(other.submit(ask).result())
        commit(self)

    with monkeypatch.context() as patched:
        patched.setattr(engine, "_commit", held_up)
        write_note(ALICE, text="on its way")
    instant, position = answers[0]
    assert position_at(instant).position == position == 0


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_sent_undoes_the_act_and_the_next_one_passes():
    @action("test.unsendable")
    def unsendable(act: Act) -> None:
        Draft.objects.create(
            person="p", form="f", url="/", title="t", content={}, updated_at=clock.now()
        )
        act.record(text="\ud800")

    with pytest.raises(UnicodeEncodeError):
        unsendable(ALICE)
    assert not Draft.objects.exists() and not JournalEntry.objects.exists()
    write_note(ALICE, text="passes")
    assert JournalEntry.objects.get().position == 1


@pytest.mark.django_db(transaction=True)
def test_what_the_journal_refuses_undoes_the_act_and_the_next_one_passes(monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(journal, "WRITE", SQL("SELECT 1 / 0, {}, {}, {}, {}, {}"))
        with pytest.raises(DatabaseError):
            write_note(ALICE, text="refused")
    assert not Draft.objects.exists() and not JournalEntry.objects.exists()
    write_note(ALICE, text="passes")
    assert JournalEntry.objects.get().position == 1


def test_two_actions_cannot_share_a_verb():
    make_note("test.twice")
    with pytest.raises(ValueError, match=r"test\.twice"):
        make_note("test.twice")


@pytest.mark.django_db
def test_personal_values_are_recorded_as_changed_without_their_values(monkeypatch):
    draft = Draft.objects.create(
        person="p", form="f", url="/", title="old name", content={}, updated_at=clock.now()
    )
    monkeypatch.setattr(Draft, "personal_fields", frozenset({"title"}), raising=False)

    @action("test.rename")
    def rename(act: Act) -> None:
        with act.changing(draft, "title"):
            draft.title = "new name"

    rename(SYSTEM)
    body = JournalEntry.objects.get().body
    assert "changed" in body and "old name" not in body and "new name" not in body


@pytest.mark.django_db
@pytest.mark.parametrize("sound", [True, False])
def test_what_is_written_last_is_part_of_the_act(sound):
    statement = "UPDATE kernel_draft SET title = 'later' WHERE id = %s" + (
        "" if sound else "::int[]"
    )
    seen: list[str] = []

    def send(draft: Draft) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, [draft.pk])

    @action(f"test.last_{sound}")
    def write(act: Act) -> Draft:
        draft = Draft.objects.create(
            person="p", form="f", url="/", title="first", content={}, updated_at=clock.now()
        )
        act.write_last(lambda: send(draft))
        seen.append(Draft.objects.get(pk=draft.pk).title)
        return draft

    if sound:
        draft = write(ALICE)
        draft.refresh_from_db()
        assert (seen, draft.title) == (["first"], "later")
    else:
        with pytest.raises(DatabaseError), transaction.atomic():
            write(ALICE)
        assert not Draft.objects.exists()
        assert not JournalEntry.objects.exists()


@pytest.mark.django_db
def test_the_lock_is_taken_behind_the_last_writes_of_acts_within_too(monkeypatch):
    done: list[str] = []
    write = journal.write

    def written(*given: Any, **named: Any) -> None:
        done.append("lock")
        write(*given, **named)

    monkeypatch.setattr(journal, "write", written)

    @action("test.within")
    def within(act: Act) -> None:
        act.write_last(lambda: done.append("within"))

    @action("test.around")
    def around(act: Act) -> None:
        within(act.actor)
        act.write_last(lambda: done.append("around"))

    around(ALICE)
    assert done == ["around", "within", "lock"]
