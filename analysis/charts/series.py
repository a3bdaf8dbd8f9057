"""How curves are told apart: by colour and by dash, with one legend for both."""

import json
from typing import Any

from analysis.charts.themes import DASHES


def series(field: str, legend_texts: dict[str, list[str]]) -> dict[str, Any]:
    """Colour and dash channels of the named series, in the order given, with the lines each has in the legend.

    Every layer that uses the colour must take this same dict: one without the legend would remove it for all.
    """
    names = list(legend_texts)
    legend = {"labelExpr": f"{json.dumps(legend_texts)}[datum.label]", "symbolType": "stroke"}
    common = {"field": field, "type": "nominal", "title": None, "legend": legend}
    dashes = [DASHES[index % len(DASHES)] for index in range(len(names))]
    return {
        "color": {**common, "scale": {"domain": names}},
        "strokeDash": {**common, "scale": {"domain": names, "range": dashes}},
    }
