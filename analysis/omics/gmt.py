"""Sets of genes from GMT files: a name, a description and the genes, by tabs, one set a line."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from analysis.omics.errors import OmicsInputError

# WikiPathways names a set Title%WikiPathways_20180810%WP23%Homo sapiens.
WIKIPATHWAYS_PARTS = 4
# Reactome writes Apoptosis and R-HSA-109581 in this order, and once the words "Reactome Pathway" before the genes.
REACTOME, REACTOME_WORDS = re.compile(r"R-[A-Z]{3}-\d+"), "Reactome Pathway"


@dataclass(frozen=True)
class GeneSets:
    """Genes of each set, each once, and what the set is called; both by its id, in the order of the file."""

    genes: Mapping[str, tuple[str, ...]]
    titles: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.genes)


def read_gmt(text: str) -> GeneSets:
    """Read a GMT file.

    Parameters
    ----------
    text : str
        The whole file.

    Returns
    -------
    GeneSets
        The title is the description of the file; a set of WikiPathways has its WP number as id and its name as title,
        one of Reactome its stable id (``R-HSA-109581``).

    Raises
    ------
    OmicsInputError
        A line without a name or without genes, a set that comes twice, or no set at all.
    """
    genes: dict[str, tuple[str, ...]] = {}
    titles: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        name, title, *members = [cell.strip() for cell in line.split("\t")] + [""] * (line.count("\t") == 0)
        if REACTOME.fullmatch(title):
            # Several pathways may have one name.
            name, title = title, name
            members = [gene for gene in members if gene != REACTOME_WORDS]
        name, title = _wikipathways(name) or (name, title)
        if not name:
            raise OmicsInputError(f"Line {number} of the GMT file has no name of a set.")
        if name in genes:
            raise OmicsInputError(f"Line {number} of the GMT file names the set {name} a second time.")
        genes[name] = tuple(dict.fromkeys(gene for gene in members if gene))
        titles[name] = title
        if not genes[name]:
            raise OmicsInputError(f"Line {number} of the GMT file has the set {name} without genes.")
    if not genes:
        raise OmicsInputError("The GMT file holds no set of genes.")
    return GeneSets(genes, titles)


def _wikipathways(name: str) -> tuple[str, str] | None:
    parts = name.split("%")
    is_pathway = len(parts) == WIKIPATHWAYS_PARTS and parts[1].startswith("WikiPathways")
    return (parts[2], parts[0]) if is_pathway else None


def write_gmt(sets: GeneSets) -> str:
    """The sets as a GMT file, ids first, that ``read_gmt`` reads as the same."""
    lines = ("\t".join((name, sets.titles[name], *members)) for name, members in sets.genes.items())
    return "".join(f"{line}\n" for line in lines)
