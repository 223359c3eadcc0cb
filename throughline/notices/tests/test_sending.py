"""Telling bodies something, within the act that it tells of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from tests.cast import Cast
from throughline.bodies.models import Body
from throughline.kernel.action import Act, action
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Invalid
from throughline.kernel.models import JournalEntry
from throughline.notices.kinds import KINDS, UnknownKind, in_both, sentence_of, spoken
from throughline.notices.models import Notice
from throughline.notices.sending import Telling, notify, notify_all

pytestmark = pytest.mark.django_db

FACTS = {"title_en": "Jobs", "title_zh": "就业", "detail": "12"}


class Work:
    """Some work within an act, and what came of it."""

    code = "work"  # by which it stands in the journal

    def __init__(self, work: Callable[[Act], Any]) -> None:
        self.work = work
        self.result: Any = None


@action("notices.test")
def perform_work(act: Act, *, work: Work) -> None:
    work.result = work.work(act)


def perform(actor: Actor, work: Callable[[Act], Any]) -> Any:
    """Some work as an action."""
    given = Work(work)
    perform_work(actor, work=given)
    return given.result


def told(act: Act, cast: Cast, **more: Any) -> Notice:
    given: dict[str, Any] = {
        "to": cast.bodies["n111-government"], "kind": "reminder", "subject": "indicator:land/jobs",
        "url": "/indicators/land/jobs/", "facts": FACTS,
    }  # fmt: skip
    return notify(act, **given | more)


def test_a_notice_bears_the_number_of_the_act_that_it_tells_of(cast: Cast) -> None:
    due = datetime(2030, 1, 31, 9, tzinfo=UTC)
    made = perform(cast.leads.actor, lambda act: told(act, cast, due=due, reading_only=True))
    notice = Notice.objects.get()
    assert notice == made
    assert notice.act == JournalEntry.objects.get(verb="notices.test").act
    assert (notice.body, notice.post, notice.person) == (cast.county.body, None, "")
    assert (notice.due, notice.reading_only, notice.facts) == (due, True, FACTS)


def test_it_is_gone_with_an_act_that_fails(cast: Cast) -> None:
    def fail(act: Act) -> None:
        told(act, cast)
        raise Invalid("no")

    with pytest.raises(Invalid):
        perform(cast.leads.actor, fail)
    assert not Notice.objects.exists()


def test_an_unknown_kind_is_refused(cast: Cast) -> None:
    with pytest.raises(UnknownKind, match="nothing-such"):
        perform(cast.leads.actor, lambda act: told(act, cast, kind="nothing-such"))


def test_facts_that_make_no_sentence_stop_the_act(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    picky = KINDS["reminder"].__class__("picky", lambda facts: facts["missing"], {})
    monkeypatch.setitem(KINDS, "picky", picky)
    with pytest.raises(KeyError):
        perform(cast.leads.actor, lambda act: told(act, cast, kind="picky"))


@pytest.mark.parametrize("url", ["https://elsewhere.example/", "//elsewhere.example/", ""])
def test_a_notice_leads_to_a_page_of_ours(url: str, cast: Cast) -> None:
    with pytest.raises(ValueError, match="page of ours"):
        perform(cast.leads.actor, lambda act: told(act, cast, url=url))


def test_a_post_is_one_of_the_body(cast: Cast) -> None:
    with pytest.raises(ValueError, match="no post of"):
        perform(cast.leads.actor, lambda act: told(act, cast, post=cast.leads.post))


def test_it_is_narrowed_to_a_post_or_a_person_and_not_to_both(cast: Cast) -> None:
    post, person = cast.county.post, cast.county.actor.person
    made = perform(cast.leads.actor, lambda act: told(act, cast, post=post))
    assert made.post == post
    with pytest.raises(IntegrityError), transaction.atomic():
        perform(cast.leads.actor, lambda act: told(act, cast, post=post, person=person))


def test_facts_are_kept_as_what_json_holds(cast: Cast) -> None:
    perform(cast.leads.actor, lambda act: told(act, cast, facts=FACTS | {"on": date(2025, 1, 2)}))
    assert Notice.objects.get().facts["on"] == "2025-01-02"


def test_thousands_are_told_in_a_few_statements(
    cast: Cast,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    place = cast.places["N"]
    bodies = Body.objects.bulk_create(
        Body(key=f"body-{number}", name_en="Body", kind="office", place=place)
        for number in range(5000)
    )

    def tell_all(act: Act) -> list[Notice]:
        return notify_all(
            act,
            [
                Telling(to=body, kind="reminder", subject="plan:growth", url="/", facts=FACTS)
                for body in bodies
            ],
        )

    with django_assert_max_num_queries(15):
        made = perform(cast.leads.actor, tell_all)
    assert len(made) == Notice.objects.count() == 5000
    assert all(notice.pk for notice in made)


def test_nobody_to_tell_is_no_fault(cast: Cast) -> None:
    assert perform(cast.leads.actor, lambda act: notify_all(act, [])) == []


def test_a_sentence_is_in_the_readers_language() -> None:
    assert sentence_of("reminder", "plan:growth", FACTS).title == "Indicator: Jobs"
    with translation.override("zh-hans"):
        assert sentence_of("reminder", "plan:growth", FACTS).title == "指标: 就业"


def test_a_kind_that_is_no_longer_known_still_says_what_it_is_about() -> None:
    assert sentence_of("gone", "plan:growth", {}).detail == "plan:growth"


def test_a_name_in_both_languages_is_kept_and_spoken(cast: Cast) -> None:
    body = Body(name_en="Cabinet Office", name_zh="国务院办公厅", short_zh="国办")
    facts = in_both("by", body, "short", "name")
    assert facts == {"by_en": "Cabinet Office", "by_zh": "国办"}
    with translation.override("zh-hans"):
        assert spoken(facts, "by") == "国办"
