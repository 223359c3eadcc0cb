"""Who gets what answer from which endpoint: one case for each kind of request there is.

A new endpoint needs a case here, or the build fails. `who` gives the status by member of the
cast; a page sends nobody to sign in (302), the API refuses nobody (401). Where a row is
invisible the answer is 404; where it is visible and the act is not permitted, 403.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import timedelta
from typing import Any

from tests.cases import at
from tests.cast import PARTS
from tests.permissions.endpoints import Request
from tests.world import World
from throughline.bodies.models import Holding, Relation
from throughline.kernel import clock
from throughline.plans.models import Element, Thread
from throughline.procedures.models import AddedSigner
from throughline.projects.models import Contract, ProgressPicture

MEMBERS = (*PARTS, "nobody")

NATION = {"coordinator", "leads", "supports", "uninvolved", "office", "top"}
"""Those of bodies at the top."""
EVERYWHERE = {"coordinator", "leads", "supports", "top"}
"""Those who see figures for the line at every place: the government at the top, in whose line
all places lie, and the departments that have a part in the indicator. A department at the top
without a part sees those of its own place alone, which is the nation."""
LINE_OF_N111 = EVERYWHERE | {"auditor", "province", "prefecture", "county"}
"""Those who see figures of N111 that are for its line, and read what it says for its line."""
LINE_OF_N112 = LINE_OF_N111 - {"county"}
GOVERNMENTS = {"top", "province", "sibling", "prefecture", "county"}
"""Those whose body answers for a whole place."""
OPEN_JOBS = {"coordinator", "leads", "supports", "auditor"}
"""Those who see `jobs` everywhere: they have a part in it."""
LINE_OF_N2 = EVERYWHERE | {"auditor", "sibling"}
SEES_DRAFT_PLANS = {"coordinator", "auditor"}

Statuses = dict[str, int]
Filled = Callable[[World], Mapping[str, Any]]
Sent = Callable[[World], Any]
"""What is sent to an operation: an object, or several in a list."""


def page(status: int = 200, **others: int) -> Statuses:
    """A page for all who are signed in, `others` excepted."""
    return dict.fromkeys(MEMBERS, status) | {"nobody": 302} | others


def api(status: int = 200, **others: int) -> Statuses:
    """An operation of the API for all who are signed in, `others` excepted."""
    return dict.fromkeys(MEMBERS, status) | {"nobody": 401} | others


def all_alike(status: int) -> Statuses:
    """The same answer for everybody, signed in or not."""
    return dict.fromkeys(MEMBERS, status)


def some(members: set[str], status: int = 200, rest: int = 404) -> Statuses:
    """One answer for some, another for the rest."""
    return {name: status if name in members else rest for name in MEMBERS}


def by_page(members: set[str], status: int = 200, rest: int = 404) -> Statuses:
    """A page for some; nobody is sent to sign in."""
    return some(members, status, rest) | {"nobody": 302}


def by_api(members: set[str], status: int = 200, rest: int = 404) -> Statuses:
    """An operation for some; nobody is refused."""
    return some(members, status, rest) | {"nobody": 401}


def nothing(_world: World) -> Mapping[str, Any]:
    """No arguments."""
    return {}


def given(**values: Any) -> Filled:
    """The same arguments in every world."""
    return lambda _world: values


@dataclass(frozen=True)
class Case:
    """A request, filled in from the world, and the status that each member gets."""

    endpoint: str
    who: Statuses
    method: str = "GET"
    arguments: Filled = nothing
    query: Mapping[str, str] = dataclass_field(default_factory=dict)
    form: Filled | None = None
    payload: Sent | None = None
    note: str = ""
    scopes: frozenset[str] | None = None
    """By a token with these scopes, instead of a session."""
    lasting: bool = True
    """Whether the answer says the same when it is asked again."""

    def __str__(self) -> str:
        words = [self.method, self.endpoint, *(f"{k}={v}" for k, v in self.query.items())]
        words += [f"token {'+'.join(sorted(self.scopes))}"] if self.scopes is not None else []
        words += [f"#{CASES.index(self)}"]
        return " ".join([*words, f"({self.note})"] if self.note else words)

    def request(self, world: World) -> Request:
        """The request in a world."""
        return Request(
            self.endpoint,
            self.method,
            self.arguments(world),
            self.query,
            self.form(world) if self.form else None,
            self.payload(world) if self.payload else None,
        )


def in_a_month(_world: World) -> Mapping[str, Any]:
    """A token that is asked for."""
    ends = clock.now() + timedelta(days=30)
    return {"name": "t", "scopes": ["read"], "expires_at": ends.isoformat()}


# -- everybody's ---------------------------------------------------------------------------

OPEN = [
    Case("healthz", all_alike(200)),
    Case("readyz", all_alike(200)),
    Case("components", all_alike(200), note="on purpose: examples of components, and no data"),
    Case("api:openapi-json", all_alike(200)),
    Case("api:api-root", all_alike(404)),
    Case("set_language", all_alike(302), "POST", form=given(language="en", next="/sign-in")),
    Case("set_language", all_alike(302), note="changes nothing"),
    Case("home", all_alike(302)),
]

ANY_METHOD = {"api:api-root", "api:openapi-json", "components", "home", "set_language"}
"""Endpoints that answer every method like a GET, and change nothing by it."""

# -- one's own -----------------------------------------------------------------------------

HOLDERS = set(PARTS) - {"former"}

OWN = [
    Case("sign-in", page(302, nobody=200)),
    Case("sign-in", all_alike(401), "POST", form=given(login="nobody", password="wrong")),
    Case("sign-out", all_alike(302), "POST"),
    Case("my-work", page()),
    Case("save-draft", page(), "POST", form=given(form="f", url="/", content='{"a": "b"}')),
    Case("account", page()),
    Case(
        "switch-post",
        by_page({"county"}, 302, rest=404),
        "POST",
        form=lambda world: {"post": world.cast.county.post.pk},
    ),
    Case("account-language", page(302), "POST", form=given(language="zh-hans")),
    Case("change-password", page(422), "POST", form=given(old="wrong", password="x", again="x")),
    Case("issue-token", page(200, former=404), "POST", form=given(name="t", days="30")),
    Case(
        "revoke-token",
        by_page({"county", "administrator"}, 302),
        "POST",
        arguments=lambda world: {"token": world.tokens["county"].pk},
    ),
    Case("first-password", page(302), note="who has none is led on"),
    Case("first-password", page(302), "POST", form=given(password="x", again="x")),
    Case("api:me", api()),
    Case("api:list_tokens", api()),
    Case(
        "api:issue_token",
        api(201, former=404),
        "POST",
        payload=in_a_month,
    ),
    Case(
        "api:revoke_token",
        by_api({"county", "administrator"}),
        "POST",
        arguments=lambda world: {"id": world.tokens["county"].pk},
    ),
]

# -- places and bodies ---------------------------------------------------------------------

DIRECTORY = [
    Case("api:find_places", api(), arguments=given(scheme="land"), query={"words": "Place"}),
    Case("api:get_place", api(), arguments=given(scheme="land", code="N11")),
    Case("api:list_bodies", api()),
    Case("api:get_body", by_api(HOLDERS), arguments=given(key="cabinet")),
]

# -- the administration of people and bodies -------------------------------------------------

ADMINISTRATOR = {"administrator"}
LISTS_PEOPLE = {"administrator", "auditor"}


def person_of(member: str) -> Filled:
    """The address of a member of the cast."""
    return lambda world: {"person": getattr(world.cast, member).person.opaque}


def only(member: str, status: int, rest: int = 403) -> Statuses:
    """A page for one; the others are refused by a rule, nobody is sent to sign in."""
    return by_page({member}, status, rest)


def api_only(member: str, status: int = 200, rest: int = 403) -> Statuses:
    """The same at the API."""
    return by_api({member}, status, rest)


def county_holding(world: World) -> Mapping[str, Any]:
    """The county's time in its post."""
    return {"holding": Holding.objects.get(person=world.cast.county.person).pk}


def county_holding_id(world: World) -> Mapping[str, Any]:
    """The same, as the API names it."""
    return {"id": county_holding(world)["holding"]}


def county_relation(world: World) -> int:
    """The relation by which the prefecture's government leads the county's."""
    return Relation.objects.get(subordinate=world.cast.bodies["n111-government"]).pk


def appointment(world: World) -> Mapping[str, Any]:
    """The county's officer for the prefecture's post."""
    return {
        "person": world.cast.county.person.opaque, "post": world.cast.prefecture.post.pk,
        "valid_from": "2022-01-01",
    }  # fmt: skip


def place_key(world: World) -> str:
    """What a form sends for the place N11."""
    return str(world.cast.places["N11"].pk)


BODY = given(key="n111-government")
COUNTY = person_of("county")
TO = {"valid_to": "2030-01-01"}
NAMES = {"name_en": "New name", "name_zh": "新名"}
HOLDERS_READ = by_page(HOLDERS)

PEOPLE = [
    Case("people", by_page(LISTS_PEOPLE, rest=403)),
    Case("people", by_page(LISTS_PEOPLE, rest=403), query={"words": "姓名", "body": "n111"}),
    Case("people", by_page(LISTS_PEOPLE, rest=403), query={"state": "inactive", "sort": "-name"}),
    Case("person", by_page(LISTS_PEOPLE, rest=403), arguments=COUNTY),
    Case("person", by_page(LISTS_PEOPLE, rest=403), arguments=person_of("auditor")),
    Case("create-person", only("administrator", 200)),
    Case("create-person", only("administrator", 200), "POST", form=given(login="new")),
    Case("correct-person", only("administrator", 200), arguments=COUNTY),
    Case("correct-person", only("administrator", 302), "POST", COUNTY, form=given(name="新")),
    Case("correct-person", all_alike(403) | {"nobody": 302}, arguments=person_of("auditor")),
    Case("reset-password", only("administrator", 200), arguments=COUNTY),
    Case("reset-password", only("administrator", 200), "POST", COUNTY, form=given(sure="yes")),
    Case("deactivate-person", only("administrator", 302), "POST", COUNTY),
    Case("reactivate-person", only("administrator", 409), "POST", COUNTY, note="is active"),
    Case("blank-person", only("administrator", 200), arguments=COUNTY),
    Case("blank-person", only("administrator", 302), "POST", COUNTY, form=given(login="county")),
    Case("appoint-person", only("administrator", 200)),
    Case("appoint-person", only("administrator", 302), "POST", form=appointment),
    Case("end-holding", only("administrator", 200), arguments=county_holding),
    Case("end-holding", only("administrator", 302), "POST", county_holding, form=given(**TO)),
    Case(
        "reopen-holding",
        only("administrator", 409),
        "POST",
        county_holding,
        form=given(seen="2030-01-01"),
        note="has no end",
    ),
    Case("find-options", only("administrator", 200), arguments=given(source="people"),
         query={"field": "person", "person-words": "county"}),
    Case("find-options", only("administrator", 200), arguments=given(source="posts"),
         query={"field": "post", "post-words": "government"}),
    Case("find-options", page(), arguments=given(source="bodies"),
         query={"field": "body", "body-words": "government"}),
    Case("api:list_people", by_api(LISTS_PEOPLE, rest=403)),
    Case("api:list_people", by_api(LISTS_PEOPLE, rest=403), query={"words": "county"}),
    Case("api:get_person", by_api(LISTS_PEOPLE, rest=403), arguments=COUNTY),
    Case("api:create_person", api_only("administrator", 201), "POST", payload=given(login="new")),
    Case("api:correct_person", api_only("administrator"), "POST", COUNTY, payload=given(name="新")),
    Case("api:reset_password", api_only("administrator"), "POST", COUNTY),
    Case("api:deactivate_person", api_only("administrator"), "POST", COUNTY),
    Case("api:reactivate_person", api_only("administrator", 409), "POST", COUNTY),
    Case("api:blank_person", api_only("administrator"), "POST", COUNTY),
    Case("api:appoint_person", api_only("administrator", 201), "POST", payload=appointment),
    Case("api:end_holding", api_only("administrator"), "POST", county_holding_id,
         payload=given(**TO)),
    Case("api:reopen_holding", api_only("administrator", 409), "POST", county_holding_id,
         payload=given(seen="2030-01-01")),
]  # fmt: skip

