"""Cases run as the token game says, are stored at each step, and end by their edition."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from throughline.procedures import engine
from throughline.procedures.bpmn.reading import read
from throughline.procedures.engine import FactsMissing, NotAnOutcome, NotWaiting, State
from throughline.procedures.rules import keeping
from throughline.procedures.rules.facts import FactError
from throughline.procedures.rules.kinds import Relation, joint_outcome
from throughline.procedures.rules.process import NodeKind, Process
from throughline.procedures.rules.tokens import begun, done, waiting
from throughline.procedures.tests.drawing import LAND, Sketch, file, flow, node, sound, step, task

KEPT = Path(__file__).with_name("state-1.json")
BODIES = ("finance", "land")


def small(first: str = "a") -> Process:
    """A step, then all supporting bodies beside a review; back to the step where one objects."""
    sketch = Sketch()
    keys = {}
    for name, kind, said in (
        ("start", NodeKind.START, None),
        ("end", NodeKind.END, None),
        ("split", NodeKind.PARALLEL, None),
        ("join", NodeKind.PARALLEL, None),
        ("again", NodeKind.CHOICE, None),
        (first, NodeKind.STEP, step("submit")),
        ("sign", NodeKind.STEP, step("agree", "object", relation=Relation.SUPPORTING_BODIES)),
        ("review", NodeKind.STEP, step("conform", "not-conform", "ask-supplement")),
    ):
        keys[name] = sketch.add(kind, said)
    for source, target, *condition in (
        ("start", first), (first, "split"), ("split", "sign"), ("split", "review"),
        ("sign", "join"), ("review", "join"), ("join", "again"), ("again", "end"),
        ("again", first, f'{keys["sign"]} = "object"'),
    ):  # fmt: skip
        sketch.join(keys[source], keys[target], *condition)
    return sketch.process()


def named(state: State) -> list[tuple[str, str]]:
    return [(each.node, each.body) for each in engine.steps(state)]


def test_supporting_bodies_sign_side_by_side_and_an_objection_leads_back():
    process = small()
    submit, sign, review = process.steps()
    state = engine.begin(process, {}, BODIES)
    assert named(state) == [(submit, "")]
    state = engine.finish(state, engine.steps(state)[0].key, "submit", "someone")
    assert named(state) == [(sign, "finance"), (sign, "land"), (review, "")]
    for outcome in ("agree", "object", "conform"):
        state = engine.finish(state, engine.steps(state)[0].key, outcome, "someone")
    assert named(state) == [(submit, "")]
    for outcome in ("submit", "agree", "agree", "conform"):
        state = engine.finish(state, engine.steps(state)[0].key, outcome, "someone")
    assert state.has_ended
    assert engine.steps(state) == []
    assert [each.round for each in state.done] == [1, 1, 1, 1, 2, 2, 2, 2]


def test_without_supporting_bodies_their_step_is_passed():
    process = small()
    submit, _sign, review = process.steps()
    state = engine.begin(process, {})
    assert named(state) == [(submit, "")]
    state = engine.finish(state, engine.steps(state)[0].key, "submit", "someone")
    assert named(state) == [(review, "")]


def test_a_step_ends_once_and_only_as_it_can():
    state = engine.begin(small(), {}, BODIES)
    (first,) = engine.steps(state)
    after = engine.finish(state, first.key, "submit", "someone")
    with pytest.raises(NotWaiting):
        engine.finish(after, first.key, "submit", "someone")
    with pytest.raises(NotWaiting):
        engine.finish(after, "no such step", "submit", "someone")
    signing, *_others, review = engine.steps(after)
    for key, outcome in (
        (signing.key, "nobody"), (signing.key, "submit"), (review.key, "ask-supplement"),
    ):  # fmt: skip
        with pytest.raises(NotAnOutcome):
            engine.finish(after, key, outcome, "someone")


@pytest.mark.parametrize("key", ["Start", "End", "Root", "p", "节点"])
def test_a_step_may_bear_any_id(key: str):
    """Also one that the engine gives to nodes of its own."""
    lines = (
        node("startEvent", "s"), task(key), task("b"), node("endEvent", "e"),
        flow("s", key), flow(key, "b"), flow("b", "e"),
    )  # fmt: skip
    data = file(*lines).replace(b'process id="p"', b'process id="q"')
    process = read("x.bpmn", data).process
    assert process is not None
    state = engine.begin(process, {})
    for expected in (key, "b"):
        assert named(state) == [(expected, "")]
        state = engine.finish(state, engine.steps(state)[0].key, "submit", "someone")
    assert state.has_ended


def test_facts_on_which_the_course_depends_are_asked_for():
    sketch = Sketch()
    start, end, split = (
        sketch.add(kind) for kind in (NodeKind.START, NodeKind.END, NodeKind.CHOICE)
    )
    one = sketch.add(NodeKind.STEP, step("submit"))
    sketch.join(start, split)
    sketch.join(split, one, LAND.key)
    sketch.join(split, end)
    sketch.join(one, end)
    with pytest.raises(FactsMissing) as missing:
        engine.begin(sketch.process(), {})
    assert missing.value.args == (LAND.key,)
    with pytest.raises(FactError):
        engine.begin(sketch.process(), {LAND.key: "yes"})
    assert engine.begin(sketch.process(), {LAND.key: False}).has_ended
    assert not engine.begin(sketch.process(), {LAND.key: True}).has_ended


def second_round() -> None:
    process = small()
    _submit, sign, review = process.steps()
    state = engine.begin(process, {}, ("finance",))
    for outcome in ("submit", "object", "conform", "submit"):
        state = engine.finish(state, engine.steps(state)[0].key, outcome, "someone")
    for last, first in ((sign, "conform"), (review, "agree")):
        waits = engine.finish(
            state, next(s.key for s in engine.steps(state) if s.node != last), first, "someone"
        )
        assert [node for node, _body in named(waits)] == [last]


def test_in_a_second_round_a_join_waits_again_for_everybody():
    second_round()


def test_the_join_of_the_engine_itself_would_not_wait(monkeypatch: pytest.MonkeyPatch):
    """It takes an answer of the first round for one of the second. Should this fail one day, our
    own join has done its duty."""
    monkeypatch.setattr(engine._Parser, "OVERRIDE_PARSER_CLASSES", {})
    with pytest.raises(AssertionError):
        second_round()


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(sound(together=True), st.data())
def test_a_run_is_the_token_game_and_is_stored_at_each_step(process: Process, data: Any):
    bodies = BODIES[: data.draw(st.integers(1, 2))]
    land = data.draw(st.booleans())
    values: dict[str, Any] = {LAND.key: land}
    standing = begun(process, values)
    state = engine.begin(process, {LAND.key: land}, bodies)
    for _turn in range(12):
        state = State(state.text)
        assert state.has_ended == standing.ended
        found = engine.steps(state)
        assert sorted({each.node for each in found}) == sorted(waiting(process, standing.marking))
        if standing.ended:
            break
        node = data.draw(st.sampled_from(sorted({each.node for each in found})))
        said = []
        for each in [each for each in found if each.node == node]:
            said.append(
                data.draw(st.sampled_from([o for o in each.step.outcomes if o != "nobody"]))
            )
            state = engine.finish(State(state.text), each.key, said[-1], "someone")
        values[node] = joint_outcome(said) if process.steps()[node].together else said[0]
        standing = done(process, standing.marking, node, values)


def test_a_case_ends_by_the_edition_with_which_it_began():
    state = engine.begin(small(), {}, BODIES)
    changed = json.loads(state.text)
    assert [each["key"] for each in changed["process"]["nodes"]] == list(small().nodes)
    assert list(state.process.nodes) == list(small().nodes)
    later = engine.finish(State(state.text), engine.steps(state)[0].key, "submit", "someone")
    assert keeping.kept(later.process) == keeping.kept(small())


def test_what_is_kept_of_a_process_is_all_of_it():
    lines = (
        node("startEvent", "s"), task("a", clock="5", escalates_to="body:x/y", documents="d e"),
        node("endEvent", "e"), flow("s", "a"), flow("a", "e"),
    )  # fmt: skip
    process = read("x.bpmn", file(*lines)).process
    assert process is not None
    again = keeping.restored(json.loads(json.dumps(keeping.kept(process))))
    assert again.steps() == process.steps()
    assert [(f.key, f.source, f.target) for f in again.flows.values()] == [
        ("s-a", "s", "a"), ("a-e", "a", "e"),
    ]  # fmt: skip


def test_states_of_the_first_format_can_still_be_read():
    """`state-1.json` is a state as it was written then; it is never made anew."""
    state = State(KEPT.read_text(encoding="utf-8"))
    assert json.loads(state.text)["format"] == 1
    assert named(state)[0][1] == "finance"
    assert len(named(state)) == 3
    for outcome in ("agree", "agree", "conform"):
        state = engine.finish(state, engine.steps(state)[0].key, outcome, "someone")
    assert state.has_ended


def test_a_format_that_is_not_known_is_refused():
    text = json.dumps({**json.loads(KEPT.read_text(encoding="utf-8")), "format": 99})
    with pytest.raises(ValueError, match="99"):
        engine.steps(State(text))


def test_the_engine_is_given_no_python_to_run():
    """What it asks for is answered by key; an expression it makes up itself is refused."""
    answers = engine._Answers(small(), {}, {}, BODIES)
    with pytest.raises(KeyError):
        answers.evaluate(None, "__import__('os').getcwd()")
    refused: list[tuple[Callable[..., object], tuple[object, ...]]] = [
        (answers.execute, (None, "open('x', 'w')")),
        (answers.call_service, (None,)),
        (answers.environment.evaluate, ("1", {})),
        (answers.environment.execute, ("1", {})),
        (answers.environment.call_service, ({},)),
    ]
    for call, arguments in refused:
        with pytest.raises(PermissionError):
            call(*arguments)
