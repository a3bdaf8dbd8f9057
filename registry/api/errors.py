"""One shape for everything that goes wrong: {"error": {"code", "message", "fields", "id"}}."""

import logging
import math
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as Refused
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response

from registry.api.repeating import KeyInUse, KeyOfAnother
from registry.log.facts import StaleWrite, shown_changes
from registry.people import errors as pages

logger = logging.getLogger("hepatica.errors")

# What an error looks like: of status, code, message and id.
Shape = Callable[[int, str, str, str], dict[str, Any]]
# start of an address → the shape there, and its content type
_SHAPES: dict[str, tuple[Shape, str]] = {}
_FAILED = gettext_lazy("Something went wrong here. Give the id of this error to an administrator.")
# code: what an answer of DRF's own exceptions is called here
_CODES: dict[type[exceptions.APIException], str] = {
    exceptions.ParseError: "malformed",
    exceptions.AuthenticationFailed: "not_signed_in",
    exceptions.NotAuthenticated: "not_signed_in",
    exceptions.PermissionDenied: "not_allowed",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.Throttled: "throttled",
    KeyInUse: "under_way",
    KeyOfAnother: "key_of_another_request",
}

Field = dict[str, Any]


def answer(exc: Exception, context: dict[str, Any]) -> Response:
    """DRF calls this with whatever a view raised."""
    status, code, message, fields = told_of(exc)
    error_id = uuid.uuid4().hex[:12]
    if status == 500:
        # Neither the path nor the message: both may name a patient.
        view = type(context.get("view")).__name__
        logger.error("Error %s in %s %s", error_id, context["request"].method, view, exc_info=exc)
    headers = headers_of(exc)
    response = Response(_body(code, message, fields, error_id), status=status, headers=headers)
    response["X-Request-Id"] = error_id
    return response


def told_of(exc: Exception) -> tuple[int, str, str, list[Field]]:
    if isinstance(exc, StaleWrite):
        return 409, "changed_meanwhile", " ".join(exc.messages), list(_moved(exc))
    if isinstance(exc, Refused):
        return 400, "invalid", _("Nothing was saved."), list(_refusals(exc))
    if isinstance(exc, exceptions.ValidationError):
        return 400, "invalid", _("Nothing was saved."), list(_flat(exc.detail))
    if isinstance(exc, Http404):
        return 404, "not_found", _("There is no such thing here, or it is not yours to see."), []
    if isinstance(exc, PermissionDenied):
        return 403, "not_allowed", _("Your roles do not allow this."), []
    if isinstance(exc, RequestDataTooBig):
        return 413, "too_large", _("What was sent is too large."), []
    if isinstance(exc, SuspiciousOperation):
        return 400, "malformed", _("The request was not understood."), []
    if isinstance(exc, exceptions.APIException):
        return exc.status_code, _CODES.get(type(exc), "refused"), str(exc.detail), []
    return 500, "server_error", str(_FAILED), []


def _moved(exc: StaleWrite) -> Iterator[Field]:
    """What the other person changed, field by field."""
    for change in exc.changes:
        for name, before, after in shown_changes(change):
            yield _field(name, f"{change.actor_name}: {before} → {after}")


def _refusals(exc: Refused, row: int | None = None) -> Iterator[Field]:
    rows: dict[int, Refused] = getattr(exc, "rows", {})
    if rows:
        for index, error in rows.items():
            yield from _refusals(error, index + 1)
        return
    found = exc.error_dict if hasattr(exc, "error_dict") else {NON_FIELD_ERRORS: exc.error_list}
    for name, errors in found.items():
        for message in Refused(errors).messages:
            yield _field("" if name == NON_FIELD_ERRORS else name, message, row)


def _flat(detail: Any, name: str = "", row: int | None = None) -> Iterator[Field]:
    """DRF nests errors as the input was nested; a list counts its rows from 1."""
    if isinstance(detail, dict):
        for key, inner in detail.items():
            if isinstance(key, int):
                yield from _flat(inner, name, key + 1)
            else:
                yield from _flat(inner, "" if key == "non_field_errors" else str(key), row)
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            yield from _flat(inner, name, index + 1 if isinstance(inner, dict) else row)
    else:
        yield _field(name, str(detail), row)


def _field(name: str, message: str, row: int | None = None) -> Field:
    return {"field": name, **({} if row is None else {"row": row}), "message": message}


def _body(code: str, message: str, fields: list[Field], error_id: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "fields": fields, "id": error_id}}


def headers_of(exc: Exception) -> dict[str, str]:
    found = {}
    if auth := getattr(exc, "auth_header", None):
        found["WWW-Authenticate"] = auth
    if wait := getattr(exc, "wait", None):
        found["Retry-After"] = str(math.ceil(wait))
    return found


def _own_shape(_status: int, code: str, message: str, error_id: str) -> dict[str, Any]:
    return _body(code, message, [], error_id)


_SHAPES["/api/"] = (_own_shape, "application/json")


def _plain(request: HttpRequest, status: int, code: str, message: str | Promise, known_id: str = "") -> HttpResponse:
    error_id = known_id or uuid.uuid4().hex[:12]
    shape, content_type = _shape(request) or _SHAPES["/api/"]
    body = shape(status, code, str(message), error_id)
    response = JsonResponse(body, status=status, content_type=content_type)
    response["X-Request-Id"] = error_id
    return response


def add_shape(prefix: str, shape: Shape, content_type: str) -> None:
    """For another interface of programs: its errors never are pages."""
    _SHAPES[prefix] = (shape, content_type)


def _shape(request: HttpRequest) -> tuple[Shape, str] | None:
    return next((shape for prefix, shape in _SHAPES.items() if request.path.startswith(prefix)), None)


def is_for_programs(request: HttpRequest) -> bool:
    return _shape(request) is not None


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if is_for_programs(request):
        return _plain(request, 400, "malformed", _("The request was not understood."))
    return defaults.bad_request(request, exception)


def refused(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if is_for_programs(request):
        return _plain(request, 403, "not_allowed", _("Your roles do not allow this."))
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if is_for_programs(request):
        needs_slash = request.path.startswith("/api/") and not request.path.endswith("/")
        message = _("An address here ends with “/”.") if needs_slash else _("There is no such address.")
        return _plain(request, 404, "not_found", message)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if is_for_programs(request):
        return _plain(request, 500, "server_error", _FAILED, pages.logged_error(request))
    return pages.server_error(request)