BODIES = [
    Case("bodies", page()),
    Case("bodies", page(), query={"words": "government", "place": "N11", "scheme": "all"}),
    Case("body", HOLDERS_READ, arguments=BODY),
    Case("create-body", only("administrator", 200)),
    Case(
        "create-body",
        only("administrator", 302),
        "POST",
        form=lambda world: {**NAMES, "key": "new", "kind": "office", "place": place_key(world)},
    ),
    Case("correct-body", only("administrator", 200) | {"former": 404}, arguments=BODY),
    Case("correct-body", only("administrator", 302) | {"former": 404}, "POST", BODY,
         form=given(**NAMES)),
    Case("create-post", only("administrator", 200) | {"former": 404}, arguments=BODY),
    Case("create-post", only("administrator", 302) | {"former": 404}, "POST", BODY,
         form=given(key="new", title_zh="科员")),
    Case("relate-bodies", only("administrator", 200) | {"former": 404}, arguments=BODY),
    Case("relate-bodies", only("administrator", 302) | {"former": 404}, "POST", BODY,
         form=given(superior="cabinet", kind="guides")),
    Case("end-relation", only("administrator", 200),
         arguments=lambda world: {"relation": county_relation(world)}),
    Case("end-relation", only("administrator", 302), "POST",
         lambda world: {"relation": county_relation(world)}, form=given(**TO)),
    Case("end-body", only("administrator", 200) | {"former": 404}, arguments=BODY),
    Case("end-body", only("administrator", 302) | {"former": 404}, "POST", BODY,
         form=given(key="n111-government", **TO)),
    Case("api:create_body", api_only("administrator", 201), "POST",
         payload=given(key="new", kind="office", scheme="land", place="N11", **NAMES)),
    Case("api:correct_body", api_only("administrator") | {"former": 404}, "POST", BODY,
         payload=given(**NAMES)),
    Case("api:end_body", api_only("administrator") | {"former": 404}, "POST", BODY,
         payload=given(**TO)),
    Case("api:create_post", api_only("administrator", 201) | {"former": 404}, "POST", BODY,
         payload=given(key="new", title_zh="科员", duties=["read"])),
    Case("api:relate_bodies", api_only("administrator", 201) | {"former": 404}, "POST",
         payload=given(superior="cabinet", subordinate="n111-government", kind="guides")),
    Case("api:end_relation", api_only("administrator"), "POST",
         lambda world: {"id": county_relation(world)}, payload=given(**TO)),
]  # fmt: skip

# -- the search ------------------------------------------------------------------------------

SEARCHED = ("Place", "secret plan", "new", "N2", "sibling", "姓", "jobs", "csv")
SEARCH = [
    Case("search", page()),
    Case("search", page(404), query={"q": "x", "kind": "nothing-such"}),
    Case("search", page(), query={"q": "n1", "kind": "places", "page": "1"}),
    *[Case("search", page(), query={"q": words}) for words in SEARCHED],
    *[Case("search-suggestions", page(), query={"q": words}) for words in SEARCHED],
    *[Case("api:search", api(), query={"q": words}) for words in SEARCHED],
]

# -- plans ---------------------------------------------------------------------------------

GROWTH = given(plan="growth")
TASK = given(plan="growth", key="task")

PLANS = [
    Case("plans", page()),
    Case("plan", page(), arguments=GROWTH),
    Case("plan", page(), arguments=GROWTH, query={"words": "jobs", "kind": "indicator"}),
    Case("plan", page(), arguments=GROWTH, query={"version": "1"}),
    Case("plan", by_page(SEES_DRAFT_PLANS), arguments=GROWTH, query={"version": "3"}),
    Case("plan", page(404), arguments=given(plan="secret"), note="never in force"),
    Case("plan", by_page(SEES_DRAFT_PLANS), arguments=given(plan="secret"), query={"version": "1"}),
    Case("element", page(), arguments=given(plan="growth", key="jobs")),
    Case(
        "element",
        by_page(SEES_DRAFT_PLANS),
        arguments=given(plan="growth", key="jobs"),
        query={"version": "3"},
    ),
    Case("throughline", page(), arguments=TASK),
    Case("throughline", page(404), arguments=given(plan="growth", key="nothing")),
    Case("throughline", page(404), arguments=given(plan="secret", key="task")),
    Case(
        "throughline",
        by_page(LINE_OF_N111),
        arguments=TASK,
        query={"at": "N1"},
    ),
    Case("throughline", by_page(LINE_OF_N2), arguments=TASK, query={"at": "N21"}),
    Case("throughline", page(422), arguments=TASK, query={"on": "soon"}),
    Case("throughline-export", page(), arguments=lambda world: {**TASK(world), "form": "csv"}),
    Case(
        "throughline-export",
        page(),
        arguments=lambda world: {**TASK(world), "form": "xlsx"},
        lasting=False,
    ),
    Case("throughline-export", page(404), arguments=lambda world: {**TASK(world), "form": "pdf"}),
    Case("throughline-urge", only("coordinator", 200), arguments=TASK),
    Case(
        "throughline-urge",
        only("coordinator", 302),
        "POST",
        TASK,
        form=lambda world: {"assignments": [world.assignments["received"].pk], "words": "Soon?"},
    ),
    Case("api:get_throughline", api(), arguments=TASK),
    Case("api:get_throughline", by_api(LINE_OF_N2), arguments=TASK, query={"at": "N21"}),
    Case("api:list_plans", api()),
    Case("api:list_elements", api(), arguments=GROWTH),
    Case("api:list_elements", api(404), arguments=given(plan="secret")),
    Case("api:get_element", api(), arguments=given(plan="growth", key="jobs")),
    Case("api:list_indicators", api()),
    Case("api:list_bridges", api(), arguments=given(key="jobs")),
    Case("api:list_targets", api(), arguments=given(key="jobs")),
]

# -- figures -------------------------------------------------------------------------------


def jobs_of_n111(world: World, **changed: Any) -> Mapping[str, Any]:
    """A county's own figure, for the line, superseding the one that stands."""
    return {
        "series": "jobs-reported", "place": "N111", "period": "2020", "value": 11.0,
        "status": "unreviewed", "note": "counted again",
        "supersedes": world.standing("jobs-reported", "N111", "2020").pk,
    } | changed  # fmt: skip


def people_of_n111(world: World) -> Mapping[str, Any]:
    """An official figure, which is public."""
    standing = world.standing("people-official", "N111", "2020").pk
    return jobs_of_n111(world, series="people-official", value=1001.0, supersedes=standing)


def answer(status: int, *members: str) -> Statuses:
    """A status for members by name."""
    return dict.fromkeys(members, status)


RECORD = {"coordinator", "leads", "supports", "province", "prefecture", "county"}
"""Those who may record the figure that N111 reports: itself and those above who report."""


def form_of(payload: Filled) -> Filled:
    """What a form sends of what the API would be sent."""
    return lambda world: {name: str(value) for name, value in payload(world).items()}


def figure_of(indicator: str, unit: str, period: str = "2020") -> Filled:
    """The address of the page behind a number."""
    return given(scheme="land", indicator=indicator, unit=unit, period=period)


def value_of(indicator: str, unit: str, who: Statuses, **query: str) -> Case:
    """Asking the API where an indicator stands."""
    asked = {"unit": unit, "period": "2020"} | query
    return Case("api:get_value", who, arguments=given(key=indicator), query=asked)


def history_of(series: str, place: str, who: Statuses, period: str = "2020") -> Case:
    """Asking the API for the history of a figure."""
    asked = {"series": series, "place": place, "period": period}
    return Case("api:list_observations", who, query=asked)


FIGURES = [
    Case(
        "api:list_confidence",
        by_api(LINE_OF_N111),
        arguments=given(key="jobs"),
        query={"unit": "N111"},
    ),
    Case(
        "api:list_confidence",
        api(404),
        arguments=given(key="jobs"),
        query={"unit": "N2"},
        note="no target there",
    ),
    Case(
        "api:post_confidence",
        by_api({"county"}, 201) | answer(403, *(LINE_OF_N111 - {"county"})),
        "POST",
        given(key="jobs"),
        payload=given(unit="N111", confidence="low", reason="So it is"),
    ),
    value_of("jobs", "N111", by_api(LINE_OF_N111)),
    value_of("jobs", "N112", by_api(LINE_OF_N112)),
    value_of("jobs", "N2", by_api(LINE_OF_N2)),
    value_of("urban-rate", "N2", api()),
    value_of("people", "N111", api(), period="2022"),
    value_of("people", "N", api(), position="1"),
    *[Case("api:get_status", api(), arguments=GROWTH, query={"unit": u}) for u in ("N111", "N2")],
    history_of("jobs-reported", "N111", by_api(LINE_OF_N111)),
    history_of("people-official", "N211", api()),
    history_of("people-official", "N111", api(), period="2021"),
    Case(
        "api:post_observation",
        by_api(RECORD, 201) | answer(403, "top", "auditor"),
        "POST",
        payload=jobs_of_n111,
        note="of N111 for the line",
    ),
    Case(
        "api:post_observation",
        by_api({"coordinator", "leads", "supports", "province", "prefecture"}, 201)
        | answer(403, "top", "auditor", "county"),
        "POST",
        payload=lambda world: jobs_of_n111(world, place="N11", supersedes=None),
        note="of N11 for the line: nobody records for those above",
    ),
    Case(
        "api:post_observation",
        by_api({"supports"}, 201, rest=403),
        "POST",
        payload=people_of_n111,
        note="official",
    ),
]


def export_of(indicator: str, form: str) -> Filled:
    """The address of an indicator's table."""
    return given(scheme="land", key=indicator, form=form)


COUNTIES = {"level": "county"}
INDICATOR_JOBS = given(scheme="land", key="jobs")
INDICATOR_RATE = given(scheme="land", key="urban-rate")
ANY_PLACE = set(PARTS) - {"administrator", "former"}
"""Those in whose line at least the nation lies."""


def judged_by(*members: str) -> Statuses:
    """How sure the nation's target is, is judged by some; the rest see it and may not."""
    return by_page(set(members), rest=403) | answer(404, "administrator", "former")


