"""Whatever goes wrong, as OperationOutcome: the same refusals that REST tells, by elements instead of columns."""

import logging
import uuid
from typing import Any

from rest_framework import exceptions
from rest_framework.response import Response

from labs.connectors.fhir.families import families
from labs.formats.fhir.problems import Issue, Problem, operation_outcome
from registry.api.errors import Field, headers_of, told_of
from registry.log.facts import StaleWrite

logger = logging.getLogger("hepatica.errors")


def told(exc: Exception, kind: str = "") -> tuple[int, list[Issue]]:
    """The status, and each element at fault of a resource of this type."""
    if isinstance(exc, Problem):
        return exc.status, list(exc.issues)
    status, _code, message, fields = told_of(exc)
    if status == 400 and not isinstance(exc, exceptions.APIException):
        status = 422  # understood, and against a rule
    if isinstance(exc, StaleWrite):
        return 409, [Issue(message, kind, "conflict")]
    issues = [Issue(field["message"], _expression(kind, field)) for field in fields]
    return status, issues or [Issue(message)]


def _expression(kind: str, field: Field) -> str:
    family = next((family for family in families() if family.type == kind), None)
    if family is None:
        return kind
    element = family.elements.get(field["field"], field["field"])
    return f"{kind}.{element}" if element else kind


def logged(exc: Exception, method: str, place: str) -> str:
    """The number by which it is found in the log."""
    number = uuid.uuid4().hex[:12]
    # Neither the path nor the message: both may name a patient.
    logger.error("Error %s in %s %s", number, method, place, exc_info=exc)
    return number


def answer(exc: Exception, context: dict[str, Any]) -> Response:
    view = context.get("view")
    status, issues = told(exc, getattr(view, "kind", ""))
    number = logged(exc, context["request"].method, type(view).__name__) if status == 500 else uuid.uuid4().hex[:12]
    response = Response(operation_outcome(status, issues, number), status=status, headers=headers_of(exc))
    response["X-Request-Id"] = number
    return response


def plain_outcome(status: int, _code: str, message: str, number: str) -> dict[str, Any]:
    """For what fails before a view is reached."""
    return operation_outcome(status, [Issue(message)], number)
