"""By which identifiers a step knows its genes, and whether its sets know them by the same."""

from collections.abc import Mapping

from analysis.discovery.errors import DiscoveryError
from analysis.discovery.references import Reference
from analysis.discovery.sources import ENTREZ, Source

TIDE = "tide"
OF_GENES = ("expression", "genes", "ranking", "lists")

Inputs = Mapping[str, tuple[Reference, ...]]


def checked_identifiers(
    place: str, method: str, inputs: Inputs, sources: Mapping[str, Source], known: Mapping[str, str]
) -> str:
    """The identifiers of the genes that the step gives on; blank if it has none.

    DiscoveryError where lists differ in them, or genes and sets do and no table translates.
    """
    own = [
        (one.name, sources[one.name].settings["identifiers"] if one.name in sources else known.get(one.name, ""))
        for role in OF_GENES
        for one in inputs.get(role, ())
    ]
    if not own:
        return ""
    name, first = own[0]
    for other, second in own[1:]:
        if second != first:
            raise DiscoveryError(f"{place}: {name} has genes by {first}, and {other} by {second}.")
    # Without its signature the step is skipped, whatever its genes.
    wanted = ENTREZ if method == TIDE and inputs.get("signature") else None
    for one in inputs.get("sets", ()):
        wanted = sources[one.name].settings["identifiers"]
    given = first
    for one in inputs.get("identifiers", ()):
        table = sources[one.name].settings
        if table["from"] != first:
            raise DiscoveryError(f"{place}: {one.name} translates from {table['from']}, and {name} has {first}.")
        given = table["to"]
    if wanted is not None and given != wanted:
        raise DiscoveryError(
            f"{place}: genes are wanted by {wanted}, and {name} has {first}; identifiers names a table that translates."
        )
    return first