def judged_in_n111(status: int = 200) -> Statuses:
    """The same of the target of N111, of which its line knows."""
    return by_page({"county"}, status) | answer(403, *(LINE_OF_N111 - {"county"}))


FIGURE_PAGES = [
    Case("status", page()),
    Case("status", page(), query={"plan": "growth", "map": "jobs"}),
    Case("status", page(404), query={"plan": "secret"}),
    Case("indicators", page()),
    Case("indicators", page(), query={"words": "urban"}),
    Case("indicator", by_page(ANY_PLACE), arguments=INDICATOR_JOBS),
    Case("indicator", by_page(LINE_OF_N2), arguments=INDICATOR_JOBS, query={"unit": "N2"}),
    Case("indicator", page(), arguments=INDICATOR_RATE, query={"level": "county"}),
    Case(
        "indicator",
        by_page(OPEN_JOBS),
        arguments=INDICATOR_JOBS,
        query={"level": "by:clusters", "period": "2020"},
    ),
    Case(
        "indicator-export", by_page(ANY_PLACE), arguments=export_of("jobs", "csv"), query=COUNTIES
    ),
    Case("indicator-export", page(), arguments=export_of("people", "csv"), query=COUNTIES),
    Case("indicator-export", page(), arguments=export_of("people", "xlsx"), lasting=False),
    Case(
        "indicator-figures", by_page(ANY_PLACE), arguments=export_of("jobs", "csv"), query=COUNTIES
    ),
    Case("indicator-figures", page(), arguments=export_of("people", "xlsx"), lasting=False),
    # -- what is judged beside what is computed
    Case("confidence", by_page(ANY_PLACE), arguments=INDICATOR_JOBS),
    Case("confidence", by_page(LINE_OF_N111), arguments=INDICATOR_JOBS, query={"unit": "N111"}),
    Case(
        "confidence",
        page(404),
        arguments=INDICATOR_JOBS,
        query={"unit": "N2"},
        note="no target there",
    ),
    Case("record-confidence", judged_by("coordinator", "leads"), arguments=INDICATOR_JOBS),
    Case("record-confidence", judged_in_n111(), arguments=INDICATOR_JOBS, query={"unit": "N111"}),
    Case(
        "record-confidence",
        judged_in_n111(302),
        "POST",
        INDICATOR_JOBS,
        {"unit": "N111"},
        form=given(level="low", reason="So it is"),
    ),
    Case(
        "record-confidence",
        judged_in_n111(422),
        "POST",
        INDICATOR_JOBS,
        {"unit": "N111"},
        form=given(level="sure", reason=""),
        note="no reason",
    ),
    Case("figure", by_page(LINE_OF_N111), arguments=figure_of("jobs", "N111")),
    Case("figure", by_page(LINE_OF_N112), arguments=figure_of("jobs", "N112")),
    Case("figure", by_page(LINE_OF_N2), arguments=figure_of("jobs", "N2")),
    Case("figure", page(), arguments=figure_of("urban-rate", "N2")),
    Case("figure", page(), arguments=figure_of("people", "N111", "2021")),
    Case(
        "figure",
        by_page(RECORD, 302) | answer(403, "top", "auditor"),
        "POST",
        arguments=figure_of("jobs", "N111"),
        form=form_of(jobs_of_n111),
        note="of N111 for the line",
    ),
    Case(
        "figure",
        by_page({"supports"}, 302, rest=403),
        "POST",
        arguments=figure_of("people", "N111"),
        form=form_of(people_of_n111),
        note="official",
    ),
    Case("places", page()),
    Case("places", page(), query={"words": "Place N1"}),
    Case("place", page(), arguments=given(scheme="land", code="N111")),
    Case("place", page(), arguments=given(scheme="land", code="N"), note="with those below it"),
    Case("place", page(), arguments=given(scheme="land", code="N2"), note="of N2"),
    Case("place-export", page(), arguments=given(scheme="land", code="N2", form="csv")),
    Case(
        "place-export",
        page(),
        arguments=given(scheme="land", code="N2", form="xlsx"),
        lasting=False,
    ),
]


def load_of(member: str) -> Filled:
    """The address of a member's import."""
    return lambda world: {"load": world.loads[member].pk}


def faults_of(member: str, form: str) -> Filled:
    """The faults of a member's import as a file."""
    return lambda world: {"load": world.loads[member].pk, "form": form}


LOADS = [
    Case("loads", page()),
    Case("upload", page()),
    Case("upload", page(422), "POST", form=given(mapping="growth/none"), note="no such mapping"),
    Case("load", by_page({"province", "auditor"}), arguments=load_of("province")),
    Case("load", by_page({"coordinator", "auditor"}), arguments=load_of("coordinator")),
    Case("load-file", by_page({"province", "auditor"}), arguments=load_of("province")),
    Case("load-progress", by_page({"province", "auditor"}, 204), arguments=load_of("province")),
    Case("load-faults", by_page({"province", "auditor"}), arguments=faults_of("province", "csv")),
    Case(
        "load-faults",
        by_page({"province", "auditor"}),
        arguments=faults_of("province", "xlsx"),
        lasting=False,
    ),
    Case(
        "dismiss-load",
        by_page({"province"}, 302) | answer(403, "auditor"),
        "POST",
        arguments=load_of("province"),
    ),
]

# -- how a plan is carried down ---------------------------------------------------------------

AT_WORK = set(PARTS) - {"administrator", "former"}
"""Those who see what is laid on bodies of the nation's place: they sit there, or their place
lies below it."""
LAID_ON_N1 = LINE_OF_N111
"""Those who see what is laid on the government of N1: the bodies with a part in it, and the
governments below, for which it answers."""
INSIDE_LEADS = {"leads", "auditor"}
"""Those who see what the leading department has not signed yet."""


def laid(name: str) -> Filled:
    """The address of an assignment."""
    return lambda world: {"assignment": world.assignments[name].pk}


def laid_id(name: str) -> Filled:
    """The same, as the API names it."""
    return lambda world: {"id": world.assignments[name].pk}


def reported(name: str) -> Filled:
    """The address of the report on an assignment."""
    return lambda world: {"report": world.reports[name].pk}


def reported_id(name: str) -> Filled:
    """The same, as the API names it."""
    return lambda world: {"id": world.reports[name].pk}


def the_claim(world: World) -> Mapping[str, Any]:
    """The address of the claim."""
    return {"claim": world.claims["claimed"].pk}


def the_claim_id(world: World) -> Mapping[str, Any]:
    """The same, as the API names it."""
    return {"id": world.claims["claimed"].pk}


def form_by(doer: str, seen: set[str], status: int = 200) -> Statuses:
    """A form for one; the others who see what it is about are refused."""
    return by_page(seen, 403) | {doer: status}


def done_by(doer: str, seen: set[str], status: int = 200) -> Statuses:
    """The same at the API."""
    return by_api(seen, 403) | {doer: status}


NEW = "2099-12-31"
"""A day that has not passed."""
REASON = {"reason": "So it is"}
DECISION = {"outcome": "accepted", "answer": "So be it"}
TO_UNINVOLVED = {"body": "uninvolved-department", **REASON}
LOCAL = given(plan="growth-n1")
LOCAL_TASK = given(plan="growth-n1", key="task")


def unassigned(body: str, part: str) -> dict[str, Any]:
    """The task of the plan for another body."""
    return {
        "plan": "growth", "element": "task", "body": body, "part": part, "due": NEW,
        "authority": "Issue No. 2",
    }  # fmt: skip


def urban_rate(world: World) -> Mapping[str, Any]:
    """What the task may wait for as well."""
    rows = Element.objects.filter(version=world.versions["growth", 2], key="urban-rate")
    return {"awaited": rows.get().pk}


def jobs_awaited(world: World) -> Mapping[str, Any]:
    """What the task waits for."""
    return {"awaited": Thread.objects.get(plan=world.plans["growth"], key="jobs").pk}


def leader_of_n1(world: World) -> Mapping[str, Any]:
    """The only post there is in N1."""
    return {"leader": world.cast.province.post.pk}


