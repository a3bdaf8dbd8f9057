from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from registry.tokens.models import ApiToken

READS = ("GET", "HEAD")


class RolesOfTheView(BasePermission):
    """The roles that the view declares for reading and for writing; a view that declares none lets nobody in.

    A token may be narrower than its owner.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        if not (user.is_authenticated and user.has_role(*roles_for(view, request.method or ""))):
            return False
        self.message = _("The scopes of this token do not allow this.")
        return not isinstance(request.auth, ApiToken) or within_scopes(request.auth, request, view)


def within_scopes(token: ApiToken, request: Request, view: Any) -> bool:
    """An address without arguments is about a family, one with arguments about something that is there already."""
    family = view.scope_family(request)
    about_one = bool(view.kwargs)
    letter = ("r" if about_one else "s") if request.method in READS else ("u" if about_one else "c")
    return family == "" or token.allows(family, letter)


def roles_for(view: Any, method: str) -> tuple[Any, ...]:
    if not hasattr(view, method.lower()):
        return (*getattr(view, "reading", ()), *getattr(view, "writing", ()))  # they are told that it is not offered
    return tuple(getattr(view, "reading" if method in READS else "writing", ()))
