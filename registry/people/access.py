"""Who may call which view. A view that declares nothing is refused by DenyByDefaultMiddleware."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from registry.people.models import User
from registry.people.roles import Role

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def allow(*roles: Role) -> Callable[[View], View]:
    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not request.user.has_role(*roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.allowed_roles = frozenset(roles)  # type: ignore[attr-defined]  # read by the middleware and the matrix
        return guarded  # type: ignore[return-value]  # the wrapper keeps the view's signature

    return declare


def public(view: View) -> View:
    view.allowed_roles = None  # type: ignore[attr-defined]  # read by the middleware and the matrix
    return view


def acting_user(request: HttpRequest) -> User:
    if not request.user.is_authenticated:
        raise PermissionDenied
    return request.user