CASCADE = [
    Case("plan-work", page(), arguments=GROWTH),
    Case("plan-work", page(), arguments=GROWTH, query={"state": "unanswered", "sort": "-body"}),
    Case("plan-work", page(), arguments=GROWTH, query={"element": "task", "words": "n1"}),
    Case("plan-work", page(404), arguments=GROWTH, query={"element": "nothing-such"}),
    Case("plan-work", page(404), arguments=given(plan="secret")),
    Case("plan-work", page(), arguments=LOCAL),
    Case("assign-as-printed", only("coordinator", 200), arguments=GROWTH),
    Case("assign-as-printed", only("coordinator", 302), "POST", GROWTH, form=nothing),
    Case("assign-as-printed", only("province", 200), arguments=LOCAL),
    Case("assign-element", only("coordinator", 200), arguments=TASK),
    Case("assign-element", only("coordinator", 302), "POST", TASK,
         form=given(**unassigned("uninvolved-department", "support"))),
    Case("assign-element", page(404), arguments=given(plan="secret", key="task")),
    Case("pass-down", only("coordinator", 200), arguments=TASK),
    Case("pass-down", only("coordinator", 302), "POST", TASK,
         form=given(bodies=["n2-government"], due=NEW)),
    # -- what an element waits for
    Case("await-element", only("coordinator", 200), arguments=TASK),
    Case("await-element", only("coordinator", 302), "POST", TASK, form=urban_rate),
    Case("await-element", only("coordinator", 422), "POST", TASK, note="nothing chosen"),
    Case("await-element", only("province", 200), arguments=LOCAL_TASK),
    Case("await-element", by_page({"coordinator"}) | {"auditor": 403},
         arguments=given(plan="secret", key="task"), note="of a draft"),
    Case("await-no-more", only("coordinator", 302), "POST", TASK, form=jobs_awaited),
    Case("await-no-more", only("coordinator", 404), "POST", TASK, form=urban_rate,
         note="does not wait for it"),
    Case("element", page(), arguments=TASK),
    Case("element", page(), arguments=LOCAL_TASK),
    Case("find-options", page(), arguments=given(source="elements-growth"),
         query={"field": "awaited", "awaited-words": "task"}),
    Case("find-options", by_page(SEES_DRAFT_PLANS), arguments=given(source="elements-secret"),
         query={"field": "awaited", "awaited-words": "task"}),
    # -- an assignment
    Case("assignment", by_page(LAID_ON_N1), arguments=laid("received")),
    Case("assignment", by_page(LINE_OF_N2), arguments=laid("arriving")),
    *[
        Case("assignment", by_page(AT_WORK), arguments=laid(name), note=name)
        for name in ("claimed", "reported", "drafting", "signing")
    ],
    Case("receive-assignment", form_by("sibling", LINE_OF_N2, 302), "POST", laid("arriving")),
    Case("receive-several", page(302) | {"sibling": 200}, arguments=GROWTH),
    Case("receive-several", page(404), arguments=given(plan="secret")),
    Case("receive-several", by_page(LINE_OF_N2, 403, 422) | {"sibling": 302}, "POST", GROWTH,
         form=lambda world: {"assignments": [world.assignments["arriving"].pk]}),
    Case("take-on-assignment", form_by("province", LAID_ON_N1, 302), "POST", laid("received")),
    Case("take-on-assignment", form_by("sibling", LINE_OF_N2, 409), "POST", laid("arriving"),
         note="not received"),
    Case("look-again", form_by("province", LAID_ON_N1, 302), "POST", laid("received")),
    Case("name-people", form_by("province", LAID_ON_N1), arguments=laid("received")),
    Case("name-people", form_by("province", LAID_ON_N1, 302), "POST", laid("received"),
         form=leader_of_n1),
    Case("contest-assignment", form_by("province", LAID_ON_N1), arguments=laid("received")),
    Case("contest-assignment", form_by("province", LAID_ON_N1, 302), "POST", laid("received"),
         form=given(due=NEW, **REASON)),
    Case("declare-not-applicable", form_by("province", LAID_ON_N1), arguments=laid("received")),
    Case("declare-not-applicable", form_by("province", LAID_ON_N1, 302), "POST",
         laid("received"), form=given(**REASON)),
    Case("set-milestones", form_by("province", LAID_ON_N1), arguments=laid("received")),
    Case("set-milestones", form_by("province", LAID_ON_N1, 302), "POST", laid("received"),
         form=given(nodes=f"{NEW} All of it")),
    Case("reassign-assignment", form_by("coordinator", AT_WORK), arguments=laid("reported")),
    Case("reassign-assignment", form_by("coordinator", AT_WORK, 302), "POST", laid("reported"),
         form=given(**TO_UNINVOLVED)),
    Case("withdraw-assignment", form_by("coordinator", AT_WORK), arguments=laid("reported")),
    Case("withdraw-assignment", form_by("coordinator", LAID_ON_N1, 302), "POST", laid("received"),
         form=given(**REASON)),
    Case("withdraw-assignment", form_by("coordinator", AT_WORK, 409), "POST", laid("reported"),
         form=given(**REASON), note="nobody would lead"),
    Case("urge-assignment", form_by("coordinator", AT_WORK), arguments=laid("reported")),
    Case("urge-assignment", form_by("coordinator", AT_WORK, 302), "POST", laid("reported"),
         form=given(words="Soon")),
    # -- claims and reports
    Case("decide-claim", form_by("top", AT_WORK), arguments=the_claim),
    Case("decide-claim", form_by("top", AT_WORK, 302), "POST", the_claim, form=given(**DECISION)),
    Case("withdraw-claim", form_by("supports", AT_WORK, 302), "POST", the_claim),
    Case("prepare-report", form_by("leads", AT_WORK), arguments=laid("drafting")),
    Case("prepare-report", form_by("leads", AT_WORK, 302), "POST", laid("drafting"),
         form=given(kind="progress", text="Done so far")),
    Case("prepare-report", form_by("province", LAID_ON_N1, 409), arguments=laid("received"),
         note="not taken on"),
    Case("review-report", form_by("leads", INSIDE_LEADS, 302), "POST", reported("drafting")),
    Case("sign-report", form_by("leads", INSIDE_LEADS, 302), "POST", reported("signing")),
    Case("accept-report", form_by("coordinator", AT_WORK, 302), "POST", reported("reported")),
    Case("accept-report", form_by("auditor", INSIDE_LEADS, 403), "POST", reported("signing"),
         note="not signed"),
    Case("return-report", form_by("coordinator", AT_WORK), arguments=reported("reported")),
    Case("return-report", form_by("coordinator", AT_WORK, 302), "POST", reported("reported"),
         form=given(**REASON)),
    Case("return-report", form_by("leads", INSIDE_LEADS), arguments=reported("signing")),
    Case("return-report", form_by("leads", INSIDE_LEADS, 302), "POST", reported("drafting"),
         form=given(**REASON)),
    Case("evidence-file", by_page(AT_WORK),
         arguments=lambda world: {"evidence": world.evidence["file"].pk}),
    Case("evidence-file", page(404),
         arguments=lambda world: {"evidence": world.evidence["link"].pk}, note="a link"),
    # -- a local plan
    Case("begin-local-plan", only("sibling", 200) | {"province": 302}, arguments=GROWTH,
         note="N1 is led on to its plan"),
    Case("begin-local-plan", only("sibling", 302) | {"province": 302}, "POST", GROWTH,
         form=given(title="Ours")),
    Case("begin-local-plan", only("prefecture", 200), arguments=LOCAL, note="below N1"),
    Case("local-plan", page(), arguments=LOCAL),
    Case("local-plan", page(404), arguments=GROWTH, note="no local plan"),
    Case("adopt-elements", only("province", 200), arguments=LOCAL),
    Case("adopt-elements", only("province", 302), "POST", LOCAL, form=given(element=["jobs"])),
    Case("new-local-element", only("province", 200), arguments=LOCAL),
    Case("new-local-element", only("province", 302), "POST", LOCAL,
         form=given(title="Our own", kind="task")),
    Case("local-element", only("province", 200), arguments=LOCAL_TASK),
    Case("local-element", only("province", 302), "POST", LOCAL_TASK,
         form=given(title="Our words", kind="task", superiors=["task"])),
    Case("local-element", only("province", 404), arguments=given(plan="growth-n1", key="jobs")),
    Case("remove-local-element", only("province", 302), "POST", LOCAL_TASK),
    Case("set-local-target", only("province", 200), arguments=LOCAL),
    Case("set-local-target", only("province", 302), "POST", LOCAL,
         form=given(indicator="jobs", operator="ge", value="50", by="2025")),
    Case("remove-local-target", only("province", 409), "POST", LOCAL,
         form=given(indicator="jobs", by="2025"), note="sets none"),
    Case("revise-local-plan", only("province", 409), "POST", LOCAL, note="has a draft"),
    Case("discard-draft", only("province", 302), "POST", LOCAL),
    Case("issue-local-plan", only("province", 200), arguments=LOCAL),
    Case("issue-local-plan", only("province", 302), "POST", LOCAL,
         form=given(title="The issue", on="2026-01-01")),
    # -- by the API: who is in no post sees no body that could be named
    Case("api:list_assignments", api(), arguments=GROWTH),
    Case("api:list_assignments", api(), arguments=GROWTH, query={"state": "claimed"}),
    Case("api:list_assignments", api(404), arguments=given(plan="secret")),
    Case("api:assign_task", api_only("coordinator", 201) | {"former": 422}, "POST",
         payload=given(**unassigned("uninvolved-department", "support"))),
    Case("api:assign_tasks", api_only("coordinator") | {"former": 422}, "POST", GROWTH,
         payload=lambda _world: [unassigned("n2-government", "locality")]),
    Case("api:list_dependencies", api(), arguments=TASK),
    Case("api:list_dependencies", by_api(SEES_DRAFT_PLANS),
         arguments=given(plan="secret", key="task")),
    Case("api:await_element", api_only("coordinator", 201), "POST", TASK,
         payload=given(awaited="urban-rate")),
    Case("api:await_element", api_only("province", 409), "POST", LOCAL_TASK,
         payload=given(awaited="task", plan="growth"), note="waits for it already"),
    Case("api:await_no_more", api_only("coordinator"), "DELETE",
         given(plan="growth", key="task", awaited_plan="growth", awaited="jobs")),
    Case("api:get_assignment", by_api(LAID_ON_N1), arguments=laid_id("received")),
    Case("api:get_assignment", by_api(LINE_OF_N2), arguments=laid_id("arriving")),
    Case("api:get_assignment", by_api(AT_WORK), arguments=laid_id("reported")),
    Case("api:receive_task", done_by("sibling", LINE_OF_N2), "POST", laid_id("arriving")),
    Case("api:receive_tasks", done_by("sibling", LINE_OF_N2), "POST", GROWTH,
         payload=lambda world: [world.assignments["arriving"].pk]),
    Case("api:take_on_task", done_by("province", LAID_ON_N1), "POST", laid_id("received")),
    Case("api:look_again", done_by("province", LAID_ON_N1), "POST", laid_id("received")),
    Case("api:name_people", done_by("province", LAID_ON_N1), "PUT", laid_id("received"),
         payload=leader_of_n1),
    Case("api:contest_task", done_by("province", LAID_ON_N1, 201), "POST", laid_id("received"),
         payload=given(due=NEW, **REASON)),
    Case("api:declare_not_applicable", done_by("province", LAID_ON_N1, 201), "POST",
         laid_id("received"), payload=given(**REASON)),
    Case("api:reassign_task", done_by("coordinator", AT_WORK), "POST", laid_id("reported"),
         payload=given(**TO_UNINVOLVED)),
    Case("api:withdraw_task", done_by("coordinator", LAID_ON_N1), "POST", laid_id("received"),
         payload=given(**REASON)),
    Case("api:urge_task", done_by("coordinator", AT_WORK), "POST", laid_id("reported"),
         payload=nothing),
    Case("hand-over", only("administrator", 200) | {"former": 404},
         arguments=given(key="leading-department")),
    Case("hand-over", only("administrator", 302) | {"former": 404}, "POST",
         given(key="leading-department"),
         form=lambda world: {
             "successor": "uninvolved-department", "reason": "Merged",
             "assignments": [
                 row.pk for row in world.assignments.values()
                 if row.body == world.cast.bodies["leading-department"]
             ],
         }),
    Case("api:hand_over_tasks", api_only("administrator") | {"former": 404}, "POST",
         given(key="leading-department"), payload=given(**TO_UNINVOLVED)),
    Case("api:list_claims", by_api(AT_WORK), arguments=laid_id("claimed")),
    Case("api:withdraw_claim", done_by("supports", AT_WORK), "POST", the_claim_id),
    Case("api:decide_claim", done_by("top", AT_WORK), "POST", the_claim_id,
         payload=given(**DECISION)),
    Case("api:list_steps", by_api(AT_WORK), arguments=laid_id("reported")),
    Case("api:set_milestones", done_by("province", LAID_ON_N1), "PUT", laid_id("received"),
         payload=lambda _world: [{"title": "All of it", "due": NEW}]),
    Case("api:list_reports", by_api(AT_WORK), arguments=laid_id("reported")),
    Case("api:list_reports", by_api(AT_WORK), arguments=laid_id("drafting")),
    Case("api:list_reports", by_api(AT_WORK), arguments=laid_id("claimed")),
    Case("api:prepare_report", done_by("leads", AT_WORK, 201), "POST", laid_id("drafting"),
         payload=given(kind="progress", text="Done so far")),
    Case("api:get_report", by_api(AT_WORK), arguments=reported_id("reported")),
    Case("api:get_report", by_api(INSIDE_LEADS), arguments=reported_id("drafting")),
    Case("api:get_report", by_api(INSIDE_LEADS), arguments=reported_id("signing")),
    Case("api:review_report", done_by("leads", INSIDE_LEADS), "POST", reported_id("drafting")),
    Case("api:sign_report", done_by("leads", INSIDE_LEADS), "POST", reported_id("signing")),
    Case("api:accept_report", done_by("coordinator", AT_WORK), "POST", reported_id("reported")),
    Case("api:return_report", done_by("coordinator", AT_WORK), "POST", reported_id("reported"),
         payload=given(**REASON)),
    Case("api:begin_local_plan", api_only("sibling", 201) | {"former": 422}, "POST", GROWTH,
         payload=given(place="N2", lead_body="n2-government", title={"en": "Ours"})),
    Case("api:get_local_plan", api(), arguments=LOCAL),
    Case("api:get_local_plan", api(404), arguments=GROWTH, note="no local plan"),
    Case("api:list_proposals", api(), arguments=LOCAL),
    Case("api:adopt_elements", api_only("province"), "POST", LOCAL,
         payload=lambda _world: [{"element": "jobs"}]),
    Case("api:add_element", api_only("province", 201), "POST", LOCAL,
         payload=given(title={"en": "Our own"})),
    Case("api:put_element", api_only("province"), "PUT", LOCAL_TASK,
         payload=given(title={"en": "Our words"}, answers=["task"])),
    Case("api:remove_element", api_only("province"), "DELETE", LOCAL_TASK),
    Case("api:set_target", api_only("province"), "PUT", LOCAL,
         payload=given(indicator="jobs", operator="ge", value=50.0, by="2025")),
    Case("api:remove_target", api_only("province", 409), "DELETE",
         given(plan="growth-n1", indicator="jobs", by="2025"), note="sets none"),
    Case("api:revise_local_plan", api_only("province", 409), "POST", LOCAL, note="has a draft"),
    Case("api:discard_draft", api_only("province"), "POST", LOCAL),
    Case("api:issue_local_plan", api_only("province"), "POST", LOCAL,
         payload=given(title={"en": "The issue"}, on="2026-01-01", despite_errors=True)),
]  # fmt: skip

