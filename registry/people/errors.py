import logging
import uuid

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

logger = logging.getLogger("hepatica.errors")


def server_error(request: HttpRequest) -> HttpResponse:
    """A page with an id and nothing else: what went wrong stands in the server's log under that id."""
    # Rendered without the request: its context processors may be what fails.
    return HttpResponse(render_to_string("500.html", {"error_id": logged_error(request)}), status=500)


def logged_error(request: HttpRequest) -> str:
    """Logs the exception at hand; the id of the entry comes back."""
    error_id = uuid.uuid4().hex[:12]
    # The path may name a patient: not logged.
    view = request.resolver_match.view_name if request.resolver_match else "?"
    logger.error("Error %s in %s %s", error_id, request.method, view, exc_info=True)
    return error_id
