"""What other installed packages add, by entry point. One that does not load is told and left out: it stops nobody.

[project.entry-points."hepatica.formats"]
acme = "acme_lab:FORMAT"
"""

import logging
from functools import lru_cache
from importlib.metadata import entry_points

logger = logging.getLogger(__name__)
FORMATS = "hepatica.formats"


@lru_cache
def added(group: str) -> tuple[object, ...]:
    """In the order of their names, so that two machines with the same packages read a file alike."""
    found: list[object] = []
    for point in sorted(entry_points(group=group), key=lambda point: (point.name, point.value)):
        try:
            found.append(point.load())
        except Exception as error:
            # Whatever a foreign module does when it is imported.
            logger.error("%s, entry point %s, is not loaded: %s", group, point.name, type(error).__name__)
    return tuple(found)