# -- beside a subject ------------------------------------------------------------------------

JOBS = given(kind="element", key="growth/jobs")
JOBS_QUERY = {"kind": "element", "key": "growth/jobs"}
SPEAK = set(PARTS) - {"administrator", "former"}
"""Those whose post works on plans."""

SUBJECTS = [
    Case("beside", page(), arguments=JOBS),
    Case("beside", page(404), arguments=given(kind="element", key="secret/task")),
    Case("beside", page(), arguments=given(kind="indicator", key="land/jobs")),
    Case("beside", page(), arguments=given(kind="place", key="land/N2")),
    Case("beside", page(), arguments=given(kind="plan", key="growth")),
    Case(
        "add-remark",
        by_page(SPEAK, 302, rest=403),
        "POST",
        arguments=JOBS,
        form=given(text="Said.", audience="all"),
    ),
    Case("add-remark", by_page(SPEAK, 422, rest=403), "POST", arguments=JOBS, note="nothing said"),
    Case("add-attachment", page(422), "POST", arguments=JOBS, note="no file"),
    Case("follow-subject", page(302), "POST", arguments=JOBS),
    Case("unfollow-subject", page(302), "POST", arguments=JOBS),
    Case("followed", page()),
    Case("mark-read", page(302), "POST", form=given(position="1")),
    Case("mark-read", page(422), "POST", form=given(position="-1"), note="no position"),
    Case(
        "withdraw-remark",
        by_page(LINE_OF_N111, 403) | {"county": 302},
        "POST",
        arguments=lambda world: {"remark": world.remarks["county"].pk},
    ),
    Case(
        "attachment",
        by_page(LINE_OF_N111),
        arguments=lambda world: {"attachment": world.attachments["county"].pk},
    ),
    Case(
        "withdraw-attachment",
        by_page(LINE_OF_N111, 403) | {"county": 302},
        "POST",
        arguments=lambda world: {"attachment": world.attachments["county"].pk},
    ),
    Case("api:list_remarks", api(), query=JOBS_QUERY),
    Case("api:list_remarks", api(404), query={"kind": "plan", "key": "secret"}),
    Case(
        "api:add_remark",
        by_api(SPEAK, 201, rest=403),
        "POST",
        query=JOBS_QUERY,
        payload=given(text="Said.", audience="line"),
    ),
    Case(
        "api:withdraw_remark",
        by_api(LINE_OF_N111, 403) | {"county": 200},
        "POST",
        arguments=lambda world: {"id": world.remarks["county"].pk},
    ),
    Case("api:list_attachments", api(), query=JOBS_QUERY),
    Case("api:add_attachment", api(422), "POST", query=JOBS_QUERY, note="no file"),
    Case(
        "api:withdraw_attachment",
        by_api(LINE_OF_N111, 403) | {"county": 200},
        "POST",
        arguments=lambda world: {"id": world.attachments["county"].pk},
    ),
    Case("api:list_followed", api()),
    Case("api:follow_subject", api(204), "POST", query=JOBS_QUERY),
    Case("api:unfollow_subject", api(204), "DELETE", query=JOBS_QUERY),
]

# -- the inbox -------------------------------------------------------------------------------


def notice_of_county(world: World) -> Mapping[str, Any]:
    """What the county was told."""
    return {"notice": world.notices["county"].pk}


def notice_id_of_county(world: World) -> Mapping[str, Any]:
    """The same, as the API names it."""
    return {"id": world.notices["county"].pk}


INBOX = [
    Case("inbox", page()),
    Case("inbox", page(), query={"show": "all"}),
    Case("inbox", page(), query={"page": "7"}),
    Case("open-notice", by_page({"county"}, 302), "POST", arguments=notice_of_county),
    Case("read-notice", by_page({"county"}, 302), "POST", arguments=notice_of_county),
    Case("read-notices", page(302), "POST", form=given(position="1")),
    Case("read-notices", page(422), "POST", form=given(position="-1"), note="no position"),
    Case("api:list_notices", api()),
    Case("api:list_notices", api(), query={"unread": "true", "limit": "5"}),
    Case("api:read_notice", by_api({"county"}), "POST", arguments=notice_id_of_county),
    Case("api:read_all_notices", api(), "POST", query={"position": "1"}),
]

# -- working mechanisms ----------------------------------------------------------------------

LINE_OF_N1 = {"coordinator", "top", "auditor", "province", "prefecture", "county"}
"""Those who see what N1 has set up: its line, and the body that leads the plan above."""


def mechanism_of(member: str, name: str = "mechanism") -> Filled:
    """The address of the mechanism whose office a member's body is."""
    return lambda world: {name: world.mechanisms[member].pk}


def meeting_of(member: str, name: str = "meeting") -> Filled:
    """The address of its only meeting."""
    return lambda world: {name: world.mechanisms[member].meetings.get().pk}


CHARTER = {
    "kind": "task_force", "name": "Task force", "founded_by": "Paper No. 2",
    "founded_on": "2021-01-01", "head": "Deputy governor", "office": "n1-government",
}  # fmt: skip
MET = {"on": "2021-06-01", "title": "Second"}
ENDS = {"on": "2022-01-01", "reason": "Paper No. 3"}
FOUND = {"coordinator", "province", "sibling", "prefecture", "county"}
"""Those who put mechanisms of their own place on record."""
OFFICE_OF_N = by_page({"office"}, rest=403) | answer(404, "administrator", "former")
"""Everybody who works on plans sees the mechanism of the nation; one body is its office."""


def of_n1(status: int = 200) -> Statuses:
    """What the office of N1's mechanism does, which others see or do not."""
    return by_page(LINE_OF_N1, 403) | {"province": status}


def api_of_n1(status: int = 200) -> Statuses:
    """The same by the API."""
    return by_api(LINE_OF_N1, 403) | {"province": status}


CHECKED_BY = {"coordinator", "top", "auditor"}
"""Those who read the checks of the plan of the nation: its lead body, its government, audit."""

CHECKS = [
    Case("checks", by_page(CHECKED_BY, rest=403), arguments=GROWTH),
    Case("checks", by_page(CHECKED_BY, rest=403), arguments=GROWTH, query={"code": "no-lead"}),
    Case("checks", page(404), arguments=given(plan="secret"), note="never in force"),
    Case("api:list_findings", by_api(CHECKED_BY, rest=403), arguments=GROWTH),
]

MECHANISMS = [
    Case("mechanisms", page(), arguments=GROWTH),
    Case("mechanisms", page(), arguments=GROWTH, query={"tier": "all", "sort": "-state"}),
    Case("mechanisms", page(), arguments=GROWTH, query={"state": "dormant", "words": "N1"}),
    Case("mechanisms", page(404), arguments=given(plan="secret"), note="never in force"),
    Case("mechanisms-export", page(), arguments=given(plan="growth", form="csv")),
    Case("mechanisms-export", page(), arguments=given(plan="growth", form="xlsx"), lasting=False),
    Case("register-mechanism", by_page(FOUND, rest=403), arguments=GROWTH),
    Case("register-mechanism", by_page(FOUND, 422, rest=403) | {"province": 302}, "POST", GROWTH,
         form=given(meets_every="3", **CHARTER), note="its office is a body of N1"),
    Case("mechanism", by_page(LINE_OF_N1), arguments=mechanism_of("province")),
    Case("mechanism", by_page(SPEAK), arguments=mechanism_of("office")),
    Case("beside", by_page(LINE_OF_N1),
         arguments=lambda world: {"kind": "mechanism", "key": world.mechanisms["province"].pk}),
    Case("change-mechanism", of_n1(), arguments=mechanism_of("province")),
    Case("change-mechanism", OFFICE_OF_N | {"coordinator": 200},
         arguments=mechanism_of("office")),
    Case("change-mechanism", of_n1(302), "POST", mechanism_of("province"),
         form=given(meets_every="3", **CHARTER)),
    Case("record-meeting", of_n1(), arguments=mechanism_of("province")),
    Case("record-meeting", OFFICE_OF_N, arguments=mechanism_of("office")),
    Case("record-meeting", of_n1(302), "POST", mechanism_of("province"), form=given(**MET)),
    Case("correct-meeting", of_n1(), arguments=meeting_of("province")),
    Case("correct-meeting", of_n1(302), "POST", meeting_of("province"), form=given(**MET)),
    Case("end-mechanism", of_n1(), arguments=mechanism_of("province"), lasting=False,
         note="names the day"),
    Case("end-mechanism", of_n1(302), "POST", mechanism_of("province"), form=given(**ENDS)),
    Case("api:list_mechanisms", api(), arguments=GROWTH),
    Case("api:list_mechanisms", api(), arguments=GROWTH, query={"tier": "province"}),
    Case("api:survey_mechanisms", api(), arguments=GROWTH),
    Case("api:get_mechanism", by_api(LINE_OF_N1), arguments=mechanism_of("province", "id")),
    Case("api:register_mechanism", api_only("province", 201), "POST", GROWTH,
         payload=given(place="N1", **CHARTER)),
    Case("api:change_mechanism", api_of_n1(), "POST", mechanism_of("province", "id"),
         payload=given(**CHARTER)),
    Case("api:record_meeting", api_of_n1(201), "POST", mechanism_of("province", "id"),
         payload=given(**MET)),
    Case("api:correct_meeting", api_of_n1(), "POST", meeting_of("province", "id"),
         payload=given(**MET)),
    Case("api:end_mechanism", api_of_n1(), "POST", mechanism_of("province", "id"),
         payload=given(**ENDS)),
]  # fmt: skip

# -- projects ----------------------------------------------------------------------------------

