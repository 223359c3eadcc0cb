"""Builds a `Pack` from a draft without faults."""

from __future__ import annotations

from datetime import date
from typing import Any

from throughline.kernel.period import Period, Span
from throughline.plans.packs.draft import Draft
from throughline.plans.packs.mapping import Mapping, Words, build_mapping
from throughline.plans.packs.mapping_checks import mapping_names
from throughline.plans.packs.observation_checks import released, simulated
from throughline.plans.packs.pack import (
    Baseline,
    Body,
    Bridge,
    Edition,
    Element,
    Form,
    FormLine,
    FormRule,
    FormSection,
    Group,
    Grouping,
    Holding,
    Indicator,
    Member,
    Observation,
    Pack,
    Paper,
    Person,
    Plan,
    Post,
    Relation,
    Series,
    Simulation,
    Source,
    Support,
    Target,
    Version,
)
from throughline.plans.packs.procedure_checks import catalogue
from throughline.plans.packs.tables import Row, Table

_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Value = dict[str, Any]


def build_pack(draft: Draft) -> Pack:
    """Build the pack; the draft must have passed every check."""
    pack = draft.document("pack").value
    plan = draft.document("plan").value
    calendar = pack["calendar"]
    return Pack(
        folder=draft.folder,
        digest=draft.digest,
        key=pack["key"],
        release=pack["version"],
        title=_words(pack, "title"),
        note=_words(pack, "note"),
        scheme=pack["scheme"],
        places=draft.folder / pack["places"],
        licence=pack["licence"],
        languages=tuple(pack["languages"]),
        zone=pack["zone"],
        working_days=tuple(sorted(_WEEK.index(name) for name in calendar["working_days"])),
        holidays=tuple(date.fromisoformat(day) for day in calendar.get("holidays", [])),
        demo=pack["demo"],
        plan=_plan(plan["plan"]),
        version=_version(plan["version"]),
        papers=tuple(_paper(paper) for paper in plan["papers"]),
        elements=tuple(
            _element(number, element) for number, element in enumerate(_all(draft, "elements"), 1)
        ),
        indicators=tuple(map(_indicator, _all(draft, "indicators"))),
        editions=tuple(
            Edition(e["key"], _words(e, "title"), _words(e, "note"), e["rank"])
            for e in _all(draft, "editions")
        ),
        series=tuple(Series(**(s | {"title": _words(s, "title")})) for s in _all(draft, "series")),
        targets=tuple(map(_target, _all(draft, "targets"))),
        sources={
            s["key"]: Source(s["key"], _words(s, "title"), _words(s, "note"))
            for s in _all(draft, "sources")
        },
        bodies=tuple(map(_body, _all(draft, "bodies"))),
        templates=tuple(_body(entry) for _path, entry in draft.entries("bodies", ("templates",))),
        people=tuple(map(_person, _all(draft, "people"))),
        groupings=tuple(map(_grouping, _all(draft, "groupings"))),
        simulations=tuple(map(_simulation, _all(draft, "simulated"))),
        observations=tuple(
            _observation(table, row) for table in draft.tables.values() for row in table.rows
        ),
        bridges=tuple(_bridge(entry) for _path, entry in draft.entries("editions", ("bridges",))),
        forms=tuple(map(_form, _all(draft, "forms"))),
        worked=tuple(date.fromisoformat(day) for day in calendar.get("worked", [])),
        procedures=catalogue(draft),
        mappings=_mappings(draft),
    )


def _all(draft: Draft, name: str) -> list[Value]:
    return [entry for _path, entry in draft.items(name)]


def _words(value: Value, key: str) -> Words:
    return Words(**value.get(key, {}))


def _flat(value: Value, stem: str) -> Words:
    """A text written as `name_en`, `name_zh`."""
    return Words(en=value.get(f"{stem}_en", ""), zh=value.get(f"{stem}_zh", ""))


def _day(value: Value, key: str) -> date | None:
    return date.fromisoformat(value[key]) if key in value else None


def _period(value: Value, key: str) -> Period:
    return Period.parse(str(value[key]))


def _plan(value: Value) -> Plan:
    periods = {key: _period(value, key) for key in ("period_from", "period_to")}
    return Plan(**(value | periods | {"title": _words(value, "title")}))


def _version(value: Value) -> Version:
    start = date.fromisoformat(value["in_force_from"])
    return Version(value["number"], start, _words(value, "note"))


def _paper(value: Value) -> Paper:
    words = {key: _words(value, key) for key in ("title", "note")}
    days = {key: _day(value, key) for key in ("date", "public_date")}
    return Paper(**(value | words | days))


def _element(position: int, value: Value) -> Element:
    source = value.get("source", {})
    plain = {key: part for key, part in value.items() if key != "source"}
    built = {
        "position": position,
        "paper": source.get("paper", ""),
        "paragraph": source.get("paragraph", ""),
        "support": source.get("support", ""),
        "deadline": _day(value, "deadline"),
        "leads": tuple(value.get("leads", [])),
        "supports": tuple(
            Support(s["body"], _words(s, "duty"), _day(s, "due")) for s in value.get("supports", [])
        ),
    }
    words = {key: _words(value, key) for key in ("title", "text", "completion")}
    return Element(**(plain | built | words))


