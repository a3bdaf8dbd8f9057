"""The dead man's switch: the web side tells the administrators, once per outage, that nobody works any more."""

import logging
import threading

from django.conf import settings
from django.db import DatabaseError, connection
from django.urls import reverse
from django.utils.translation import gettext as _

from analysis.engine.watch import Check, works
from labs.outbox.models import Outbox
from labs.outbox.services import outbox_add, outbox_deliver
from registry.people.models import User
from registry.people.roles import Role

logger = logging.getLogger(__name__)

_KEY = "silence-"


def watch_from_the_web() -> None:
    """Started once in each process of the web server."""
    threading.Thread(target=_keep_watching, daemon=True).start()


def notice() -> int:
    """Writes a message to each administrator about whatever is silent; returns how many messages are new.

    The outage is known by its first moment: asked again during the same one, nothing new is written. While the workers
    are silent, nobody but the web side could send it.
    """
    silent = [check for check in works() if not check.is_well]
    if not silent:
        return 0
    # One cause has many effects: the first check that fails names it.
    new = _tell(silent[0], [check.says for check in silent])
    outbox_deliver(of=_KEY)
    return new


def _tell(first: Check, sentences: list[str]) -> int:
    key = f"{_KEY}{first.name}-{int(first.since.timestamp()) if first.since else 0}"
    people = User.objects.filter(is_active=True, grants__role=Role.ADMINISTRATOR).exclude(email="").distinct()
    told = set(Outbox.objects.filter(key__startswith=f"{key}-").values_list("key", flat=True))
    new = 0
    for user in people.order_by("pk"):
        if f"{key}-{user.pk}" not in told:
            outbox_add(
                recipient=user.email,
                subject=_("Hepatica: %(what)s") % {"what": first.says},
                text=_text(sentences),
                key=f"{key}-{user.pk}",
            )
            new += 1
    return new


def _text(sentences: list[str]) -> str:
    url = settings.SITE_URL + reverse("analysis:status")
    advice = _("Until this is mended, what people enter is kept, but nothing new is computed and no report is made.")
    return "\n".join([*sentences, "", advice, _("What works and what does not: %(url)s") % {"url": url}, ""])


def _keep_watching() -> None:
    pause, was_silent = threading.Event(), False
    while not pause.wait(settings.SWEEP_SECONDS):
        try:
            is_silent = any(not check.is_well for check in works())
            # Not at the first look: a machine that wakes up, or starts anew, has just been silent.
            if is_silent and was_silent:
                notice()
            was_silent = is_silent
        except DatabaseError as error:
            logger.warning("Whether anybody works could not be asked (%s).", error)
        except Exception:
            # This thread must outlive whatever goes wrong: it is the last that watches.
            logger.exception("the watch from the web side failed")
        finally:
            connection.close()