KEEPERS = AT_WORK - {"top", "auditor"}
"""Those whose posts keep projects, of whichever body."""
AT_THE_TOP = {"coordinator", "leads", "supports", "uninvolved", "office"}
NEW_PROJECT = {"title_en": "A dam", "sector": "water", "cost": "12.5"}
MONEY = {"source": "local", "stage": "spent", "on": "2023-01-01", "amount": "5"}
CONTRACT = {
    "number": "C-2", "title": "Deck", "contractor": "Builders", "amount": "5",
    "signed_on": "2022-05-01",
}  # fmt: skip
NOTED = {"on": "2023-02-01", "done": "40", "text": "On"}
BRIDGE, ROAD = given(key="bridge"), given(key="road")


def keeps(status: int = 200) -> Statuses:
    """What the owner of the bridge does, which others see or do not."""
    return by_page(LINE_OF_N111, 403) | {"province": status}


def keeps_by_api(status: int = 200) -> Statuses:
    """The same by the API."""
    return by_api(LINE_OF_N111, 403) | {"province": status}


def keeps_road(status: int = 200) -> Statuses:
    """The same of the road."""
    return by_page({"top", "auditor"}, 403) | {"sibling": status}


def contract_of_bridge(name: str = "contract") -> Filled:
    """The only contract there is."""
    return lambda _world: {name: Contract.objects.get().pk}


PROJECTS = [
    Case("projects", page()),
    Case("projects", page(), query={"sector": "transport", "state": "planned", "sort": "-cost"}),
    Case("projects", page(), query={"place": "N1", "words": "bridge", "sort": "done"}),
    Case("projects", page(), query={"element": "growth/task"}),
    Case("projects-export", page(), arguments=given(form="csv")),
    Case("projects-export", page(), arguments=given(form="xlsx"), lasting=False),
    Case("register-project", by_page(KEEPERS, rest=403)),
    Case("register-project",
         by_page(KEEPERS, 422, rest=403) | dict.fromkeys(AT_THE_TOP | {"province"}, 302)
         | {"prefecture": 302},
         "POST", form=given(places="N11", **NEW_PROJECT), note="built in N11"),
    Case("project", by_page(LINE_OF_N111), arguments=BRIDGE),
    Case("project", by_page({"top", "auditor", "sibling"}), arguments=ROAD, note="nothing yet"),
    Case("amend-project", keeps(), arguments=BRIDGE),
    Case("amend-project", keeps(302), "POST", BRIDGE, form=given(places="N11", **NEW_PROJECT)),
    Case("set-phases", keeps(), arguments=BRIDGE),
    Case("set-phases", keeps(302), "POST", BRIDGE,
         form=given(phases="2023-01-01 2023-02-01 Deck")),
    Case("start-project", keeps_road(), arguments=ROAD, lasting=False, note="names the day"),
    Case("start-project", keeps_road(302), "POST", ROAD, form=given(on="2023-01-01")),
    Case("record-funding", keeps(), arguments=BRIDGE),
    Case("record-funding", keeps(302), "POST", BRIDGE, form=given(**MONEY)),
    Case("sign-contract", keeps(), arguments=BRIDGE),
    Case("sign-contract", keeps(302), "POST", BRIDGE, form=given(**CONTRACT)),
    Case("correct-contract", keeps(), arguments=contract_of_bridge()),
    Case("correct-contract", keeps(302), "POST", contract_of_bridge(),
         form=given(reason="Misread", **CONTRACT)),
    Case("note-progress", keeps(), arguments=BRIDGE, lasting=False, note="names the day"),
    Case("note-progress", keeps(302), "POST", BRIDGE, form=given(**NOTED)),
    Case("finish-project", keeps(), arguments=BRIDGE, lasting=False, note="names the day"),
    Case("finish-project", keeps(302), "POST", BRIDGE, form=given(on="2023-02-01")),
    Case("cease-project", keeps(), arguments=BRIDGE, lasting=False, note="names the day"),
    Case("cease-project", keeps(302), "POST", BRIDGE,
         form=given(on="2023-02-01", reason="Paper No. 9")),
    Case("api:list_registers", api()),
    Case("api:list_projects", api()),
    Case("api:list_projects", api(), query={"register_of": "land", "state": "planned"}),
    Case("api:get_project", by_api(LINE_OF_N111), arguments=BRIDGE),
    Case("api:register_project", api_only("province", 201) | {"former": 422}, "POST",
         payload=given(register_of="land", owner="n1-government", places=["N11"],
                       **NEW_PROJECT) ),
    Case("api:amend_project", keeps_by_api(), "POST", BRIDGE,
         payload=given(places=["N11"], **NEW_PROJECT)),
    Case("api:set_phases", keeps_by_api(), "POST", BRIDGE, payload=given(phases=[])),
    Case("api:start_project",
         by_api({"top", "auditor"}, 403) | {"sibling": 200}, "POST", ROAD,
         payload=given(on="2023-01-01")),
    Case("api:record_funding", keeps_by_api(), "POST", BRIDGE, payload=given(payments=[MONEY])),
    Case("api:sign_contract", keeps_by_api(201), "POST", BRIDGE, payload=given(**CONTRACT)),
    Case("api:correct_contract", keeps_by_api(), "POST", contract_of_bridge("id"),
         payload=given(reason="Misread", **CONTRACT)),
    Case("api:note_progress", keeps_by_api(), "POST", BRIDGE, payload=given(**NOTED)),
    Case("api:finish_project", keeps_by_api(), "POST", BRIDGE, payload=given(on="2023-02-01")),
    Case("api:cease_project", keeps_by_api(), "POST", BRIDGE,
         payload=given(on="2023-02-01", reason="Paper No. 9")),
    Case("project-picture", by_page(LINE_OF_N111),
         arguments=lambda _world: {"picture": ProgressPicture.objects.get().pk}, lasting=False),
]  # fmt: skip

# -- what units report in cycles --------------------------------------------------------------

SEES_N111 = LINE_OF_N111 - {"supports"}
"""Those who see what N111 reports: its line, the body that runs the cycle, and the one that asks
for one of its forms. To have a part in an indicator is not enough."""
SEES_N112 = SEES_N111 - {"county"}
SEES_N211 = {"coordinator", "leads", "top", "auditor", "sibling"}
FILLS_N111 = {"coordinator", "province", "prefecture", "county"}
"""Those whose post reports for N111: its own, and those above that answer for it."""
URGES = {"coordinator", "top", "province", "prefecture", "sibling"}
"""Those who urge units to report: the body that runs the cycle, and the governments above any."""
RETURNS_SIGNED = {"coordinator", "prefecture"}
"""Whose turn it is, and the body that runs the cycle."""
RETURNS_ACCEPTED = RETURNS_SIGNED | {"province"}
"""Those who have checked it, and the body that runs the cycle."""


def cycle_of(key: str) -> Filled:
    """The address of a cycle."""
    return given(cycle=key)


def unit_of(cycle: str, place: str = "N111") -> Filled:
    """The address of what a unit reports in a cycle."""
    return given(cycle=cycle, place=place)


FILLS_SOME = FILLS_N111 | {"sibling"}
"""Those who report for a county."""


def several_of(form: str) -> Filled:
    """The address of the sheets of several units as a file."""
    return given(cycle="open", form=form)


def the_workbook(world: World) -> Mapping[str, Any]:
    """The address of the workbook that the prefecture gave in."""
    return {"workbook": world.cycles["open"].workbooks.get().pk}


COUNTIES_TIER = given(scheme="land", tier="county")
UNIT_N111 = given(scheme="land", code="N111")


def file_of(form: str) -> Filled:
    """The address of the sheet of N111 as a file."""
    return given(cycle="open", place="N111", form=form)


def the_extension(world: World) -> Mapping[str, Any]:
    """The address of the request for more time."""
    return {"extension": world.extensions["county"].pk}


def forms_by(doers: set[str], seen: set[str], status: int = 200) -> Statuses:
    """A form for several; the others who see what it is about are refused."""
    return by_page(seen, 403) | dict.fromkeys(doers, status)


def done_by_several(doers: set[str], seen: set[str], status: int = 200) -> Statuses:
    """The same at the API."""
    return by_api(seen, 403) | dict.fromkeys(doers, status)


LATER = "2099-07-20 18:00:00"
LATER_BY_API = "2099-07-20T18:00:00Z"
CELL = {"value": 12.0, "absent": False, "note": ""}
ROADS = {"value": 2.0, "absent": False, "note": ""}
VALUES = {"values": {"jobs-reported": CELL, "roads-reported": ROADS}}
NEW_CYCLE = {"key": "new", "title": "New", "forms": ["people"], "period": "2022"}

