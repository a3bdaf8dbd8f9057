"""What goes on between us and other systems: pulls into the inbox, derived scores into the outbox."""

import hashlib
import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from labs.connectors.contract import Ask, Connector, Numbers, Pulled
from labs.connectors.directory import connectors
from labs.connectors.models import ConnectorState
from labs.connectors.scores import scores_of_draws
from labs.inbox.mapping.selectors import authorities_now, sent_numbers
from labs.inbox.models import RawMessage, Transport
from labs.inbox.receiving_files import receive_file
from labs.outbox.models import Outbox
from labs.outbox.services import outbox_post
from labs.specimens.models import Specimen, SpecimenKind
from registry.log.actors import Actor
from registry.patients.matching import patients_numbered

logger = logging.getLogger(__name__)
# Their clock is not ours, and a change may become visible a little after its own time.
OVERLAP = timedelta(minutes=15)
# A pull that dies holds its connector this long; each document renews it.
LEASE = timedelta(minutes=10)
NEW_SPECIMENS = 200


def pull_all(*, only: str = "") -> int:
    """Of every connector that is set up; how many documents were new. One that fails is tried again by the next."""
    found = [each for each in connectors().values() if only in ("", each.name)]
    return sum(connector_pull(connector=each) for each in found)


def connector_pull(*, connector: Connector) -> int:
    """1. Nobody else pulls meanwhile. 2. Each document goes to the inbox, which keeps it first. 3. How far it came.

    Where it breaks off, the next pull begins at the same place: what is held already is not received again.
    """
    state = _claimed(connector.name)
    if state is None:
        return 0
    began = timezone.now()
    new = 0
    until = _last_asked(state)
    try:
        for document in connector.pull(_ask(state, until)):
            new += _received(connector, document)
            ConnectorState.objects.filter(pk=state.pk).update(lease_until=timezone.now() + LEASE)
    except Exception as error:
        # Of our own connectors OSError and ValueError; those of other packages may raise anything.
        logger.warning("%s: the pull failed: %s", connector.name, type(error).__name__)
        _failed(state, f"{type(error).__name__}: {error}", began)
        return new
    state.seen_until = state.pulled_at = began
    state.specimens_until, state.documents = until, new
    state.last_error, state.failing_since, state.lease_until = "", None, None
    state.save()
    return new


def scores_post() -> int:
    """Puts what a connector wants and was not yet given into the outbox; how many deliveries are new."""
    wanted = [(connector, name) for connector in connectors().values() for name in connector.scores]
    if not wanted:
        return 0
    given = set(Outbox.objects.filter(kind=Outbox.Kind.DELIVERY).values_list("key", flat=True))
    new = 0
    for score in scores_of_draws({name for _connector, name in wanted}):
        for connector in {each.name: each for each, name in wanted if name == score.name}.values():
            digest = hashlib.sha256(f"{score.specimen}/{score.name}/{score.version}".encode()).hexdigest()[:32]
            key = f"{connector.name}-{digest}"
            if key not in given:
                _message, is_new = outbox_post(target=connector.name, payload=score.as_payload(), key=key)
                new += is_new
    return new


def _claimed(name: str) -> ConnectorState | None:
    ConnectorState.objects.get_or_create(name=name)
    now = timezone.now()
    free = ConnectorState.objects.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now), name=name)
    if free.update(lease_until=now + LEASE) != 1:
        return None
    return ConnectorState.objects.get(name=name)


def _failed(state: ConnectorState, error: str, began: datetime) -> None:
    ConnectorState.objects.filter(pk=state.pk, failing_since__isnull=True).update(failing_since=began)
    ConnectorState.objects.filter(pk=state.pk).update(last_error=error[:300], pulled_at=began, lease_until=None)


def _ask(state: ConnectorState, until: int) -> Ask:
    new = _real_draws().filter(pk__gt=state.specimens_until, pk__lte=until)
    return Ask(
        since=state.seen_until - OVERLAP if state.seen_until else None,
        # The first pull brings everything that there is.
        new_specimens=tuple(new.order_by("pk").values_list("code", flat=True)) if state.seen_until else (),
        known=known_specimens,
        knows_patient=knows_patient,
    )


def _last_asked(state: ConnectorState) -> int:
    """The specimen that this pull asks for last. A first pull asks for none of them: it brings all that there is."""
    draws = _real_draws()
    if state.seen_until is not None:
        keys = draws.filter(pk__gt=state.specimens_until).order_by("pk").values_list("pk", flat=True)[:NEW_SPECIMENS]
        return max(keys, default=state.specimens_until)
    return draws.aggregate(last=Max("pk"))["last"] or 0


def _real_draws() -> QuerySet[Specimen]:
    """Of patients who exist: a simulated one's code may by chance be that of a real sample."""
    return Specimen.objects.filter(kind=SpecimenKind.BLOOD, retired_reason="", patient__retired_reason="").exclude(
        patient__enrolments__cohort__is_simulated=True
    )


def known_specimens(codes: Collection[str]) -> set[str]:
    return set(_real_draws().filter(code__in=set(codes) - {""}).values_list("code", flat=True))


def knows_patient(numbers: Numbers) -> bool:
    return bool(patients_numbered(sent_numbers(numbers, authorities_now())))


def _received(connector: Connector, document: Pulled) -> bool:
    """False when the same bytes are here already: a pull that broke off begins again."""
    digest = hashlib.sha256(document.data).hexdigest()
    if RawMessage.objects.filter(sha256=digest, transport=Transport.PULL).exists():
        return False
    by = Actor.system(connector.name, source="connector")
    found = receive_file(name=document.name, data=document.data, source=Transport.PULL, peer=connector.address, by=by)
    if not found.receipts:
        raise ValueError(f"a document of {connector.name} is of no format that is known here")
    return True
