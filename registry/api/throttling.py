"""How often one person, with all programs of theirs, may ask."""

from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from registry.api.permissions import READS


class _PerMinute(SimpleRateThrottle):
    """Each web process counts for itself: a limit against a program that runs away, not a quota."""

    setting = ""

    def get_rate(self) -> str | None:
        allowed = getattr(settings, self.setting)
        return f"{allowed}/minute" if allowed else None

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        return f"{self.setting}-{request.user.pk}" if request.user.is_authenticated else None


class Requests(_PerMinute):
    setting = "API_PER_MINUTE"


class Writes(_PerMinute):
    setting = "API_WRITES_PER_MINUTE"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        return None if request.method in READS else super().get_cache_key(request, view)
