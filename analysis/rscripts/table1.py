"""Table 1 in base R: how each variable is spread, its test and its standardised difference."""

from typing import Any

from analysis.rscripts.compare import check_line, test_lines
from analysis.rscripts.grouped import group_lines, names, number_column
from analysis.rscripts.script import script, text
from analysis.stats.category_test import PEARSON, YATES

_PAIRS = "each <- combn({k}, 2)"
_SMD_OF_SAMPLES = """\
apart <- function(a, b) if (mean(a) == mean(b)) 0 else abs(mean(a) - mean(b)) / sqrt((var(a) + var(b)) / 2)
put("rows/{at}/smd", mean(apply(each, 2, function(i) apart(samples[[i[1]]], samples[[i[2]]]))))"""
# Yang and Dalton, with the generalised inverse of MASS::ginv.
_DISTANCE = """\
distance <- function(a, b) {
  spread <- function(p) { v <- -outer(p, p); diag(v) <- p * (1 - p); v }
  s <- svd((spread(a) + spread(b)) / 2)
  if (all(s$d == 0)) return(if (all(a == b)) 0 else NaN)
  kept <- s$d > sqrt(.Machine$double.eps) * s$d[1]
  inverse <- s$v[, kept, drop = FALSE] %*% (t(s$u[, kept, drop = FALSE]) / s$d[kept])
  sqrt(drop(t(a - b) %*% inverse %*% (a - b)))
}
"""
_SMD_OF_COUNTS = """\
share <- counts / rowSums(counts)
if (ncol(share) > 1) share <- share[, -1, drop = FALSE]
put("rows/{at}/smd", mean(apply(each, 2, function(i) distance(share[i[1], ], share[i[2], ]))))"""
_CHI2 = """\
test <- suppressWarnings(chisq.test(counts, correct = {correct}))
put("rows/{at}/{key}/chi2", test$statistic)
put("rows/{at}/{key}/df", test$parameter)
put("rows/{at}/{key}/p", test$p.value)"""
_EXPECTED = 'put("rows/{at}/least_expected", min(test$expected))'
# Large tables are beyond R's own workspace.
_FISHER = """\
exact <- tryCatch(fisher.test(counts, workspace = 2e7)$p.value, error = function(e) NULL)
if (!is.null(exact)) put("rows/{at}/fisher/p", exact)"""
_P = {PEARSON: "chi2", YATES: "chi2_yates"}


def table1_script(output: dict[str, Any], *, name: str) -> str:
    title = f"Table 1 by {output['group_label'] or 'group'}"
    lines = [_DISTANCE]
    if output["from_counts"]:
        lines += ["counts <- as.matrix(rows[, -1])", *_category(output["rows"], 0)]
        return script(title, "\n".join(lines), name=name, libraries=())
    if output["rows"]:
        lines += ["p <- c()", *group_lines(output)]
    at = 0
    while at < len(output["rows"]):
        row = output["rows"][at]
        levels = [other for other in output["rows"] if other["variable"] == row["variable"]]
        lines += ["", f"# {' '.join(row['label'].split())}"]
        if row["level"] is None:
            lines += _number(row, at)
        else:
            lines += [_counted(row, [level["mark"] for level in levels]), *_category(levels, at)]
        at += len(levels)
    return script(title, "\n".join(lines), name=name, libraries=())


def _number(row: dict[str, Any], at: int) -> list[str]:
    lines = [
        f"value <- {number_column(row['variable'])}",
        "samples <- lapply(groups, function(name) value[!is.na(value) & !is.na(group) & group == name])",
        f'for (i in seq_along(samples)) describe(paste0("rows/{at}/groups/", i - 1, "/"), samples[[i]])',
    ]
    if row["smd"] is not None:
        lines += [_PAIRS.format(k="length(samples)"), _SMD_OF_SAMPLES.format(at=at)]
    if not row["refused"]:
        lines += [
            "of <- factor(rep(seq_along(samples), lengths(samples)))",
            *test_lines(row, at),
            *(check_line(check, i, at, None) for i, check in enumerate(row["checks"])),
        ]
    return lines


def _counted(row: dict[str, Any], marks: list[str]) -> str:
    level = f"factor(cells[[{text(row['variable'])}]], levels = {names(marks)})"
    return f"counts <- unclass(table(factor(group, levels = groups), {level}))"


def _category(levels: list[dict[str, Any]], at: int) -> list[str]:
    head = levels[0]
    lines = [
        f'put("rows/{at + i}/groups/{j}/count", counts[{j + 1}, {i + 1}])'
        for i in range(len(levels))
        for j in range(len(head["groups"]))
    ]
    if head["smd"] is not None:
        lines += [_PAIRS.format(k="nrow(counts)"), _SMD_OF_COUNTS.format(at=at)]
    if head["refused"]:
        return lines
    if head["chi2_yates"]:
        lines.append(_CHI2.format(at=at, key="chi2_yates", correct="TRUE"))
    lines += [_CHI2.format(at=at, key="chi2", correct="FALSE"), _EXPECTED.format(at=at)]
    if head["fisher"]:
        lines.append(_FISHER.format(at=at))
    if head["test"] not in _P:
        return [*lines, f'if (!is.null(exact)) put("rows/{at}/p", exact)']
    correct = "TRUE" if _P[head["test"]] == "chi2_yates" else "FALSE"
    return [*lines, f'put("rows/{at}/p", suppressWarnings(chisq.test(counts, correct = {correct}))$p.value)']
