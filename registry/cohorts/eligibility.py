"""Whether a patient meets the criteria of a cohort: pure evaluation of rules over baseline values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from django.utils.translation import gettext as _

from registry.cohorts.models import EligibilityRule, IndexEvent

Kind = EligibilityRule.Kind
Operator = EligibilityRule.Operator


class Rule(Protocol):
    """A row of EligibilityRule or a Criterion."""

    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def variable(self) -> str: ...
    @property
    def operator(self) -> str: ...
    @property
    def bounds(self) -> Any: ...


@dataclass(frozen=True)
class Criterion:
    """A rule as data, before it is a row."""

    kind: str
    text: str
    variable: str
    operator: str = Operator.IS_TRUE
    bounds: list[Any] = field(default_factory=list)


class Result(StrEnum):
    MET = "met"
    NOT_MET = "not met"
    UNKNOWN = "unknown"


class Status(StrEnum):
    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    PENDING = "pending"


@dataclass(frozen=True)
class Finding:
    kind: str
    criterion: str
    result: Result

    @property
    def excludes(self) -> bool:
        return self.result == (Result.NOT_MET if self.kind == Kind.INCLUDE else Result.MET)

    @property
    def sentence(self) -> str:
        return _SENTENCES[Kind(self.kind), self.result]() % {"criterion": self.criterion}

    def as_json(self) -> dict[str, str]:
        return {"kind": self.kind, "criterion": self.criterion, "result": self.result}


# A lambda each, so that the sentence comes in the language of the reader and not in that of the start.
_SENTENCES = {
    (Kind.INCLUDE, Result.MET): lambda: _("Inclusion criterion met: %(criterion)s."),
    (Kind.INCLUDE, Result.NOT_MET): lambda: _("Inclusion criterion not met: %(criterion)s."),
    (Kind.INCLUDE, Result.UNKNOWN): lambda: _("Inclusion criterion not yet known: %(criterion)s."),
    (Kind.EXCLUDE, Result.MET): lambda: _("Exclusion criterion applies: %(criterion)s."),
    (Kind.EXCLUDE, Result.NOT_MET): lambda: _("Exclusion criterion does not apply: %(criterion)s."),
    (Kind.EXCLUDE, Result.UNKNOWN): lambda: _("Exclusion criterion not yet known: %(criterion)s."),
}


@dataclass(frozen=True)
class Verdict:
    status: Status
    findings: list[Finding]

    @property
    def sentences(self) -> list[str]:
        if not self.findings:
            return [_("This cohort declares no limits.")]
        return [finding.sentence for finding in self.findings]

    def as_json(self) -> list[dict[str, str]]:
        return [finding.as_json() for finding in self.findings]


def evaluate(rules: Iterable[Rule], values: Mapping[str, Any]) -> Verdict:
    """One broken criterion decides, whatever else is unknown; an unknown one leaves the patient pending."""
    findings = [Finding(rule.kind, rule.text, _result(rule, values.get(rule.variable))) for rule in rules]
    if any(finding.excludes for finding in findings):
        return Verdict(Status.INELIGIBLE, findings)
    if any(finding.result == Result.UNKNOWN for finding in findings):
        return Verdict(Status.PENDING, findings)
    return Verdict(Status.ELIGIBLE, findings)


def findings_from(stored: Iterable[Mapping[str, str]]) -> list[Finding]:
    return [Finding(row["kind"], row["criterion"], Result(row["result"])) for row in stored]


def _result(rule: Rule, value: Any) -> Result:
    if value is None or value == "":
        return Result.UNKNOWN
    return Result.MET if _holds(rule, value) else Result.NOT_MET


def _holds(rule: Rule, value: Any) -> bool:
    if rule.operator == Operator.IS_TRUE:
        return value is True
    if rule.operator == Operator.IS_IN:
        return value in rule.bounds
    low, high = rule.bounds
    return (low is None or value >= low) and (high is None or value <= high)


def study_rules(index_event: str) -> tuple[Criterion, ...]:
    """The study's criteria for its two hospital cohorts."""
    include = [
        Criterion(Kind.INCLUDE, "Age 18 to 80 years", "age", Operator.BETWEEN, [18, 80]),
        Criterion(Kind.INCLUDE, "Hepatocellular carcinoma confirmed", "hcc_confirmed"),
    ]
    if index_event == IndexEvent.RESECTION:
        include += [
            Criterion(Kind.INCLUDE, "Tumour tissue after surgery", "tumour_tissue"),
            Criterion(Kind.INCLUDE, "At least one measurable lesion (RECIST 1.1)", "measurable_lesion"),
        ]
    exclude = [
        Criterion(Kind.EXCLUDE, "Systemic immunosuppressive therapy before", "prior_immunosuppression"),
        Criterion(Kind.EXCLUDE, "Another malignant tumour", "other_malignancy"),
        Criterion(Kind.EXCLUDE, "Active autoimmune disease on steroids", "autoimmune_on_steroids"),
    ]
    return (*include, *exclude)
