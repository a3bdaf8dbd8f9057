"""Weeks of remission of 42 children with leukaemia (Freireich et al., Blood 1963; 21: 699-716), a textbook example.

The answers that tests compare with are printed in Collett, Modelling Survival Data in Medical Research, and in Klein
& Moeschberger, Survival Analysis.
"""

TREATED = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]

TIME = [*TREATED, *PLACEBO]
EVENT = [*RELAPSED, *([1] * 21)]
ON_PLACEBO = [*([0] * 21), *([1] * 21)]
