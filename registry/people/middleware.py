import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import Resolver404
from django.utils.translation import gettext as _

GetResponse = Callable[[HttpRequest], HttpResponse]


class IdleLogoutMiddleware:
    """Signs out after IDLE_LOGOUT_SECONDS without a person's doing; parts of a page that poll do not count as one.

    It is exact to a sixtieth of that time: to note every page would make each of them wait for whoever writes.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = time.time()
            idle = now - request.session.get("last_seen", 0.0)
            if "last_seen" in request.session and idle > settings.IDLE_LOGOUT_SECONDS:
                logout(request)
                messages.info(request, _("You were signed out because nothing happened for a while."))
            elif request.headers.get("X-Poll") is None and idle > settings.IDLE_LOGOUT_SECONDS / 60:
                request.session["last_seen"] = now
        return self.get_response(request)


class DenyByDefaultMiddleware:
    """Refuses every view that does not say who may call it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if is_declared(view, request):
            return None
        raise PermissionDenied


def is_declared(view: Callable[..., Any], request: HttpRequest) -> bool:
    if hasattr(view, "allowed_roles"):
        return True
    match = request.resolver_match
    if match is None:
        raise Resolver404
    # Django's admin guards its own views by AdminSite.has_permission, which asks for the administrator's role.
    return "admin" in match.app_names
