"""A search: parameters to conditions, order, page, and what is included with what was found."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from labs.connectors.fhir.asking import Asker
from labs.connectors.fhir.families import Family, family_named
from labs.formats.fhir.bundles import bundle, found_entries
from labs.formats.fhir.problems import Issue, Json, Problem, malformed, operation_outcome
from labs.formats.fhir.search import (
    LONGEST_PAGE,
    RESULT_PARAMETERS,
    USUAL_PAGE,
    Asked,
    parse_asked,
    preference,
    read_token,
    whole_number,
)

_SHAPING = {"_count", "_offset", "_sort", "_include", "_summary", "_format"}
_FARTHEST = 10**6


def query_pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


def matching(asker: Asker, family: Family, asked: str | Sequence[Asked]) -> QuerySet[Any]:
    """All rows that fit a condition. What would choose more than was meant is refused: a parameter that is not known,
    one without a value, and a condition that chooses nothing at all."""
    wanted = _condition_of(family, asked) if isinstance(asked, str) else asked
    _used, rows = _narrowed(asker, family, wanted, is_strict=True)
    return rows.order_by(next(iter(family.sorts.values())), "pk")


def _condition_of(family: Family, query: str) -> list[Asked]:
    pairs = query_pairs(query)
    wanted = parse_asked(pairs)
    tokens = {name for name, parameter in family.parameters.items() if parameter.kind == "token"}
    is_open = any(asked.name in tokens and not read_token(value).code for asked in wanted for value in asked.values)
    if is_open or len(wanted) < len(pairs) or not {asked.name for asked in wanted} - _SHAPING:
        raise malformed(_("A condition says by a value which one is meant."), family.type)
    return wanted


@dataclass
class _Used:
    """What of the question was answered, for the link to itself, and what was not."""

    pairs: list[tuple[str, str]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def _narrowed(asker: Asker, family: Family, wanted: Sequence[Asked], *, is_strict: bool) -> tuple[_Used, QuerySet[Any]]:
    used, rows = _Used(), family.rows(asker)
    for asked in wanted:
        if asked.name in _SHAPING:
            continue
        if asked.name not in family.parameters:
            _unknown(asked, used, is_strict)
            continue
        rows = rows.filter(_condition(asker, family, asked))
        used.pairs.append((asked.written, ",".join(asked.values)))
    return used, family.usual(rows, {name for name, _value in used.pairs})


def _unknown(asked: Asked, used: _Used, is_strict: bool) -> None:
    if is_strict and asked.name not in RESULT_PARAMETERS:
        raise Problem(
            400, Issue(_("“%s” cannot be searched for here.") % asked.name[:60], asked.name[:60], "not-supported")
        )
    used.ignored.append(asked.name)


def _condition(asker: Asker, family: Family, asked: Asked) -> Q:
    parameter = family.parameters[asked.name]
    is_not = asked.modifier == "not" and parameter.kind == "token"
    names_type = parameter.kind == "reference" and asked.modifier in ("Patient", "Specimen")
    if asked.modifier and not is_not and not names_type:
        text = _("The modifier “%s” is not offered here.") % asked.modifier[:60]
        raise Problem(400, Issue(text, asked.name, "not-supported"))
    found = Q()
    for value in asked.values:
        found |= parameter.condition(asker, value)
    return ~found if is_not else found


def search(asker: Asker, family: Family, pairs: Sequence[tuple[str, str]]) -> Json:
    """A bundle of one page. Unknown parameters are refused unless the asker prefers lenient handling."""
    wanted = parse_asked(pairs)
    is_strict = preference(asker.prefer, "handling") != "lenient"
    used, rows = _narrowed(asker, family, wanted, is_strict=is_strict)
    shape = _Shape.of(wanted)
    total = rows.count()
    entries: list[Json] = []
    if not shape.counts_only:
        page = list(rows.order_by(*_order(family, shape.sort), "pk")[shape.offset : shape.offset + shape.count])
        shows_who = not {"identifier", "birthdate"}.isdisjoint(name for name, _value in used.pairs)
        entries = found_entries(asker.base, family.present(asker, page, is_search=not shows_who), "match")
        entries += _included(asker, family, page, shape.includes)
    if used.ignored:
        text = _("Not known here, and left out: %s.") % ", ".join(name[:60] for name in used.ignored)
        outcome = operation_outcome(200, [Issue(text, code="not-supported", severity="warning")])
        entries.append({"resource": outcome, "search": {"mode": "outcome"}})
    return bundle("searchset", entries, links=_links(asker, family, used, shape, total), total=total)


@dataclass(frozen=True)
class _Shape:
    count: int
    offset: int
    sort: tuple[str, ...]
    includes: tuple[str, ...]
    counts_only: bool

    @classmethod
    def of(cls, wanted: Sequence[Asked]) -> "_Shape":
        last = {asked.name: asked.values for asked in wanted}
        # POST _search may repeat a parameter of the address: the last one counts.
        count = whole_number("_count", last.get("_count", (str(USUAL_PAGE),))[0], low=0, high=LONGEST_PAGE)
        summary = last.get("_summary", ("false",))[0]
        if summary not in ("false", "count"):
            raise malformed(_("Only _summary=count is offered."), "_summary")
        return cls(
            count=count,
            offset=whole_number("_offset", last.get("_offset", ("0",))[0], low=0, high=_FARTHEST),
            sort=last.get("_sort", ()),
            includes=tuple(value for asked in wanted if asked.name == "_include" for value in asked.values),
            counts_only=summary == "count" or count == 0,
        )

    def pairs(self, offset: int) -> list[tuple[str, str]]:
        found = [("_sort", ",".join(self.sort))] if self.sort else []
        found += [("_include", each) for each in self.includes]
        return [*found, ("_count", str(self.count)), *([("_offset", str(offset))] if offset else [])]


def _order(family: Family, sort: Sequence[str]) -> list[str]:
    columns = []
    for each in sort:
        name = each.removeprefix("-")
        if name not in family.sorts:
            raise malformed(_("Sorting by “%s” is not offered.") % name[:60], "_sort")
        columns.append(("-" if each.startswith("-") else "") + family.sorts[name])
    return columns or [next(iter(family.sorts.values()))]


def _included(asker: Asker, family: Family, page: Sequence[Any], includes: Sequence[str]) -> list[Json]:
    found: list[Json] = []
    seen: set[tuple[str, str]] = set()
    for include in includes:
        name = ":".join(include.split(":")[:2])
        if name not in family.includes:
            raise malformed(_("Including “%s” is not offered.") % include[:60], "_include")
        kind, column = family.includes[name]
        other = family_named(kind)
        asker.may(kind, "r", other.reading)
        keys = dict.fromkeys(key for row in page for key in _keys(row, column))
        wanted = [key for key in keys if (kind, key) not in seen]
        seen |= {(kind, key) for key in wanted}
        rows = list(other.keyed(other.rows(asker), wanted))
        found += found_entries(asker.base, other.present(asker, rows, is_search=True), "include")
    return found


def _keys(row: Any, column: str) -> list[str]:
    """A key, or the keys that the row itself can tell."""
    value: Any = row
    for step in column.split("__"):
        value = getattr(value, step)
    return list(value()) if callable(value) else [str(value)]


def _links(asker: Asker, family: Family, used: _Used, shape: _Shape, total: int) -> dict[str, str]:
    def page(offset: int) -> str:
        query = urlencode([*used.pairs, *shape.pairs(offset)], safe=":/|,")
        return f"{asker.base}{family.type}?{query}"

    links = {"self": page(shape.offset)}
    if shape.counts_only:
        return links
    if shape.offset + shape.count < total:
        links["next"] = page(shape.offset + shape.count)
    if shape.offset:
        links["previous"] = page(max(shape.offset - shape.count, 0))
    return links
