"""How data and steps may be called."""

from typing import Any

from analysis.discovery.errors import DiscoveryError

NAMEABLE = "letters, digits, - and _"
LONGEST_NAME = 40


def named(name: Any, place: str) -> str:
    """A name that is also one of a file."""
    if not isinstance(name, str) or not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
        raise DiscoveryError(f"{place}: a name holds {NAMEABLE}, not {name!r}.")
    if len(name) > LONGEST_NAME:
        raise DiscoveryError(
            f"{place}: a name has at most {LONGEST_NAME} characters, and {name[:20]}… has {len(name)}."
        )
    return name
