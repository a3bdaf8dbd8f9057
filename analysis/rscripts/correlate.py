"""Correlations in base R."""

from typing import Any

from analysis.rscripts.script import script, text, vector

_PAIR = """\
correlate <- function(x, y) {
  n <- length(x)
  found <- suppressWarnings(cor.test(x, y, method = method))
  r <- unname(found$estimate)
  # Fisher's interval, and of ranks Bonett and Wright's
  variance <- switch(method, pearson = 1 / (n - 3), spearman = (1 + r^2 / 2) / (n - 3), kendall = 0.437 / (n - 4))
  limits <- tanh(atanh(r) + c(-1, 1) * qnorm(0.975) * sqrt(variance))
  list(n = n, r = r, low = limits[1], high = limits[2], p = found$p.value)
}
"""


def correlate_script(output: dict[str, Any], *, name: str) -> str:
    names = [column["name"] for column in output["columns"]]
    places = [(i, j) for i in range(len(names)) for j in range(i + 1, len(names))]
    body = [
        f"columns <- {vector(names)}",
        f"method <- {text(output['method'])}",
        _PAIR.rstrip(),
        "p <- c()",
    ]
    for place, (i, j) in enumerate(places):
        body += _pair(output["pairs"][place], place, i, j)
    if output["adjust"] != "none":
        method = {"bh": "BH", "holm": "holm"}[output["adjust"]]
        body.append(f'q <- p.adjust(p, "{method}")')
        body.append('for (place in names(q)) put(paste0("pairs/", place, "/q"), q[[place]])')
    return script(f"Correlation of {', '.join(names)}", "\n".join(body), name=name, libraries=())


def _pair(pair: dict[str, Any], place: int, i: int, j: int) -> list[str]:
    body = [
        f"both <- rows[complete.cases(rows[, columns[c({i + 1}, {j + 1})]]), columns[c({i + 1}, {j + 1})]]",
        f'put("pairs/{place}/n", nrow(both))',
    ]
    if pair["r"] is None:
        return body
    keys = ["r", *(key for key in ("low", "high", "p") if pair[key] is not None)]
    body += [
        "found <- correlate(both[[1]], both[[2]])",
        f'for (what in {vector(keys)}) put(paste0("pairs/{place}/", what), found[[what]])',
        f'put("matrix/{i}/{j}", found$r)',
    ]
    return [*body, f'p["{place}"] <- found$p'] if pair["p"] is not None else body
