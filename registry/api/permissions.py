from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

READS = ("GET", "HEAD")


class RolesOfTheView(BasePermission):
    """The roles that the view declares for reading and for writing; a view that declares none lets nobody in."""

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        return bool(user.is_authenticated and user.has_role(*roles_for(view, request.method or "")))


def roles_for(view: Any, method: str) -> tuple[Any, ...]:
    if not hasattr(view, method.lower()):
        return (*getattr(view, "reading", ()), *getattr(view, "writing", ()))  # they are told that it is not offered
    return tuple(getattr(view, "reading" if method in READS else "writing", ()))
