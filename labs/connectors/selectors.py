"""How the connectors fare, for the pages of administrators."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from labs.connectors.directory import connectors
from labs.connectors.models import ConnectorState

# A laboratory system is restarted now and then.
PATIENCE = timedelta(minutes=30)


@dataclass(frozen=True)
class ConnectorShown:
    name: str
    address: str
    scores: str
    state: ConnectorState | None


def connectors_shown() -> list[ConnectorShown]:
    states = {state.name: state for state in ConnectorState.objects.all()}
    return [
        ConnectorShown(each.name, each.address, ", ".join(sorted(each.scores)), states.get(each.name))
        for each in connectors().values()
    ]


def failing_connectors() -> list[ConnectorState]:
    """Those set up here that have failed for longer than a restart takes, the longest first."""
    late = ConnectorState.objects.filter(failing_since__lt=timezone.now() - PATIENCE)
    return list(late.filter(name__in=connectors()).order_by("failing_since"))
