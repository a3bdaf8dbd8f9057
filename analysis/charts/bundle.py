"""The drawing library for the pages, made from the installed package: no copy in the repository, no network."""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

import vl_convert

from analysis.charts.themes import BROWSER, theme

NAME = "vega.js"


def write_bundle(folder: Path) -> bool:
    """Write the library and our theme into the folder, unless that very file is there; True when it was written."""
    snippet = (
        "Object.assign(window, {vegaEmbed, vegaLite, vega, hepaticaChartTheme: " + json.dumps(theme(BROWSER)) + "});\n"
    )
    stamp = f"/* vl-convert {version('vl-convert-python')} {hashlib.sha256(snippet.encode()).hexdigest()[:16]} */\n"
    path = folder / NAME
    if path.is_file() and path.read_text(encoding="utf-8").startswith(stamp):
        return False
    folder.mkdir(parents=True, exist_ok=True)
    # Under another name first: a start that is interrupted must not leave half a library behind.
    unfinished = path.with_suffix(".part")
    unfinished.write_text(stamp + vl_convert.javascript_bundle(snippet), encoding="utf-8")
    unfinished.replace(path)
    return True
