"""Kappa, Fleiss' kappa, limits of agreement and intraclass correlations in base R."""

from typing import Any

from analysis.rscripts.script import script, text, vector

_KAPPA = """\
kappa_of <- function(a, b, weights) {
  k <- length(levels_in_order)
  p <- unclass(table(factor(a, seq_len(k)), factor(b, seq_len(k)))) / length(a)
  distance <- abs(outer(seq_len(k), seq_len(k), "-")) / (k - 1)
  w <- switch(weights, none = diag(k), linear = 1 - distance, quadratic = 1 - distance^2)
  row <- rowSums(p); column <- colSums(p)
  observed <- sum(w * p); expected <- sum(w * outer(row, column))
  value <- (observed - expected) / (1 - expected)
  spread <- outer(as.vector(w %*% column), as.vector(t(w) %*% row), "+")
  # Fleiss, Cohen and Everitt 1969: the standard error of the interval, and that under chance
  se <- sqrt(max(sum(p * (w - spread * (1 - value))^2) - (value - expected * (1 - value))^2, 0) / length(a)) /
    (1 - expected)
  null <- sqrt((sum(outer(row, column) * (w - spread)^2) - expected^2) / length(a)) / (1 - expected)
  half <- qnorm(0.975) * se
  z <- value / null
  c(value = value, se = se, low = value - half, high = value + half, z = z, p = 2 * pnorm(-abs(z)))
}
"""
_FLEISS = """\
counts <- sapply(seq_along(levels_in_order), function(level) rowSums(reads == level))
n <- nrow(reads); k <- ncol(reads)
share <- colSums(counts) / (n * k)
pairs <- (rowSums(counts^2) - k) / (k * (k - 1))
expected <- sum(share^2)
fleiss <- (mean(pairs) - expected) / (1 - expected)
q <- share * (1 - share)
null <- sqrt(2 / (sum(q)^2 * n * k * (k - 1)) * (sum(q)^2 - sum(q * (1 - 2 * share))))
# Gwet 2021: the standard error that does not suppose chance
own <- (pairs - expected) / (1 - expected) -
  2 * (1 - fleiss) * (as.vector(counts %*% share) / k - expected) / (1 - expected)
se <- sqrt(sum((own - fleiss)^2) / (n * (n - 1)))
put("fleiss/value", fleiss)
put("fleiss/se", se)
put("fleiss/low", fleiss - qt(0.975, n - 1) * se)
put("fleiss/high", min(fleiss + qt(0.975, n - 1) * se, 1))
put("fleiss/z", fleiss / null)
put("fleiss/p", 2 * pnorm(-abs(fleiss / null)))
"""
_LIMITS = """\
limits_of <- function(a, b) {
  gap <- a - b; n <- length(gap); s <- sd(gap); t <- qt(0.975, n - 1); z <- qnorm(0.975)
  around <- function(at, half) c(at, at - half, at + half)
  of_limit <- t * s * sqrt(1 / n + z^2 / (2 * (n - 1)))
  rbind(bias = around(mean(gap), t * s / sqrt(n)),
        lower = around(mean(gap) - z * s, of_limit), upper = around(mean(gap) + z * s, of_limit))
}
put_limits <- function(place, limits) for (end in rownames(limits)) {
  put(paste0(place, end, "/value"), limits[end, 1])
  put(paste0(place, end, "/low"), limits[end, 2])
  put(paste0(place, end, "/high"), limits[end, 3])
}
"""
_ICC = """\
n <- nrow(reads); k <- ncol(reads)
subject <- factor(rep(seq_len(n), k)); rater <- factor(rep(seq_len(k), each = n))
squares <- anova(lm(as.vector(reads) ~ subject + rater))[["Mean Sq"]]
between <- squares[1]; raters <- squares[2]; error <- squares[3]
within <- (raters * (k - 1) + error * (n - 1) * (k - 1)) / (n * (k - 1))
f1 <- between / within; f3 <- between / error
from_f <- function(f) ifelse(is.infinite(f), 1, (f - 1) / (f + k - 1))
around <- function(f, df) from_f(c(f, f / qf(0.975, n - 1, df), f * qf(0.975, df, n - 1)))
# Raters drawn from many: Satterthwaite's degrees of freedom
two <- (between - error) / (between + (k - 1) * error + k * (raters - error) / n)
a <- k * two * raters; b <- (n * (1 + (k - 1) * two) - k * two) * error
v <- (k - 1) * (n - 1) * (a + b)^2 / ((n - 1) * a^2 + b^2)
high_f <- qf(0.975, n - 1, v); low_f <- qf(0.975, v, n - 1)
rest <- k * raters + (k * n - k - n) * error
icc2 <- c(two, n * (between - high_f * error) / (high_f * rest + n * between),
          n * (low_f * between - error) / (rest + n * low_f * between))
single <- list(around(f1, n * (k - 1)), icc2, around(f3, (n - 1) * (k - 1)))
forms <- c(single, lapply(single, function(r) r * k / (1 + r * (k - 1))))
f <- rep(c(f1, f3, f3), 2); df2 <- rep(c(n * (k - 1), rep((n - 1) * (k - 1), 2)), 2)
for (i in seq_along(forms)) {
  place <- paste0("icc/", i - 1, "/")
  put(paste0(place, "value"), forms[[i]][1])
  put(paste0(place, "low"), forms[[i]][2])
  put(paste0(place, "high"), forms[[i]][3])
  # Raters who agree to the last digit leave no error to divide by
  if (f[i] < 1e12) put(paste0(place, "f"), f[i])
"""


