"""What is wrong with a request, and the OperationOutcome that says so."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

_CODES = {
    400: "structure",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    409: "conflict",
    410: "deleted",
    412: "conflict",
    415: "not-supported",
    422: "business-rule",
    429: "throttled",
    500: "exception",
}


@dataclass(frozen=True)
class Issue:
    """`expression` is the element, as Observation.value."""

    text: str
    expression: str = ""
    code: str = ""
    severity: str = "error"


class Problem(Exception):
    """Nothing was stored; the answer has this status and names each element at fault."""

    def __init__(self, status: int, *issues: Issue) -> None:
        super().__init__(status, *issues)
        self.status = status
        self.issues = issues

    def below(self, place: str) -> "Problem":
        """The same, seen from a bundle: Observation.value becomes Bundle.entry[2].resource.value."""
        moved = [Issue(one.text, _below(place, one.expression), one.code, one.severity) for one in self.issues]
        return Problem(self.status, *moved)


def _below(place: str, expression: str) -> str:
    if expression.startswith("request."):
        return f"{place}.{expression}"
    _type, dot, rest = expression.partition(".")
    return f"{place}.resource{dot}{rest}" if expression else place


def malformed(text: str, expression: str = "") -> Problem:
    return Problem(400, Issue(text, expression, "structure"))


def refused(text: str, expression: str = "", code: str = "business-rule") -> Problem:
    return Problem(422, Issue(text, expression, code))


def operation_outcome(status: int, issues: Iterable[Issue], number: str = "") -> Json:
    """`number` is by what the administrator finds the error in the log."""
    outcome: Json = {"resourceType": "OperationOutcome"}
    if number:
        outcome["id"] = number
    outcome["issue"] = [_issue(status, issue) for issue in issues]
    return outcome


def _issue(status: int, issue: Issue) -> Json:
    told: Json = {"severity": issue.severity, "code": issue.code or _CODES.get(status, "processing")}
    if issue.text:
        told["diagnostics"] = issue.text
    if issue.expression:
        told["expression"] = [issue.expression]
    return told
