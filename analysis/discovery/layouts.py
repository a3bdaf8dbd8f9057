"""Expression in the layout of a plain table or of a public source, as a configuration names it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.discovery.errors import DiscoveryError
from analysis.omics.expression import LOG2
from labs.formats.errors import FormatError
from labs.formats.expression_layouts import GDC, TABLE, XENA
from labs.formats.gdc import gdc_files

# Settings that one layout only has a use for.
OF_LAYOUT = {"genes": TABLE, "ignore": TABLE, "from_log2": XENA}


def checked_layout(found: Mapping[str, Any], path: Path, place: str) -> tuple[Path, ...]:
    """All files of an expression. Of the GDC the sample sheet is named, and its files lie beside or below it.

    DiscoveryError for a setting of another layout, or a file that the sheet names and that is not there.
    """
    for setting, layout in OF_LAYOUT.items():
        if found[setting] and found["layout"] != layout:
            raise DiscoveryError(f"{place}.{setting} is of the layout {layout}, and {place} has {found['layout']}.")
    if found["from_log2"] and found["unit"] == LOG2:
        raise DiscoveryError(f"{place}.from_log2 gives counts, TPM or FPKM, and {place}.unit is {LOG2}.")
    if found["layout"] != GDC:
        return (path,)
    try:
        return (path, *gdc_files(path.parent, path))
    except FormatError as error:
        raise DiscoveryError(f"{place}: {error}") from error
