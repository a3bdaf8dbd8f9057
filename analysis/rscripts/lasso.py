"""A penalised Cox model in R's glmnet."""

from typing import Any

from analysis.frames.frame import Frame
from analysis.rscripts.script import TEXTS, column, script, texts_of, vector

_FIT = """\
# With glmnet's default threshold of 1e-7 its descent stops while coefficients are off by a thousandth and more. So near
# the optimum a path of hundreds of columns takes more than the usual 100,000 passes, and minutes.
fit <- cv.glmnet(x, follow_up, family = "cox", alpha = ALPHA, foldid = foldid, thresh = 1e-12, maxit = 1e7)
put("lambda_min", fit$lambda.min)
put("lambda_1se", fit$lambda.1se)
for (i in seq_along(fit$lambda)) {
  put(paste0("lambda/", i - 1), fit$lambda[i])
  put(paste0("cvm/", i - 1), fit$cvm[i])
  put(paste0("cvsd/", i - 1), fit$cvsd[i])
}
coefficients <- cbind(as.numeric(coef(fit, s = "lambda.min")), as.numeric(coef(fit, s = "lambda.1se")))
for (i in seq_along(columns)) {
  put(paste0("terms/", i - 1, "/lambda_min"), coefficients[i, 1])
  put(paste0("terms/", i - 1, "/lambda_1se"), coefficients[i, 2])
}"""


def lasso_script(frame: Frame, output: dict[str, Any], *, name: str) -> str:
    if output["refused"]:
        return script(f"No penalised model of {output['endpoint']}", f"# {output['refused']}", name=name)
    body = [
        f"columns <- {vector([term['term'] for term in output['terms']])}",
        "x <- sapply(columns, function(name) as.numeric(rows[[name]]))",
        # glmnet tells a censoring from a death of the same time by adding a tiny number, which large times swallow.
        f"time <- {column(frame.time_name)} / max({column(frame.time_name)})",
        f"follow_up <- Surv(time, {column('event')})",
        *_folds(output),
        _FIT.replace("ALPHA", repr(output["alpha"])),
    ]
    title = f"Penalised Cox model of {output['endpoint']}"
    return script(title, "\n".join(body), name=name, libraries=("survival", "glmnet"))


def _folds(output: dict[str, Any]) -> list[str]:
    if output["fold_column"]:
        return [TEXTS, f"foldid <- as.integer(factor({texts_of(output['fold_column'])}))"]
    return [
        f"set.seed({output['seed']})",
        f"foldid <- sample(rep(seq({max(output['folds'])}), length.out = nrow(rows)))",
    ]
