"""The analysis-ready table in the making: one row per enrolment, column by column, each with where it comes from."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analysis.engine.freshness import Freshness
from analysis.engine.models import Analysis, Result
from analysis.exports import columns as types
from analysis.exports.profiles import Nature
from analysis.exports.versions import RawColumn
from analysis.frames.response import load_response
from analysis.frames.variables import parse
from analysis.headline.exploratory import is_exploratory
from registry.cohorts.endpoints import cohort_endpoints
from registry.models import Baseline, Cohort, Enrolment, ExtraVariable
from registry.outcomes.selectors import derived_outcomes, recurrence_timings

_UNSAFE = re.compile(r"\W+")
_TELLING = ("baseline:age", "baseline:sex")
EXPLORATORY, STALE = "exploratory", "stale"


@dataclass(frozen=True)
class Answer:
    """What an analysis says of each patient, and whether that stood."""

    analysis: Analysis
    result: Result
    run_id: int | None
    as_of: datetime | None
    # "fresh", or why not
    state: str


def answer_now(analysis: Analysis, freshness: Freshness) -> Answer | None:
    if analysis.current is None:
        return None
    return Answer(analysis, analysis.current, freshness.run_id, freshness.as_of, freshness.state)


def by_source(name: str) -> tuple[int, str]:
    order = ("baseline", "extra", "blood", "index", "ihc", "blot", "qpcr")
    return order.index(parse(name).source), name


def column_name(*parts: str) -> str:
    """Letters, digits and underscores: R, SPSS and SAS take it as it is."""
    return "_".join(_UNSAFE.sub("_", part).strip("_") for part in parts if part)


class ReadyMaking:
    def __init__(self, cohort: Cohort, found: list[dict[str, Any]], using: str) -> None:
        self._cohort, self._using = cohort, using
        self._found = {row["patient"]: row for row in found}
        members = (
            Enrolment.objects.using(using)
            .filter(
                cohort_id=cohort.pk,
                patient__study_number__in=list(self._found),
                withdrawn_on=None,
                retired_reason="",
            )
            .select_related("patient__site")
            .order_by("patient__study_number")
        )
        self._enrolments = {enrolment.patient.study_number: enrolment for enrolment in members}
        self.rows: list[dict[str, Any]] = [
            {"patient_id": enrolment.patient_id, "enrolment_id": enrolment.pk, "patient": number}
            for number, enrolment in self._enrolments.items()
        ]
        self.columns: list[RawColumn] = [
            RawColumn("patient", types.TEXT, "study number", "registry.patient", nature=Nature.STUDY_NUMBER)
        ]
        self.runs: list[dict[str, Any]] = []

    def _add(self, column: RawColumn, values: dict[str, Any]) -> None:
        """`values` by study number."""
        self.columns.append(column)
        for row in self.rows:
            row[column.name] = values.get(row["patient"])

    def add_frozen(self, column: RawColumn, name: str) -> None:
        """A column as it stands in the rows that were given."""
        self._add(column, {number: row.get(name) for number, row in self._found.items()})

    def add_cohort(self) -> None:
        self._add(
            RawColumn("cohort", types.TEXT, "cohort", "registry.cohort"),
            dict.fromkeys(self._enrolments, self._cohort.code),
        )
        self._add(
            RawColumn("simulated", types.BOOLEAN, "of a simulated cohort", "registry.cohort"),
            dict.fromkeys(self._enrolments, self._cohort.is_simulated),
        )

    def add_index(self) -> None:
        self.add_cohort()
        by_number = self._enrolments.items()
        self._add(
            RawColumn("site", types.TEXT, "site", "registry.site", nature=Nature.SITE),
            {number: enrolment.patient.site.code for number, enrolment in by_number},
        )
        label = f"date of the index event ({self._cohort.get_index_event_display()})"
        self._add(
            RawColumn("index_date", types.DATE, label, "registry.enrolment", nature=Nature.DAY),
            {number: enrolment.index_date for number, enrolment in by_number},
        )

    def add_outcomes(self) -> None:
        for endpoint in cohort_endpoints(self._cohort, self._using):
            outcomes = derived_outcomes(self._cohort, endpoint.code, self._using)
            source = f"endpoint {endpoint.code}, derived from events and contacts"
            name = column_name(endpoint.code)
            self._add(
                RawColumn(
                    f"{name}_months", types.NUMBER, f"{endpoint.name}: months from the index event", source, "mo"
                ),
                {outcome.study_number: outcome.months for outcome in outcomes},
            )
            self._add(
                RawColumn(f"{name}_event", types.BOOLEAN, f"{endpoint.name}: event (no: censored)", source),
                {outcome.study_number: outcome.event for outcome in outcomes},
            )
        timings = recurrence_timings(self._cohort, self._using)
        if any(timing.group for timing in timings):
            self._add(
                RawColumn("recurrence_timing", types.TEXT, "early or late recurrence", "derived from events"),
                {timing.study_number: timing.group for timing in timings},
            )

    def add_response(self) -> None:
        found, _definitions = load_response(self._cohort, self._using)
        if not found:
            return
        values = {
            number: found[enrolment.pk].is_responder
            for number, enrolment in self._enrolments.items()
            if enrolment.pk in found
        }
        self._add(RawColumn("responder", types.BOOLEAN, "responder", "assessments, else as reported"), values)

    def add_variable(self, name: str, described: dict[str, Any]) -> None:
        values = {number: row.get(name) for number, row in self._found.items()}
        if all(value is None for value in values.values()):
            return
        variable = parse(name)
        levels = _levels(variable.source, variable.code, described)
        self._add(
            RawColumn(
                column_name("" if variable.source == "baseline" else variable.source, variable.code, variable.specimen),
                _type(values.values()),
                str(described["label"]),
                name,
                str(described.get("unit", "")),
                levels,
                self._nature(variable.source, variable.code),
            ),
            values,
        )

    def _nature(self, source: str, code: str) -> Nature:
        if source == "baseline" and code in ("age", "sex"):
            return Nature(code)
        if source == "extra":
            kind = ExtraVariable.objects.using(self._using).get(cohort_id=self._cohort.pk, code=code).type
            return Nature.WORDS if kind == ExtraVariable.Type.TEXT else Nature.PLAIN
        return Nature.PLAIN

    def add_answer(self, answer: Answer) -> None:
        """The group and the score that an analysis of this cohort gives a patient, with its run and its marks."""
        analysis, output = answer.analysis, answer.result.output_values
        groups = {member["patient"]: str(member["group"]) for member in output.get("members", [])}
        scores = {item["patient"]: item["score"] for item in output.get("scores", [])}
        if len(set(groups.values())) < 2:
            groups = {}  # everybody in one curve is no group
        if not groups and not scores:
            return
        exploratory, is_stale = is_exploratory(output), answer.state != "fresh"
        added = []
        for kind, values in (("score", scores), ("group", groups)):
            if not values:
                continue
            marks = [EXPLORATORY] if exploratory and kind == "group" else []
            marks += [STALE] if is_stale else []
            column = RawColumn(
                column_name(kind, analysis.slug, *marks),
                types.NUMBER if kind == "score" else types.TEXT,
                ", ".join([f"{analysis.title}: {kind}", *marks]),
                f"analysis {self._cohort.code}/{analysis.slug}",
                provenance=_provenance(answer, marks),
                is_stale=is_stale,
                tells_who=any(name in json.dumps(analysis.parameters) for name in _TELLING),
            )
            self._add(column, values)
            added.append(column.name)
        self.runs.append(
            {
                "analysis": f"{self._cohort.code}/{analysis.slug}",
                "title": analysis.title,
                "run": answer.run_id,
                "computed_at": answer.as_of.isoformat() if answer.as_of else None,
                "freshness": answer.state,
                "exploratory": exploratory,
                "data": answer.result.frame_id,
                "columns": added,
            }
        )


def _provenance(answer: Answer, marks: list[str]) -> str:
    as_of = f", as of {answer.as_of:%Y-%m-%d %H:%M} UTC" if answer.as_of else ""
    exploratory = ", exploratory cutoff" if EXPLORATORY in marks else ""
    return f"run {answer.run_id}{as_of}, {answer.state}{exploratory}"


def _levels(source: str, code: str, described: dict[str, Any]) -> dict[str, str]:
    if source == "baseline" and code != "sex":
        choices = getattr(Baseline._meta.get_field(code), "flatchoices", ())
        return {str(value): str(label) for value, label in choices}
    levels = described.get("levels") or {}
    if isinstance(levels, dict):
        return {str(value): str(label) for value, label in levels.items()}
    return {str(level): str(level) for level in levels}


def _type(values: Any) -> str:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return types.BOOLEAN
    if kinds == {int}:
        return types.INTEGER
    return types.NUMBER if kinds <= {int, float} else types.TEXT
