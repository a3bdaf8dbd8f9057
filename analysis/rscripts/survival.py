"""Survival by group in R's survival package."""

from typing import Any

from analysis.frames.frame import Frame
from analysis.rscripts.script import TEXTS, column, script, text, texts_of, vector


def survival_script(frame: Frame, output: dict[str, Any], *, name: str) -> str:
    title = f"{output['endpoint']} by {output['label']}"
    if not output["groups"]:
        return script(title, f"# There is no number to reproduce. {output['refused']}", name=name)
    body = [
        TEXTS,
        *at_risk(frame, output, "texts"),
        f"time <- {column(frame.time_name)}",
        f"event <- {column('event')}",
        *_grouping(frame, output),
        f"curves <- lapply(levels(group), function(g) "
        f"survfit(Surv(time[group == g], event[group == g]) ~ 1, conf.type = {text(output['conf_type'])}))",
        *_curves(output),
    ]
    if output["logrank"]:
        body += [
            "test <- survdiff(Surv(time, event) ~ group)",
            'put("logrank/chi2", test$chisq)',
            'put("logrank/df", length(test$n) - 1)',
            'put("logrank/p", pchisq(test$chisq, length(test$n) - 1, lower.tail = FALSE))',
        ]
    if output["hrs"]:
        body += [
            "fit <- coxph(Surv(time, event) ~ group)",
            "found <- summary(fit)",
            "for (i in seq_along(coef(fit))) {",
            '  place <- paste0("hrs/", i - 1, "/")',
            '  put(paste0(place, "hr"), found$conf.int[i, 1])',
            '  put(paste0(place, "low"), found$conf.int[i, 3])',
            '  put(paste0(place, "high"), found$conf.int[i, 4])',
            '  put(paste0(place, "p"), found$coefficients[i, 5])',
            "}",
        ]
    if output["ph"]:
        body += [
            "ph <- cox.zph(fit)$table",
            'put("ph/chi2", ph["GLOBAL", "chisq"])',
            'put("ph/p", ph["GLOBAL", "p"])',
        ]
    return script(title, "\n".join(body), name=name)


def at_risk(frame: Frame, output: dict[str, Any], *others: str) -> list[str]:
    """Rows and time from the landmark on, where there is one; `others` are tables of the same rows."""
    if output.get("landmark") is None:
        return []
    time, at = column(frame.time_name), repr(output["landmark"])
    return [
        f"later <- {time} > {at}",
        *(f"{table} <- {table}[later, , drop = FALSE]" for table in ("rows", *others)),
        f"{time} <- {time} - {at}",
    ]


def _grouping(frame: Frame, output: dict[str, Any]) -> list[str]:
    names = [group["name"] for group in output["groups"]]
    if output["variable"] is None:
        return [f"group <- factor(rep({text(names[0])}, nrow(rows)))"] if names else ["group <- factor(NULL)"]
    if output["cutoff"]:
        low, high = output["group_names"]
        cut = f"{column(output['variable'])} > {output['cutoff']['value']!r}"
        return [f"group <- factor(ifelse({cut}, {text(high)}, {text(low)}), levels = {vector(names)})"]
    levels = [group["level"] for group in output["groups"]]
    if any(isinstance(row[output["variable"]], bool) for row in frame.rows):
        levels = [str(int(level == "True")) for level in levels]
    return [f"group <- factor({texts_of(output['variable'])}, levels = {vector(levels)}, labels = {vector(names)})"]


def _curves(output: dict[str, Any]) -> list[str]:
    lines = [
        "for (i in seq_along(curves)) {",
        '  place <- paste0("groups/", i - 1, "/")',
        "  found <- summary(curves[[i]])$table",
        '  put(paste0(place, "n"), found["records"])',
        '  put(paste0(place, "events"), found["events"])',
        '  put(paste0(place, "median"), found["median"])',
        '  put(paste0(place, "median_low"), found[grep("LCL", names(found))])',
        '  put(paste0(place, "median_high"), found[grep("UCL", names(found))])',
    ]
    if output["tau"]:
        tau = repr(output["tau"])
        lines.append(f'  put(paste0(place, "rmst"), survival:::survmean(curves[[i]], rmean = {tau})$matrix["rmean"])')
    times = [at["time"] for at in output["groups"][0]["at"]] if output["groups"] else []
    if times:
        lines += [
            f"  at <- summary(curves[[i]], times = {vector(times)}, extend = TRUE)",
            "  for (j in seq_along(at$time)) {",
            '    put(paste0(place, "at/", j - 1, "/n_risk"), at$n.risk[j])',
            '    put(paste0(place, "at/", j - 1, "/surv"), at$surv[j])',
            '    put(paste0(place, "at/", j - 1, "/se"), at$std.err[j])',
            '    put(paste0(place, "at/", j - 1, "/low"), at$lower[j])',
            '    put(paste0(place, "at/", j - 1, "/high"), at$upper[j])',
            "  }",
        ]
    return [*lines, "}"]
