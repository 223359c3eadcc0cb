"""What we add to BPMN: one element on each task that says who acts, by which rule, and how.

```
<bpmn:userTask id="legality-review" name="合法性审核">
  <bpmn:extensionElements>
    <t:step xmlns:t="urn:throughline:procedure:1" actor="legal-office" clock="15"
            escalates-to="body:ndrc/head" verbs="conform not-conform ask-supplement"
            documents="draft explanation">
      <t:title en="Review of legality" zh="合法性审核"/>
      <t:basis en="…" zh="…"/>
    </t:step>
  </bpmn:extensionElements>
```
"""

from __future__ import annotations

import re
from typing import Protocol

from throughline.procedures.bpmn.xml import Element
from throughline.procedures.rules.kinds import OF_THE_CASE, Relation, Verb, outcomes_of
from throughline.procedures.rules.process import Actor, Basis, Step, Words

OURS = "urn:throughline:procedure:1"
LONGEST_CLOCK = 500

_ATTRIBUTES = ("actor", "clock", "escalates-to", "verbs", "documents")
_CHILDREN = ("title", "basis")
_ACTOR = re.compile(
    r"(?:(?P<relation>[a-z]+(?:-[a-z]+)*)|body:(?P<body>[a-z0-9]+(?:-[a-z0-9]+)*))"
    r"(?:/(?P<post>[a-z0-9]+(?:[-_][a-z0-9]+)*))?"
)


class Find(Protocol):
    """How a finding at an element is reported."""

    def __call__(self, kind: str, at: Element, **about: object) -> None:
        """Report it."""


def read_step(find: Find, task: Element) -> Step | None:
    """What a task says of itself; none where it says nothing that can be read."""
    own = [
        each
        for child in task.children
        if child.name == "extensionElements"
        for each in child.children
        if each.namespace == OURS
    ]
    if len(own) != 1 or own[0].name != "step":
        find("no_step" if not own else "one_step", own[-1] if own else task)
        return None
    element = own[0]
    _known(find, element)
    actor = _actor(find, element, "actor")
    verbs = _verbs(find, element)
    title = _words(find, element, "title")
    clock = _clock(find, element)
    superior = (
        _actor(find, element, "escalates-to") if "escalates-to" in element.attributes else None
    )
    if superior and (not superior.post or superior.relation in OF_THE_CASE):
        find("no_post", element, found=superior.key)
    if (clock is None) != ("escalates-to" not in element.attributes):
        find("clock_without_end", element)
    if actor is None or verbs is None or not title:
        return None
    return Step(
        title=title[0].words,
        actor=actor,
        verbs=verbs,
        basis=tuple(_words(find, element, "basis")),
        documents=tuple(element.attributes.get("documents", "").split()),
        clock=clock,
        escalates_to=superior,
    )


def _known(find: Find, element: Element) -> None:
    for name in element.attributes:
        if name not in _ATTRIBUTES:
            find("unknown_attribute", element, found=name, known=_ATTRIBUTES)
    for child in element.children:
        if child.namespace != OURS or child.name not in _CHILDREN:
            find("unknown_part", child, found=child.name, known=_CHILDREN)


def _actor(find: Find, element: Element, name: str) -> Actor | None:
    written = element.attributes.get(name, "")
    if not written:
        find("no_actor", element)
        return None
    found = _ACTOR.fullmatch(written)
    relations = tuple(relation.value for relation in Relation)
    if found is None or (found["relation"] and found["relation"] not in relations):
        find("unknown_actor", element, found=written, known=relations)
        return None
    relation = Relation(found["relation"]) if found["relation"] else None
    return Actor(relation, found["body"] or "", found["post"] or "")


def _verbs(find: Find, element: Element) -> tuple[Verb, ...] | None:
    words = element.attributes.get("verbs", "").split()
    known = tuple(verb.value for verb in Verb)
    for word in words:
        if word not in known:
            find("unknown_verb", element, found=word, known=known)
    verbs = tuple(dict.fromkeys(Verb(word) for word in words if word in known))
    if not outcomes_of(verbs):
        find("no_outcome", element)
        return None
    return verbs


def _clock(find: Find, element: Element) -> int | None:
    written = element.attributes.get("clock")
    if written is None:
        return None
    if not re.fullmatch("[1-9][0-9]{0,2}", written) or int(written) > LONGEST_CLOCK:
        find("bad_clock", element, found=written, most=LONGEST_CLOCK)
        return None
    return int(written)


def _words(find: Find, element: Element, name: str) -> list[Basis]:
    found: list[Basis] = []
    for child in element.children:
        if child.namespace != OURS or child.name != name:
            continue
        words: Words = {
            key: text for key, text in child.attributes.items() if key != "illustrative"
        }
        if not words or not all(text.strip() for text in words.values()):
            find("no_words", child, found=name)
        found.append(Basis(words, child.attributes.get("illustrative") == "true"))
    if name == "title" and len(found) != 1:
        find("one_title", element)
    return found
