"""Which connectors there are: ours where they are set up, and those of other packages."""

import logging

from django.conf import settings

from labs.connectors.contract import Connector
from labs.connectors.lims.openelis import OpenElis
from labs.connectors.lims.senaite import Senaite
from labs.formats.outside import added

logger = logging.getLogger(__name__)
CONNECTORS = "hepatica.connectors"


def connectors() -> dict[str, Connector]:
    """By name; a name that is taken is ours."""
    ours: list[Connector] = []
    # Another Django site that has this app need not have the settings.
    if senaite := getattr(settings, "SENAITE", None):
        ours.append(Senaite(**senaite))
    if openelis := getattr(settings, "OPENELIS", None):
        ours.append(OpenElis(**openelis))
    found: dict[str, Connector] = {each.name: each for each in ours}
    for each in added(CONNECTORS):
        if not isinstance(each, Connector):
            logger.error("%s: %s is no connector", CONNECTORS, type(each).__name__)
        elif each.name not in found:
            found[each.name] = each
    return found


def connector_named(name: str) -> Connector | None:
    return connectors().get(name)
