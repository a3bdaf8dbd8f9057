"""What somebody sees who tried a wrong password too often."""

from datetime import datetime, timedelta
from typing import Any

from axes.helpers import get_cool_off, get_failure_limit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone


def locked_out(
    request: HttpRequest, original_response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    # Each further try starts the waiting anew, so it ends one cool-off after this one.
    attempted: datetime = getattr(request, "axes_attempt_time", None) or timezone.now()
    wait: timedelta = get_cool_off(request) or timedelta()
    context = {
        "limit": get_failure_limit(request, credentials),
        "until": attempted + wait,
        "minutes": round(wait.total_seconds() / 60),
    }
    return render(request, "registry/locked_out.html", context, status=429)
