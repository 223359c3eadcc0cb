"""Cases run by SpiffWorkflow, behind four functions. No other module knows it.

`begin` a case, look at its waiting `steps`, `finish` one with an outcome; a `State` is a text that
is stored and read again. The process stands inside the text, so a case ends by the edition under
which it began. The engine moves tokens; what the conditions say, it asks us; scripts it is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.parser.task_parsers import GatewayParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default import ParallelGatewayConverter
from SpiffWorkflow.bpmn.specs.defaults import ParallelGateway

from throughline.procedures.bpmn.writing import EACH_BODY, NODE, write
from throughline.procedures.rules.facts import Facts, Value, fact
from throughline.procedures.rules.keeping import Kept, kept, kept_fact, restored
from throughline.procedures.rules.kinds import joint_outcome
from throughline.procedures.rules.process import Process, Step

FORMAT = 1
"""Of our text. When it changes, `_migrated` turns the older ones into it; none is given up."""


class Join(ParallelGateway):  # type: ignore[misc]
    """A parallel gateway that goes on when a token lies on each flow into it.

    The engine's own one looks at which nodes before it were ever passed: in a part that a case
    comes back to, it takes those of the round before for those of this one, and goes on while
    somebody has still to answer (`test_engine.py` shows it).
    """

    def _update_hook(self, my_task: Any) -> bool:
        before = [
            task
            for task in my_task.workflow.get_tasks(state=TaskState.WAITING)
            if task.task_spec is self and task is not my_task
        ]
        came = [task.parent.task_spec for task in (*before, my_task)]
        if any(came.count(node) < self.inputs.count(node) for node in self.inputs):
            my_task._set_state(TaskState.WAITING)
            return False
        for task in before:
            task.cancel()
        my_task._inherit_data()
        return True

    def _run_hook(self, my_task: Any) -> bool:
        return True


class _Parser(BpmnParser):  # type: ignore[misc]
    OVERRIDE_PARSER_CLASSES: Mapping[str, Any] = {
        full_tag("parallelGateway"): (GatewayParser, Join),
    }


_SERIALIZER = BpmnWorkflowSerializer(
    BpmnWorkflowSerializer.configure({**DEFAULT_CONFIG, Join: ParallelGatewayConverter})
)


class NotWaiting(Exception):
    """Nobody waits for this: the step was ended meanwhile, or never began."""


class NotAnOutcome(Exception):
    """A step does not end in this."""


class FactsMissing(Exception):
    """A case does not state what its course depends on; the names are the arguments."""


@dataclass(frozen=True)
class Waiting:
    """A step that waits for somebody. Of a step for all supporting bodies there is one for each
    `body`. `key` names it in its case; `node` names the step in the process."""

    key: str
    node: str
    step: Step
    body: str = ""


@dataclass(frozen=True)
class Done:
    """A step that was ended: by whom, how, for which body where there were several, and in which
    round: a case that comes back comes by again."""

    node: str
    outcome: str
    by: str
    body: str = ""
    round: int = 1


@dataclass(frozen=True)
class State:
    """Where a case stands, as a text to store."""

    text: str

    @cached_property
    def _kept(self) -> Kept:
        return _migrated(json.loads(self.text))

    @cached_property
    def process(self) -> Process:
        """The procedure under which the case began."""
        return restored(self._kept["process"])

    @cached_property
    def facts(self) -> dict[str, Value]:
        """What the case stated when it began."""
        facts = self.process.facts
        return {key: fact(facts[key], value) for key, value in self._kept["facts"].items()}

    @property
    def bodies(self) -> tuple[str, ...]:
        """The supporting bodies as they were when the case began."""
        return tuple(self._kept["bodies"])

    @cached_property
    def done(self) -> tuple[Done, ...]:
        """What was done, in order."""
        return tuple(Done(**each) for each in self._kept["done"])

    @property
    def has_ended(self) -> bool:
        """Whether the case has come to an end of the procedure."""
        return bool(self._kept["ended"])


def begin(process: Process, facts: Mapping[str, object], bodies: Sequence[str] = ()) -> State:
    """Begin a case. `facts` are checked against the process; `bodies` are the keys of those that
    support, each of which will be asked where a step is for all of them."""
    missing = [name for name in process.facts_named if name not in facts]
    if missing:
        raise FactsMissing(*missing)
    typed = {
        key: fact(process.facts[key], given) for key, given in facts.items() if key in process.facts
    }
    bodies = list(dict.fromkeys(bodies))
    parser = _Parser()
    parser.add_bpmn_str(write(process).encode())
    answers = _Answers(process, typed, {}, bodies)
    workflow = BpmnWorkflow(parser.get_spec(process.key), script_engine=answers)
    workflow.do_engine_steps()
    return _state(process, typed, bodies, (), workflow)


def steps(state: State) -> list[Waiting]:
    """The steps that wait, in the order of the procedure."""
    workflow = _workflow(state, {})
    found = [_waiting(state, task) for task in _ready(workflow)]
    nodes, bodies = list(state.process.nodes), ["", *state.bodies]
    return sorted(found, key=lambda each: (nodes.index(each.node), bodies.index(each.body)))


def finish(state: State, key: str, outcome: str, by: str) -> State:
    """End a step that waits, in one of its outcomes; `by` is whoever did it, as the caller names
    him. The same step cannot be ended twice."""
    workflow = _workflow(state, {})
    task = next((task for task in _ready(workflow) if str(task.id) == key), None)
    if task is None:
        raise NotWaiting(key)
    waiting = _waiting(state, task)
    if outcome not in {verb.value for verb in waiting.step.verbs} & set(waiting.step.outcomes):
        raise NotAnOutcome(outcome)
    before = [each for each in state.done if (each.node, each.body) == (waiting.node, waiting.body)]
    now = Done(waiting.node, outcome, by, waiting.body, len(before) + 1)
    done = (*state.done, now)
    workflow.script_engine = _Answers(
        state.process, state.facts, outcomes(state.process, done, state.bodies), state.bodies
    )
    task.run()
    workflow.do_engine_steps()
    return _state(state.process, state.facts, state.bodies, done, workflow)


def outcomes(process: Process, done: Sequence[Done], bodies: Sequence[str]) -> dict[str, str]:
    """How each step ended last; one for several bodies when all of them have answered. Where there
    are none, it ends as if nobody had to be asked."""
    found: dict[str, str] = {}
    for key, step in process.steps().items():
        own = [each for each in done if each.node == key]
        if step.together:
            whole = len(own) - len(own) % len(bodies) if bodies else 0
            last = own[whole - len(bodies) : whole]
            if last or not bodies:
                found[key] = joint_outcome(each.outcome for each in last)
        elif own:
            found[key] = own[-1].outcome
    return found


def _ready(workflow: Any) -> list[Any]:
    return [task for task in workflow.get_tasks(state=TaskState.READY) if task.task_spec.manual]


def _waiting(state: State, task: Any) -> Waiting:
    node = task.task_spec.name.removesuffix(" [child]").removeprefix(NODE)
    number = task.internal_data.get("key_or_index")
    body = "" if number is None else state.bodies[number]
    return Waiting(str(task.id), node, state.process.steps()[node], body)


def _workflow(state: State, said: Mapping[str, str]) -> Any:
    workflow = _SERIALIZER.from_dict(_spiff(state))
    workflow.script_engine = _Answers(state.process, state.facts, said, state.bodies)
    return workflow


def _spiff(state: State) -> dict[str, Any]:
    """The engine's part of a state, as its own version writes it."""
    found: dict[str, Any] = json.loads(json.dumps(state._kept["workflow"]))
    _SERIALIZER.migrate(found)
    return found