def _indicator(value: Value) -> Indicator:
    plain = {key: part for key, part in value.items() if key not in {"range", "reports"}}
    low, high = value.get("range", [None, None])
    built = {
        "minimum": low,
        "maximum": high,
        "band": tuple(value["band"]) if "band" in value else None,
        "peers_by": tuple(value.get("peers_by", [])),
        "span": Span(value["span"]),
        "reports_itself": "reports" in value,
    }
    words = {key: _words(value, key) for key in ("title", "definition", "unit")}
    return Indicator(**(plain | built | words))


def _target(value: Value) -> Target:
    baseline, tolerance = value.get("baseline"), value.get("tolerance", {})
    plain = {key: part for key, part in value.items() if key != "tolerance"}
    built = {
        "tolerance": tolerance.get("amount"),
        "tolerance_share": tolerance.get("share"),
        "by": _period(value, "by"),
        "baseline": Baseline(**(baseline | {"period": _period(baseline, "period")}))
        if baseline
        else None,
        "steps": tuple(
            (_period(step, "period"), float(step["value"])) for step in value.get("steps", [])
        ),
    }
    words = {key: _words(value, key) for key in ("no_baseline", "note")}
    return Target(**(plain | built | words))


def _bridge(value: Value) -> Bridge:
    plain = {key: part for key, part in value.items() if key not in {"from", "to"}}
    built = {
        "origin": value["from"],
        "onto": value["to"],
        "period": _period(value, "period") if "period" in value else None,
        "note": _words(value, "note"),
    }
    return Bridge(**(plain | built))


def _body(value: Value) -> Body:
    return Body(
        key=value["key"],
        name=_flat(value, "name"),
        short=_flat(value, "short"),
        kind=value["kind"],
        place=value.get("place", ""),
        illustrative=value.get("illustrative", False),
        aliases=tuple(value.get("aliases", [])),
        relations=tuple(Relation(r["to"], r["kind"]) for r in value.get("relations", [])),
        posts=tuple(
            Post(p["key"], _flat(p, "title"), tuple(p["duties"])) for p in value.get("posts", [])
        ),
        for_tier=value.get("for_tier", ""),
    )


def _person(value: Value) -> Person:
    holdings = []
    for holding in value.get("posts", []):
        body, _slash, post = holding["post"].partition("/")
        holdings.append(Holding(body, post, _day(holding, "from"), _day(holding, "to")))
    plain = {key: part for key, part in value.items() if key != "posts"}
    return Person(**plain, holdings=tuple(holdings))


def _grouping(value: Value) -> Grouping:
    plain = {key: part for key, part in value.items() if key != "computed"}
    built = {
        "computed_from": value.get("computed", {}).get("indicator", ""),
        "groups": tuple(map(_group, value["groups"])),
        "title": _words(value, "title"),
        "note": _words(value, "note"),
    }
    return Grouping(**(plain | built))


def _group(value: Value) -> Group:
    members = tuple(
        Member(m["place"], date.fromisoformat(m["from"]), _day(m, "to"))
        for m in value.get("members", [])
    )
    return Group(value["key"], _words(value, "title"), value.get("at_least"), members)


def _simulation(value: Value) -> Simulation:
    plain = {key: part for key, part in value.items() if key not in {"rule", "periods", "note"}}
    return Simulation(
        **plain,
        **value["rule"],
        periods=tuple(Period.parse(str(code)) for code in value["periods"]),
        note=_words(value, "note"),
    )


def _form(value: Value) -> Form:
    built = {
        "title": _words(value, "title"),
        "note": _words(value, "note"),
        "review": tuple(value.get("review", [])),
        "sections": tuple(
            FormSection(_words(section, "title"), tuple(map(_line, section["lines"])))
            for section in value.get("sections", [])
        ),
        "remind": tuple(map(_hours, value["remind"])) if "remind" in value else None,
        "rules": tuple(
            FormRule(**(rule | {"says": _words(rule, "says")})) for rule in value.get("rules", [])
        ),
    }
    return Form(**(value | built))


def _hours(before: str) -> int:
    """Hours before a close: 7d, 4h, or the close itself."""
    if before == "close":
        return 0
    return int(before[:-1]) * (24 if before.endswith("d") else 1)


def _line(value: Value) -> FormLine:
    words = {key: _words(value, key) for key in ("counts", "excludes")}
    return FormLine(**(value | words))


def _observation(table: Table, row: Row) -> Observation:
    cells = row.cells
    return Observation(
        series=cells["series"],
        place=cells["place"],
        period=Period.parse(cells["period"]),
        value=float(cells["value"]) if cells["value"] else None,
        status=cells["status"],
        source=cells["source"],
        support=cells["support"],
        file=table.file,
        row=row.line,
        released=released(cells.get("released", "")),
        note=Words(cells.get("note", ""), cells.get("note_zh", "")),
        simulated=simulated(cells),
    )


def _mappings(draft: Draft) -> dict[str, Mapping]:
    built = [build_mapping(draft.document(name).value) for name in mapping_names(draft)]
    return {mapping.key: mapping for mapping in built}
