"""The papers that methods are cited by."""

from types import MappingProxyType

CITATIONS = MappingProxyType(
    {
        "kaplan-meier": "Kaplan EL, Meier P. Nonparametric estimation from incomplete observations. J Am Stat Assoc 1958;53:457–81.",
        "logrank": "Mantel N. Evaluation of survival data and two new rank order statistics arising in its consideration. Cancer Chemother Rep 1966;50:163–70.",
        "brookmeyer": "Brookmeyer R, Crowley J. A confidence interval for the median survival time. Biometrics 1982;38:29–41.",
        "cox": "Cox DR. Regression models and life-tables. J R Stat Soc B 1972;34:187–220.",
        "efron": "Efron B. The efficiency of Cox's likelihood function for censored data. J Am Stat Assoc 1977;72:557–65.",
        "breslow": "Breslow N. Covariance analysis of censored survival data. Biometrics 1974;30:89–99.",
        "ph": "Grambsch PM, Therneau TM. Proportional hazards tests and diagnostics based on weighted residuals. Biometrika 1994;81:515–26.",
        "lin-wei": "Lin DY, Wei LJ. The robust inference for the Cox proportional hazards model. J Am Stat Assoc 1989;84:1074–8.",
        "rmst": "Royston P, Parmar MKB. Restricted mean survival time: an alternative to the hazard ratio. BMC Med Res Methodol 2013;13:152.",
        "landmark": "Anderson JR, Cain KC, Gelber RD. Analysis of survival by tumor response. J Clin Oncol 1983;1:710–9.",
        "lausen": "Lausen B, Sauerbrei W, Schumacher M. Classification and regression trees (CART) used for the exploration of prognostic factors measured on different scales. In: Computational Statistics. Heidelberg: Physica; 1994. p. 483–96.",
        "maxstat": "Lausen B, Schumacher M. Maximally selected rank statistics. Biometrics 1992;48:73–85.",
        "bootstrap": "Efron B, Tibshirani RJ. An Introduction to the Bootstrap. New York: Chapman & Hall; 1993.",
        "delong": "DeLong ER, DeLong DM, Clarke-Pearson DL. Comparing the areas under two or more correlated receiver operating characteristic curves. Biometrics 1988;44:837–45.",
        "youden": "Youden WJ. Index for rating diagnostic tests. Cancer 1950;3:32–5.",
        "wilson": "Wilson EB. Probable inference, the law of succession, and statistical inference. J Am Stat Assoc 1927;22:209–12.",
        "holm": "Holm S. A simple sequentially rejective multiple test procedure. Scand J Stat 1979;6:65–70.",
        "bh": "Benjamini Y, Hochberg Y. Controlling the false discovery rate. J R Stat Soc B 1995;57:289–300.",
        "smirnov": "Smirnov N. Table for estimating the goodness of fit of empirical distributions. Ann Math Stat 1948;19:279–81.",
        "blanche": "Blanche P, Dartigues JF, Jacqmin-Gadda H. Estimating and comparing time-dependent areas under receiver operating characteristic curves for censored event times with competing risks. Stat Med 2013;32:5381–97.",
        "aalen-johansen": "Aalen OO, Johansen S. An empirical transition matrix for non-homogeneous Markov chains based on censored observations. Scand J Stat 1978;5:141–50.",
        "gray": "Gray RJ. A class of K-sample tests for comparing the cumulative incidence of a competing risk. Ann Stat 1988;16:1141–54.",
        "fine-gray": "Fine JP, Gray RJ. A proportional hazards model for the subdistribution of a competing risk. J Am Stat Assoc 1999;94:496–509.",
        "shapiro": "Shapiro SS, Wilk MB. An analysis of variance test for normality (complete samples). Biometrika 1965;52:591–611.",
        "levene": "Brown MB, Forsythe AB. Robust tests for the equality of variances. J Am Stat Assoc 1974;69:364–7.",
        "mann-whitney": "Mann HB, Whitney DR. On a test of whether one of two random variables is stochastically larger than the other. Ann Math Stat 1947;18:50–60.",
        "wilcoxon": "Wilcoxon F. Individual comparisons by ranking methods. Biometrics Bull 1945;1:80–3.",
        "kruskal": "Kruskal WH, Wallis WA. Use of ranks in one-criterion variance analysis. J Am Stat Assoc 1952;47:583–621.",
        "smd": "Austin PC. Balance diagnostics for comparing the distribution of baseline covariates between treatment groups in propensity-score matched samples. Stat Med 2009;28:3083–107.",
        "bonett": "Bonett DG, Wright TA. Sample size requirements for estimating Pearson, Kendall and Spearman correlations. Psychometrika 2000;65:23–8.",
        "cohen": "Cohen J. Weighted kappa: nominal scale agreement with provision for scaled disagreement or partial credit. Psychol Bull 1968;70:213–20.",
        "fleiss": "Fleiss JL. Measuring nominal scale agreement among many raters. Psychol Bull 1971;76:378–82.",
        "icc": "Shrout PE, Fleiss JL. Intraclass correlations: uses in assessing rater reliability. Psychol Bull 1979;86:420–8.",
        "bland-altman": "Bland JM, Altman DG. Statistical methods for assessing agreement between two methods of clinical measurement. Lancet 1986;1:307–10.",
        "decision": "Vickers AJ, Elkin EB. Decision curve analysis: a novel method for evaluating prediction models. Med Decis Making 2006;26:565–74.",
        "harrell": "Harrell FE, Lee KL, Mark DB. Multivariable prognostic models. Stat Med 1996;15:361–87.",
    }
)  # fmt: skip
