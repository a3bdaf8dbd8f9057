"""Signs of life of the listeners. No facts, so not in the log."""

from datetime import timedelta

from django.utils import timezone

from labs.connectors.signs.models import ListenerSign

# A listener that was stopped in order and never started again is missed for so long.
_FORGOTTEN_AFTER = timedelta(days=7)


def listener_noted(*, place: str) -> None:
    now = timezone.now()
    values = {"at": now, "stopped_at": None}
    ListenerSign.objects.update_or_create(place=place, defaults=values, create_defaults={**values, "started_at": now})


def listener_started(*, place: str) -> None:
    now = timezone.now()
    values = {"at": now, "started_at": now, "stopped_at": None}
    ListenerSign.objects.update_or_create(place=place, defaults=values)


def listener_stopped(*, place: str) -> None:
    ListenerSign.objects.filter(place=place).update(stopped_at=timezone.now())


def listeners_forget() -> None:
    ListenerSign.objects.filter(stopped_at__lt=timezone.now() - _FORGOTTEN_AFTER).delete()