REPORTING = [
    Case("cycles", page()),
    Case("cycles", page(), query={"page": "7"}),
    Case("punctuality", page()),
    Case("punctuality", page(),
         query={"state": "silent", "tier": "county", "within": "N1", "sort": "-never",
                "words": "N111", "cycles": "4", "plan": "growth"}),
    Case("punctuality-export", page(), arguments=given(form="csv")),
    Case("punctuality-export", page(), arguments=given(form="xlsx"), lasting=False),
    Case("punctuality-export", page(404), arguments=given(form="pdf"), note="no such form"),
    Case("api:punctuality", api(), query={"plan": "growth", "cycles": "3"}),
    Case("api:punctuality", api(404), query={"plan": "secret"}, note="never in force"),
    Case("alerts", page()),
    Case("alerts", page(), query={"kind": "silent", "severity": "serious", "sort": "-place"}),
    Case("alerts", page(), query={"words": "N111", "place": "N111", "plan": "growth"}),
    Case("alert-count", page(), query={"place": "N111"}),
    Case("alerts-export", page(), arguments=given(form="csv")),
    Case("alerts-export", page(), arguments=given(form="xlsx"), lasting=False),
    Case("alerts-export", page(404), arguments=given(form="pdf"), note="no such form"),
    Case("api:alerts", api()),
    Case("api:alerts", api(), query={"kind": "stale", "indicator": "jobs", "size": "2"}),
    Case("open-cycle", only("coordinator", 200)),
    Case("open-cycle", only("coordinator", 302), "POST",
         form=given(forms=["people"], period="2022", closes_at=LATER)),
    Case("open-cycle", only("coordinator", 422), "POST", note="nothing chosen"),
    *[Case("cycle", by_page(AT_WORK), arguments=cycle_of(key))
      for key in ("open", "prepared", "accepted", "closed", "asked")],
    Case("cycle", by_page(AT_WORK), arguments=cycle_of("signed"), query={"state": "signed"}),
    Case("cycle", by_page(AT_WORK), arguments=cycle_of("closed"), query={"state": "overdue"}),
    Case("cycle", by_page(AT_WORK), arguments=cycle_of("open"), query={"words": "N211"}),
    Case("cycle", page(404), arguments=cycle_of("nothing-such")),
    Case("lock-cycle", form_by("coordinator", AT_WORK, 302), "POST", cycle_of("closed")),
    Case("lock-cycle", form_by("coordinator", AT_WORK, 409), "POST", cycle_of("open"),
         note="still open"),
    Case("ask-unlock-cycle", form_by("coordinator", AT_WORK), arguments=cycle_of("locked")),
    Case("ask-unlock-cycle", form_by("coordinator", AT_WORK, 302), "POST", cycle_of("locked"),
         form=given(**REASON)),
    Case("unlock-cycle", form_by("coordinator", AT_WORK, 302), "POST", cycle_of("asked")),
    # -- what is asked in a year
    Case("open-cycle-burden", page(), query={"forms": "works", "period": "2022"}),
    Case("burden", page()),
    Case("tier-burden", by_page(AT_WORK), arguments=COUNTIES_TIER),
    Case("tier-burden", by_page(AT_WORK), arguments=COUNTIES_TIER, query={"year": "2021"}),
    Case("tier-burden", page(404), arguments=given(scheme="land", tier="none")),
    Case("unit-burden", by_page(AT_WORK), arguments=UNIT_N111),
    Case("unit-burden", page(404), arguments=given(scheme="land", code="none")),
    Case("api:tier-burden", by_api(AT_WORK), arguments=COUNTIES_TIER),
    Case("api:unit-burden", by_api(AT_WORK), arguments=UNIT_N111, query={"year": "2022"}),
    Case("api:burden-adds", api(), query={"forms": "works", "period": "2022"}),
    # -- several units in one workbook
    Case("cycle-workbook", forms_by(FILLS_SOME, AT_WORK), arguments=cycle_of("open")),
    Case("cycle-workbook", forms_by(FILLS_SOME, AT_WORK, 422), "POST", cycle_of("open"),
         note="no file"),
    Case("cycle-workbook-file", forms_by(FILLS_SOME, AT_WORK), arguments=several_of("csv")),
    Case("cycle-workbook-file", forms_by(FILLS_SOME, AT_WORK), arguments=several_of("xlsx"),
         lasting=False),
    Case("workbook", by_page({"prefecture"}), arguments=the_workbook),
    Case("workbook-progress", by_page({"prefecture"}, 204), arguments=the_workbook),
    Case("workbook-marked", by_page({"prefecture"}), arguments=the_workbook, lasting=False),
    Case("api:cycle-workbook", done_by_several(FILLS_SOME, AT_WORK), arguments=cycle_of("open"),
         query={"csv": "true"}),
    Case("api:cycle-workbook", api(422), "POST", cycle_of("open"), note="no file"),
    Case("api:workbook", by_api({"prefecture"}), arguments=the_workbook),
    Case("urge-units", forms_by(URGES, AT_WORK), arguments=cycle_of("open")),
    Case("urge-units", forms_by(URGES, AT_WORK, 302), "POST", cycle_of("open"),
         form=given(units=["N111", "N112", "N211"], words="Today, please")),
    Case("urge-units", forms_by(URGES, AT_WORK, 422), "POST", cycle_of("open"),
         note="nobody chosen"),
    Case("cycle-tasks", by_page(AT_WORK), arguments=cycle_of("tasks")),
    Case("cycle-tasks", by_page(AT_WORK), arguments=cycle_of("tasks"),
         query={"state": "signed", "whose": "ours", "words": "department"}),
    Case("cycle-tasks", by_page(AT_WORK), arguments=cycle_of("open"), note="asks for none"),
    Case("cycle", by_page(AT_WORK), arguments=cycle_of("tasks")),
    # -- a report
    Case("report-sheet", by_page(SEES_N111), arguments=unit_of("open")),
    Case("report-sheet", by_page(SEES_N111), arguments=unit_of("signed")),
    Case("report-sheet", by_page(SEES_N112), arguments=unit_of("open", "N112")),
    Case("report-sheet", page(404), arguments=unit_of("open", "N11"), note="reports nothing"),
    Case("save-sheet", forms_by(FILLS_N111, SEES_N111), "POST", unit_of("open"),
         payload=given(cells={"jobs-reported": {"text": "7"}})),
    Case("save-sheet", forms_by(FILLS_N111, SEES_N111, 409), "POST", unit_of("prepared"),
         payload=given(cells={"jobs-reported": {"text": "7"}}), note="under review"),
    Case("prepare-sheet", forms_by(FILLS_N111, SEES_N111, 302), "POST", unit_of("open"),
         form=given(**{"value-jobs-reported": "12", "value-roads-reported": "2"})),
    Case("prepare-sheet", forms_by(FILLS_N111, SEES_N111, 422), "POST", unit_of("open"),
         form=given(**{"value-jobs-reported": "twelve"}), note="no number"),
    Case("sheet-file", by_page(SEES_N111), arguments=file_of("csv")),
    Case("sheet-file", by_page(SEES_N111), arguments=file_of("xlsx"), lasting=False),
    Case("sheet-file", page(404), arguments=file_of("pdf"), note="no such form"),
    Case("upload-sheet", forms_by(FILLS_N111, SEES_N111), arguments=unit_of("open")),
    Case("upload-sheet", forms_by(FILLS_N111, SEES_N111, 422), "POST", unit_of("open"),
         note="no file"),
    Case("marked-sheet", forms_by(FILLS_N111, SEES_N111, 404),
         arguments=given(cycle="open", place="N111", token="forged"), note="a forged token"),
    Case("review-sheet", form_by("county", SEES_N111, 302), "POST", unit_of("prepared")),
    Case("send-back-sheet", form_by("county", SEES_N111), arguments=unit_of("prepared")),
    Case("send-back-sheet", form_by("county", SEES_N111, 302), "POST", unit_of("prepared"),
         form=given(**REASON)),
    Case("sign-sheet", form_by("county", SEES_N111, 302), "POST", unit_of("reviewed")),
    Case("sign-sheet", form_by("county", SEES_N111, 409), "POST", unit_of("prepared"),
         note="not reviewed"),
    Case("check-sheet", by_page(SEES_N111, 302), arguments=unit_of("signed"),
         note="led on to the sheet"),
    Case("check-sheet", form_by("prefecture", SEES_N111, 302), "POST", unit_of("signed")),
    Case("check-sheet", by_page(SEES_N111, 403) | {"coordinator": 409}, "POST",
         unit_of("accepted"), note="accepted already"),
    Case("return-sheet", forms_by(RETURNS_SIGNED, SEES_N111), arguments=unit_of("signed")),
    Case("return-sheet", forms_by(RETURNS_SIGNED, SEES_N111, 302), "POST", unit_of("signed"),
         form=given(**{"cell-jobs-reported": "Twice last year's"})),
    Case("return-sheet", forms_by(RETURNS_ACCEPTED, SEES_N111), arguments=unit_of("accepted")),
    Case("return-sheet", forms_by(RETURNS_ACCEPTED, SEES_N111, 302), "POST",
         unit_of("accepted"), form=given(**REASON)),
    Case("ask-more-time", forms_by(FILLS_N111, SEES_N111), arguments=unit_of("open")),
    Case("ask-more-time", forms_by(FILLS_N111, SEES_N111, 302), "POST", unit_of("open"),
         form=given(until=LATER, **REASON)),
    Case("ask-more-time", forms_by(FILLS_N111, SEES_N111, 409), "POST", unit_of("prepared"),
         form=given(until=LATER, **REASON), note="is asked for already"),
    Case("decide-more-time", form_by("coordinator", SEES_N111), arguments=the_extension),
    Case("decide-more-time", form_by("coordinator", SEES_N111, 302), "POST", the_extension,
         form=given(decision="grant")),
    # -- by the API
    Case("api:forms", api()),
    Case("api:cycles", api()),
    Case("api:cycles", api(), query={"page": "2", "size": "3"}),
    Case("api:cycles", api_only("coordinator", 201), "POST",
         payload=given(closes_at=LATER_BY_API, **NEW_CYCLE)),
    Case("api:cycle", by_api(AT_WORK), arguments=cycle_of("open")),
    Case("api:lock-cycle", done_by("coordinator", AT_WORK), "POST", cycle_of("closed")),
    Case("api:ask-unlock-cycle", done_by("coordinator", AT_WORK), "POST", cycle_of("locked"),
         payload=given(**REASON)),
    Case("api:ask-unlock-cycle", done_by("coordinator", AT_WORK, 409), "POST",
         cycle_of("asked"), payload=given(**REASON), note="is asked for already"),
    Case("api:unlock-cycle", done_by("coordinator", AT_WORK), "POST", cycle_of("asked")),
    Case("api:unlock-cycle", done_by("coordinator", AT_WORK, 409), "POST", cycle_of("locked"),
         note="nobody asks"),
    Case("api:urge-units", done_by_several(URGES, AT_WORK), "POST", cycle_of("open"),
         payload=given(words="Today, please")),
    Case("api:urge-units", done_by_several(URGES, AT_WORK, 409), "POST", cycle_of("locked"),
         payload=given(), note="locked"),
    Case("api:cycle-tasks", by_api(AT_WORK), arguments=cycle_of("tasks")),
    Case("api:cycle-tasks", by_api(AT_WORK), arguments=cycle_of("tasks"),
         query={"state": "none", "size": "2"}),
    Case("api:cycle-reports", by_api(AT_WORK), arguments=cycle_of("open")),
    Case("api:cycle-reports", by_api(AT_WORK), arguments=cycle_of("signed"),
         query={"step": "signed", "size": "2"}),
    *[Case("api:report", by_api(SEES_N111), arguments=unit_of(key)) for key in
      ("open", "prepared", "signed", "accepted")],
    Case("api:report", by_api(SEES_N112), arguments=unit_of("open", "N112")),
    Case("api:report", by_api(SEES_N211), arguments=unit_of("open", "N211")),
    Case("api:report", api(404), arguments=unit_of("open", "N11"), note="reports nothing"),
    Case("api:report-values", done_by_several(FILLS_N111, SEES_N111), "PATCH", unit_of("open"),
         payload=given(**VALUES)),
    Case("api:report-values", done_by_several(FILLS_N111, SEES_N111, 409), "PATCH",
         unit_of("signed"), payload=given(**VALUES), note="signed"),
    Case("api:report-prepare", done_by_several(FILLS_N111, SEES_N111), "POST", unit_of("open"),
         payload=given(**VALUES)),
    Case("api:report-submit", done_by_several(FILLS_N111, SEES_N111, 409), "POST",
         unit_of("open"), payload=given(**VALUES), note="in bodies that have not set so"),
    Case("api:report-review", done_by("county", SEES_N111), "POST", unit_of("prepared")),
    Case("api:report-send-back", done_by("county", SEES_N111), "POST", unit_of("prepared"),
         payload=given(**REASON)),
    Case("api:report-sign", done_by("county", SEES_N111), "POST", unit_of("reviewed")),
    Case("api:report-check", done_by("prefecture", SEES_N111), "POST", unit_of("signed"),
         payload=given(note="Looked at")),
    Case("api:report-return", done_by_several(RETURNS_SIGNED, SEES_N111), "POST",
         unit_of("signed"), payload=given(cells={"jobs-reported": "Twice last year's"})),
    Case("api:report-return", done_by_several(RETURNS_ACCEPTED, SEES_N111), "POST",
         unit_of("accepted"), payload=given(**REASON)),
    Case("api:report-more-time", done_by_several(FILLS_N111, SEES_N111, 201), "POST",
         unit_of("open"), payload=given(until=LATER_BY_API, **REASON)),
    Case("api:decide-time", done_by("coordinator", SEES_N111), "POST", the_extension,
         payload=given(granted=False, answer="So be it")),
]  # fmt: skip

# -- contested values ----------------------------------------------------------------------