def agreement_script(output: dict[str, Any], *, name: str) -> str:
    body = [
        f"columns <- {vector(output['columns'])}",
        # As written: R would take a column of T and F for yes and no.
        'rows <- read.csv(file, check.names = FALSE, fileEncoding = "UTF-8-BOM", colClasses = "character")',
        "rows <- rows[complete.cases(rows[, columns]), columns]",
        'put("n", nrow(rows))',
    ]
    if output["pairs"]:
        body += _categories(output) if output["scale"] == "categories" else _numbers(output)
    if output["icc"]:
        body += ["reads <- do.call(cbind, lapply(rows, as.numeric))", _ICC.rstrip()]
        if output["icc"][0]["p"] is not None:
            body.append('  put(paste0(place, "p"), pf(f[i], n - 1, df2[i], lower.tail = FALSE))')
        body.append("}")
    return script(f"Agreement of {', '.join(output['raters'])}", "\n".join(body), name=name, libraries=())


def _places(output: dict[str, Any]) -> list[tuple[int, int, int]]:
    k = output["n_raters"]
    both = [(i, j) for i in range(k) for j in range(i + 1, k)]
    return [(place, i + 1, j + 1) for place, (i, j) in enumerate(both)]


def _categories(output: dict[str, Any]) -> list[str]:
    if output["is_number"]:
        levels, read = vector([float(level) for level in output["levels"]]), "as.numeric(column)"
    else:
        levels, read = vector(output["levels"]), "column"
    body = [
        f"levels_in_order <- {levels}",
        f"reads <- do.call(cbind, lapply(rows, function(column) match({read}, levels_in_order)))",
        _KAPPA.rstrip(),
    ]
    for place, i, j in _places(output):
        pair = output["pairs"][place]
        body.append(f'put("pairs/{place}/exact/value", mean(reads[, {i}] == reads[, {j}]))')
        if pair["kappa"]:
            places = [f"pairs/{place}/kappa/"] + (["kappa/"] if output["kappa"] else [])
            body += [
                f"found <- kappa_of(reads[, {i}], reads[, {j}], {text(output['weights'])})",
                f"for (place in {vector(places)}) for (what in names(found)) put(paste0(place, what), found[[what]])",
            ]
    return [*body, _FLEISS.rstrip()] if output["fleiss"] else body


def _numbers(output: dict[str, Any]) -> list[str]:
    body = ["reads <- do.call(cbind, lapply(rows, as.numeric))", _LIMITS.rstrip()]
    for place, i, j in _places(output):
        pair = output["pairs"][place]
        both = f"reads[, {i}], reads[, {j}]"
        if pair["differences"]:
            body.append(f'put_limits("pairs/{place}/differences/", limits_of({both}))')
            body += _checks(place, pair["differences"]["checks"], i, j)
        if pair["ratios"]:
            logs = f"log(reads[, {i}]), log(reads[, {j}])"
            body.append(f'put_limits("pairs/{place}/ratios/", exp(limits_of({logs})))')
    return body


def _checks(place: int, checks: dict[str, Any], i: int, j: int) -> list[str]:
    start = f"pairs/{place}/differences/checks/"
    body = [f"gap <- reads[, {i}] - reads[, {j}]; middle <- (reads[, {i}] + reads[, {j}]) / 2"]
    if checks["normality"]:
        body.append(f'put("{start}normality/statistic", shapiro.test(gap)$statistic)')
    if checks["spread"]:
        body.append(f'put("{start}spread/rho", cor(middle, abs(gap - mean(gap)), method = "spearman"))')
    return body
