"""Groups compared in base R: the test that was chosen, what it supposes, and the adjusted p."""

from typing import Any

from analysis.kinds.comparing import WELCH, WELCH_ANOVA
from analysis.rscripts.grouped import group_lines, number_column
from analysis.rscripts.script import script, text
from analysis.stats.group_test import MANN_WHITNEY, PAIRED_T, SIGNED_RANK, STUDENT
from analysis.stats.many_group_test import ANOVA, KRUSKAL_WALLIS

T_TESTS = {STUDENT: "var.equal = TRUE", WELCH: "var.equal = FALSE", PAIRED_T: "paired = TRUE"}
_T = """\
test <- t.test(samples[[1]], samples[[2]], {options})
put("rows/{at}/statistic", test$statistic)
put("rows/{at}/df", test$parameter)
put("rows/{at}/p", p["{at}"] <- test$p.value)
put("rows/{at}/low", test$conf.int[1])
put("rows/{at}/high", test$conf.int[2])"""
_RANKS = """\
test <- suppressWarnings(wilcox.test(samples[[1]], samples[[2]], paired = {paired}, conf.int = {interval}))
put("rows/{at}/statistic", test$statistic)
put("rows/{at}/p", p["{at}"] <- test$p.value)"""
# R finds limits exactly where its test is exact; else it searches for the root of a step function, only to 1e-3.
_EXACT_LIMITS = """\
put("rows/{at}/difference", test$estimate)
put("rows/{at}/low", test$conf.int[1])
put("rows/{at}/high", test$conf.int[2])"""
_SHIFT = """\
put("rows/{at}/difference", median(outer(samples[[1]], samples[[2]], "-")))"""
_PSEUDOMEDIAN = """\
change <- samples[[1]] - samples[[2]]
change <- change[change != 0]
walsh <- outer(change, change, "+") / 2
put("rows/{at}/difference", median(walsh[upper.tri(walsh, diag = TRUE)]))"""
_F = """\
fit <- aov(unlist(samples) ~ of)
found <- summary(fit)[[1]]
put("rows/{at}/statistic", found[1, "F value"])
put("rows/{at}/df", found[1, "Df"])
put("rows/{at}/df2", found[2, "Df"])
put("rows/{at}/p", p["{at}"] <- found[1, "Pr(>F)"])
pairs <- TukeyHSD(fit)$of
for (i in seq_len(nrow(pairs))) {{
  place <- paste0("rows/{at}/pairs/", i - 1, "/")
  put(paste0(place, c("difference", "low", "high")), pairs[i, 1:3])
}}"""
_WELCH_F = """\
test <- oneway.test(unlist(samples) ~ of, var.equal = FALSE)
put("rows/{at}/statistic", test$statistic)
put("rows/{at}/df", test$parameter[1])
put("rows/{at}/df2", test$parameter[2])
put("rows/{at}/p", p["{at}"] <- test$p.value)"""
_KRUSKAL = """\
test <- kruskal.test(samples)
put("rows/{at}/statistic", test$statistic)
put("rows/{at}/df", test$parameter)
put("rows/{at}/p", p["{at}"] <- test$p.value)"""
_KRUSKAL_PAIRS = """\
each <- suppressWarnings(pairwise.wilcox.test(unlist(samples), of, p.adjust.method = "BH"))$p.value
place <- 0
for (a in seq_len(ncol(each))) for (b in a:nrow(each)) {{
  put(paste0("rows/{at}/pairs/", place, "/p"), each[b, a])
  place <- place + 1
}}"""
_NORMALITY = """\
put("rows/{at}/checks/{check}/statistic", shapiro.test({sample})$statistic)"""
_LEVENE = """\
spread <- anova(lm(unlist(lapply(samples, function(x) abs(x - median(x)))) ~ of))
put("rows/{at}/checks/{check}/statistic", spread[1, "F value"])
put("rows/{at}/checks/{check}/p", spread[1, "Pr(>F)"])"""
_SUMMARY_T = """\
n <- rows$n; mean <- rows$mean; sd <- rows$sd
pooled <- sqrt(sum((n - 1) * sd^2) / sum(n - 1))
error <- c(pooled * sqrt(sum(1 / n)), sqrt(sum(sd^2 / n)))
df <- c(sum(n) - 2, sum(sd^2 / n)^2 / sum((sd^2 / n)^2 / (n - 1)))
t <- (mean[1] - mean[2]) / error
for (i in 1:2) {
  place <- paste0("rows/", i - 1, "/")
  put(paste0(place, "statistic"), t[i])
  put(paste0(place, "df"), df[i])
  put(paste0(place, "p"), 2 * pt(-abs(t[i]), df[i]))
  put(paste0(place, "difference"), mean[1] - mean[2])
  put(paste0(place, "low"), mean[1] - mean[2] - qt(0.975, df[i]) * error[i])
  put(paste0(place, "high"), mean[1] - mean[2] + qt(0.975, df[i]) * error[i])
}"""
_SUMMARY_F = """\
n <- rows$n; mean <- rows$mean; sd <- rows$sd; k <- length(n)
between <- sum(n * (mean - sum(n * mean) / sum(n))^2) / (k - 1)
f <- between / (sum((n - 1) * sd^2) / (sum(n) - k))
put("rows/0/statistic", f)
put("rows/0/p", pf(f, k - 1, sum(n) - k, lower.tail = FALSE))
w <- n / sd^2
lack <- sum((1 - w / sum(w))^2 / (n - 1)) / (k^2 - 1)
f <- sum(w * (mean - sum(w * mean) / sum(w))^2) / ((k - 1) * (1 + 2 * (k - 2) * lack))
put("rows/1/statistic", f)
put("rows/1/df2", 1 / (3 * lack))
put("rows/1/p", pf(f, k - 1, 1 / (3 * lack), lower.tail = FALSE))"""