def _state(
    process: Process, facts: Facts, bodies: Sequence[str], done: Sequence[Done], workflow: Any
) -> State:
    text = json.dumps(
        {
            "format": FORMAT,
            "process": kept(process),
            "facts": {key: kept_fact(value) for key, value in facts.items()},
            "bodies": list(bodies),
            "done": [vars(each) for each in done],
            "ended": workflow.completed,
            "workflow": json.loads(_SERIALIZER.serialize_json(workflow)),
        },
        ensure_ascii=False,
        sort_keys=True,
    )
    return State(text)


def _migrated(given: Kept) -> Kept:
    """A text of any format that there was, as one of today's."""
    if given["format"] != FORMAT:
        raise ValueError(f"a state of format {given['format']}, which this release does not know")
    return given


class _Refusing(BasePythonScriptEngineEnvironment):  # type: ignore[misc]
    """Runs nothing."""

    def evaluate(self, *_arguments: Any, **_more: Any) -> NoReturn:
        raise PermissionError("a procedure runs no expression of its own")

    def execute(self, *_arguments: Any, **_more: Any) -> NoReturn:
        raise PermissionError("a procedure runs no script")

    def call_service(self, *_arguments: Any, **_more: Any) -> NoReturn:
        raise PermissionError("a procedure calls no service")


class _Answers(PythonScriptEngine):  # type: ignore[misc]
    """What the engine asks: whether the condition of a flow holds, and how many bodies there are.
    In place of its Python."""

    def __init__(
        self, process: Process, facts: Facts, said: Mapping[str, str], bodies: Sequence[str]
    ) -> None:
        super().__init__(_Refusing())
        self.process = process
        self.values: dict[str, Value] = {**facts, **said}
        self.bodies = bodies

    def validate(self, expression: str) -> None:
        """Nothing to see to: expressions are keys, and ours."""

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> bool | int:
        """Answer by our own rules."""
        if expression == EACH_BODY:
            return len(self.bodies)
        holds = self.process.conditions[expression].holds(self.values)
        if holds is None:
            raise LookupError(f"the condition of {expression} asks for what is not known")
        return holds

    def execute(self, task: Any, script: str, external_context: Any = None) -> NoReturn:
        """Refuse."""
        raise PermissionError("a procedure runs no script")

    def call_service(self, task: Any, **arguments: Any) -> NoReturn:
        """Refuse."""
        raise PermissionError("a procedure calls no service")