def figure_by_id(series: str) -> Filled:
    """The address of a figure of N111 for 2020, as one act gave it."""
    return lambda world: {"observation": world.standing(series, "N111", "2020").pk}


def the_contest(indicator: str) -> Filled:
    """The address of what N111 contests for 2021."""
    return lambda world: {"contest": world.contests[indicator].pk}


def answering(**answer: Any) -> Sent:
    """An answer on the figure of N111 for 2021 that stands."""
    return lambda world: (
        {"reason": "We looked", "against": world.contests["jobs"].observation_id} | answer
    )


def asking_by_api(series: str, **more: Any) -> Filled:
    return lambda world: {**figure_by_id(series)(world), "grounds": "We counted", **more}


CONTESTS = [
    Case("contests", page()),
    Case("contests", page(), query={
        "state": "all", "producer": "leading-department", "words": "N111", "sort": "-place",
    }),
    Case("contests", page(), query={"state": "answered", "page": "7"}),
    Case("contest", by_page(LINE_OF_N111), arguments=the_contest("jobs")),
    Case("contest", page(), arguments=the_contest("people"), note="an enquiry"),
    Case("contest", page(404), arguments=given(contest=0), note="there is none"),
    Case("beside", by_page(LINE_OF_N111),
         arguments=lambda world: {"kind": "contest", "key": str(world.contests["jobs"].pk)}),
    Case("contest-value", form_by("county", LINE_OF_N111),
         arguments=figure_by_id("jobs-reported")),
    Case("contest-value", page(403, county=200), arguments=figure_by_id("people-official"),
         note="an official one"),
    Case("contest-value", form_by("county", LINE_OF_N111, 422), "POST",
         figure_by_id("jobs-reported"), form=given(grounds="We counted", proposed="12"),
         note="without evidence"),
    Case("contest-value", page(403, county=302), "POST", figure_by_id("people-official"),
         form=given(grounds="We counted")),
    Case("answer-contest", form_by("leads", LINE_OF_N111), arguments=the_contest("jobs")),
    Case("answer-contest", form_by("leads", LINE_OF_N111, 302), "POST", the_contest("jobs"),
         form=answering(verdict="refused")),
    Case("answer-contest", form_by("leads", LINE_OF_N111, 422), "POST", the_contest("jobs"),
         form=answering(verdict="changed"), note="without a figure"),
    Case("answer-contest", form_by("leads", LINE_OF_N111, 409), "POST", the_contest("jobs"),
         form=answering(verdict="refused", against="1"), note="another figure stands"),
    Case("withdraw-contest", form_by("county", LINE_OF_N111), arguments=the_contest("jobs")),
    Case("withdraw-contest", form_by("county", LINE_OF_N111, 302), "POST", the_contest("jobs")),
    Case("api:contests", api()),
    Case("api:contests", api(), query={"state": "open", "series": "jobs-reported", "size": "1"}),
    Case("api:contest", by_api(LINE_OF_N111), arguments=the_contest("jobs")),
    Case("api:contest", api(), arguments=the_contest("people")),
    Case("api:contest-figure", api(403, county=201), "POST",
         form=asking_by_api("people-official")),
    Case("api:contest-figure", done_by("county", LINE_OF_N111, 422), "POST",
         form=asking_by_api("jobs-reported", proposed="12"), note="without evidence"),
    Case("api:answer-contest", done_by("leads", LINE_OF_N111), "POST", the_contest("jobs"),
         payload=answering(answer="accepted")),
    Case("api:withdraw-contest", done_by("county", LINE_OF_N111), "POST", the_contest("jobs"),
         payload=given(**REASON)),
]  # fmt: skip

# -- submission for approval -----------------------------------------------------------------

SEES_CASE = {"leads", "supports", "uninvolved", "coordinator", "top", "auditor"}
"""Those whose body has a part in the cases, the government in whose place they are, and audit."""
SUBMITS = {*NATION, "province", "sibling", "prefecture", "county"}
"""Those who may submit for their body; the procedure runs at the nation alone."""


def the_case(name: str) -> Filled:
    """The address of a case."""
    return lambda world: {"case": world.cases[name].pk}


def the_step(name: str, node: str, body: str = "") -> Filled:
    """The address of a step that waits in a case."""
    return lambda world: {
        "case": world.cases[name].pk, "step": at(world.cases[name], node, body).pk,
    }  # fmt: skip


def the_signer(world: World) -> Mapping[str, Any]:
    """The address of what N1 was asked as an added signer."""
    case = world.cases["asked"]
    return {"case": case.pk, "signer": AddedSigner.objects.get(step__case=case).pk}


SAID = given(words="So it is")
REVIEWED = the_step("running", "review")
COUNTERSIGNED = the_step("running", "countersigning", "supporting-department")

CASES_OF_PLANS = [
    Case("api:cases", api()),
    Case("api:cases", api(), query={
        "plan": "growth", "subject": "element:growth/task", "running": "true", "size": "1",
    }),
    Case("api:case", by_api(SEES_CASE), arguments=the_case("running")),
    Case("api:case", by_api({*SEES_CASE, "province"}), arguments=the_case("asked"),
         note="N1 was added as a signer"),
    Case("api:case", api(404), arguments=given(case=0), note="there is none"),
    Case("api:submit-case", by_api(SUBMITS, 422, rest=403), "POST",
         form=given(kind="element", key="growth/task", facts="{}"), note="nothing is stated"),
    Case("api:submit-case", by_api(SUBMITS, 404, rest=403), "POST",
         form=given(kind="element", key="growth/none"), note="there is none"),
    Case("api:answer-step", done_by("coordinator", SEES_CASE), "POST", REVIEWED,
         form=given(verb="conform")),
    Case("api:answer-step", done_by("coordinator", SEES_CASE, 409), "POST", REVIEWED,
         form=given(verb="approve"), note="not foreseen"),
    Case("api:hand-in", done_by("leads", SEES_CASE), "POST", the_step("returned", "submission"),
         form=given(words="Mended")),
    Case("api:ask-supplement", done_by("coordinator", SEES_CASE), "POST", REVIEWED, payload=SAID),
    Case("api:supplement", done_by("leads", {*SEES_CASE, "province"}), "POST",
         the_step("asked", "review"), form=given(words="Here")),
    Case("api:transfer-step", done_by("coordinator", SEES_CASE), "POST", REVIEWED,
         payload=given(to="conference-office", words="So it is")),
    Case("api:add-signer", done_by("supports", SEES_CASE), "POST", COUNTERSIGNED,
         payload=given(body="n1-government")),
    Case("api:sign-step", done_by("province", {*SEES_CASE, "province"}), "POST", the_signer,
         payload=given(verb="agree")),
    Case("api:urge-step", done_by_several({"leads", "top"}, SEES_CASE), "POST", REVIEWED,
         payload=SAID),
    Case("api:withdraw-case", done_by("leads", SEES_CASE), "POST", the_case("running"),
         payload=SAID),
]  # fmt: skip

# -- the journal ---------------------------------------------------------------------------

JOURNAL = [
    Case("journal", page()),
    Case("journal", page(), query={"verb": "person.sign_in", "subject": "bodies.person"}),
    Case(
        "journal-entry",
        by_page({"county", "auditor"}),
        arguments=lambda world: {"position": world.journal_position("county")},
    ),
    Case("journal-export", by_page({"auditor"}, rest=403)),
    Case("api:list_journal", api()),
]

# -- by a token: what its scopes name, of what its holder may do ------------------------------

READ = frozenset({"read"})
WRITE = READ | {"figures:write"}
EVERYTHING = frozenset(
    {"read", "figures:write", "plans:write", "bodies:write", "remarks:write", "journal:read"}
)


def by_token(who: Statuses) -> Statuses:
    """A token bound to a post that is no longer held does not count."""
    return who | {"former": 401, "nobody": 401}


TOKENS = [
    Case("api:me", by_token(api()), scopes=READ),
    Case("api:list_plans", by_token(api()), scopes=READ),
    Case("api:list_notices", by_token(api()), scopes=READ),
    Case("api:read_notice", by_token(by_api({"county"})), "POST", notice_id_of_county, scopes=READ),
    Case("plans", by_token(page()) | {"nobody": 302}, scopes=READ),
    Case(
        "api:post_observation",
        by_token(by_api(LINE_OF_N111, 403)),
        "POST",
        payload=jobs_of_n111,
        scopes=READ,
    ),
    Case(
        "api:post_observation",
        by_token(by_api(RECORD, 201) | answer(403, "top", "auditor")),
        "POST",
        payload=jobs_of_n111,
        scopes=WRITE,
    ),
    Case(
        "api:post_observation",
        by_token(api(403)),
        "POST",
        payload=people_of_n111,
        scopes=READ,
    ),
    Case(
        "api:add_remark",
        by_token(api(403)),
        "POST",
        query=JOBS_QUERY,
        payload=given(text="Said.", audience="line"),
        scopes=WRITE,
    ),
    Case(
        "api:deactivate_person",
        by_token(api(403)),
        "POST",
        COUNTY,
        scopes=READ,
        note="reading administers nothing",
    ),
    Case(
        "api:deactivate_person",
        by_token(api_only("administrator")),
        "POST",
        COUNTY,
        scopes=READ | {"bodies:write"},
    ),
    Case(
        "api:receive_task",
        by_token(by_api(LINE_OF_N2, 403)),
        "POST",
        laid_id("arriving"),
        scopes=WRITE,
        note="figures are no plans",
    ),
    Case(
        "api:receive_task",
        by_token(done_by("sibling", LINE_OF_N2)),
        "POST",
        laid_id("arriving"),
        scopes=READ | {"plans:write"},
    ),
    Case(
        "api:report-values",
        by_token(by_api(SEES_N111, 403)),
        "PATCH",
        unit_of("open"),
        payload=given(**VALUES),
        scopes=READ | {"plans:write"},
        note="plans are no figures",
    ),
    Case(
        "api:report-values",
        by_token(done_by_several(FILLS_N111, SEES_N111)),
        "PATCH",
        unit_of("open"),
        payload=given(**VALUES),
        scopes=WRITE,
    ),
    Case("api:list_journal", by_token(api(403)), scopes=WRITE),
    Case("api:list_journal", by_token(api()), scopes=READ | {"journal:read"}),
    Case("api:issue_token", by_token(api(403)), "POST", payload=in_a_month, scopes=EVERYTHING),
    Case(
        "account-language",
        by_token(page(403)) | {"nobody": 302},
        "POST",
        form=given(language="en"),
        scopes=EVERYTHING,
    ),
    Case(
        "api:revoke_token",
        by_token(by_api({"county"}) | answer(403, "administrator")),
        "POST",
        arguments=lambda world: {"id": world.tokens["county"].pk},
        scopes=WRITE,
    ),
]

CASES = [
    *OPEN,
    *OWN,
    *DIRECTORY,
    *PEOPLE,
    *BODIES,
    *SEARCH,
    *PLANS,
    *FIGURES,
    *FIGURE_PAGES,
    *LOADS,
    *CASCADE,
    *SUBJECTS,
    *INBOX,
    *CHECKS,
    *MECHANISMS,
    *PROJECTS,
    *REPORTING,
    *CONTESTS,
    *CASES_OF_PLANS,
    *JOURNAL,
    *TOKENS,
]