def compare_script(output: dict[str, Any], *, name: str) -> str:
    labels = ", ".join(dict.fromkeys(row["label"] for row in output["rows"]))
    title = f"{labels} by {output['group_label'] or 'group'}"
    if output["from_summary"]:
        body = [] if output["refused"] else [_SUMMARY_T if len(output["names"]) == 2 else _SUMMARY_F]
        return script(title, "\n".join([*body, *_sizes(output)]), name=name, libraries=())
    lines = ["p <- c()"]
    if output["rows"]:
        lines = [*group_lines(output), *lines]
    for at, row in enumerate(output["rows"]):
        lines += _row(row, at, output["paired"])
    if any(row["q"] is not None for row in output["rows"]):
        lines += ['put(paste0("rows/", names(p), "/q"), p.adjust(p, "BH"))']
    return script(title, "\n".join(lines), name=name, libraries=())


def _sizes(output: dict[str, Any]) -> list[str]:
    return [f'put("rows/0/groups/{i}/n", rows$n[{i + 1}])' for i in range(len(output["names"]))]


def _row(row: dict[str, Any], at: int, paired: str | None) -> list[str]:
    if not row["groups"]:
        return []
    lines = ["", f"# {' '.join(row['label'].split())}", f"value <- {number_column(row['value'])}"]
    if paired:
        lines += [
            f"id <- cells[[{text(paired)}]]",
            "sides <- lapply(groups, function(name) !is.na(value) & !is.na(group) & group == name)",
            "both <- unique(id)[unique(id) %in% id[sides[[1]]] & unique(id) %in% id[sides[[2]]]]"
            if len(row["groups"]) == 2
            else "both <- character(0)",
            "samples <- lapply(sides, function(side) value[side][match(both, id[side])])",
        ]
    else:
        lines.append("samples <- lapply(groups, function(name) value[!is.na(value) & !is.na(group) & group == name])")
    lines.append(f'for (i in seq_along(samples)) describe(paste0("rows/{at}/groups/", i - 1, "/"), samples[[i]])')
    if row["refused"]:
        return lines
    lines += [
        "of <- factor(rep(seq_along(samples), lengths(samples)))",
        *test_lines(row, at),
    ]
    return lines + [check_line(check, i, at, paired) for i, check in enumerate(row["checks"])]


def test_lines(row: dict[str, Any], at: int) -> list[str]:
    """R for the row's test of `samples`, a list in the order of the groups, and `of`, the group of each value."""
    return [line.format(at=at) for line in _test(row)]


def _test(row: dict[str, Any]) -> list[str]:
    test = row["test"]
    if test in T_TESTS:
        return [_T.replace("{options}", T_TESTS[test])]
    if test in (MANN_WHITNEY, SIGNED_RANK):
        is_exact, is_paired = row["method"] == "exact", test == SIGNED_RANK
        ranks = _RANKS.replace("{paired}", "TRUE" if is_paired else "FALSE")
        ranks = ranks.replace("{interval}", "TRUE" if is_exact else "FALSE")
        if is_exact:
            return [ranks, _EXACT_LIMITS]
        # Too many differences to go through have no shift, only medians.
        shift = [] if row["low"] is None else [_PSEUDOMEDIAN if is_paired else _SHIFT]
        return [ranks, *shift]
    if test == KRUSKAL_WALLIS:
        return [_KRUSKAL, *([_KRUSKAL_PAIRS] if row["pairs"] else [])]
    return [{ANOVA: _F, WELCH_ANOVA: _WELCH_F}[test]]


def check_line(check: dict[str, Any], place: int, at: int, paired: str | None) -> str:
    """The statistic of an assumption's test; nothing where it could not be made."""
    if check["statistic"] is None:
        return ""
    if not check["what"].startswith("normality"):
        return _LEVENE.format(at=at, check=place)
    sample = "samples[[1]] - samples[[2]]" if paired else f"samples[[{place + 1}]]"
    return _NORMALITY.format(at=at, check=place, sample=sample)
