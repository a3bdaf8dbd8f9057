"""Groups compared by the levels of a category: the test that its expected counts allow, and why."""

from dataclasses import dataclass

from numpy.typing import ArrayLike

from analysis.stats.contingency import TableTest, chi_square_test
from analysis.stats.errors import ParameterError
from analysis.stats.fisher import FisherTest, fisher_exact

YATES, PEARSON, FISHER = "chi-square test with Yates' correction", "chi-square test", "Fisher's exact test"
# Cochran, Biometrics 1954; 10: 417-451: on larger tables a fifth of the expected counts may be below 5, none below 1.
SMALL, LEAST, SHARE_SMALL = 5.0, 1.0, 0.2


@dataclass(frozen=True, eq=False)
class CategoryTest:
    """The chosen test, and beside it what the others give.

    ``yates`` is only of a 2 x 2 table. ``fisher`` is None where a larger table does not need it, and where it is too
    large to go through, which ``no_fisher`` says. Fisher's test has no ``statistic`` of its own.
    """

    test: str
    statistic: float | None
    df: int | None
    p: float
    why: str
    pearson: TableTest
    yates: TableTest | None
    fisher: FisherTest | None
    no_fisher: str
    expects_few: str

    @property
    def least_expected(self) -> float:
        return float(self.pearson.expected.min())


def compare_categories(table: ArrayLike, *, exact_where_few: bool = True) -> CategoryTest:
    """Compare the distribution of a category between groups.

    Parameters
    ----------
    table : array_like, shape (k, levels)
        Counts, one row per group.
    exact_where_few : bool
        Take Fisher's test where expected counts are small; else always chi-square.

    Returns
    -------
    CategoryTest
        Chi-square, on 2 x 2 with Yates' correction; Fisher's test where on 2 x 2 an expected count is below 5, or on a
        larger table more than a fifth of them are, or one is below 1.

    Raises
    ------
    StatsInputError
        Fewer than two rows or columns, an empty one, or something that is not a count.
    """
    pearson = chi_square_test(table, yates=False)
    is_fourfold = pearson.expected.shape == (2, 2)
    yates = chi_square_test(table) if is_fourfold else None
    few = _few(pearson)
    is_exact_wanted = is_fourfold or bool(few) or not exact_where_few
    fisher, no_fisher = _exact(table) if is_exact_wanted else (None, "")
    if few and exact_where_few and fisher:
        why = f"{few}, therefore {FISHER}."
        return CategoryTest(FISHER, None, None, fisher.p, why, pearson, yates, fisher, no_fisher, few)
    chosen, name = (yates, YATES) if yates else (pearson, PEARSON)
    why = f"{_enough(is_fourfold)}, therefore the {name}."
    if few:
        why = f"{few}; the {name} all the same, {'as asked' if fisher else 'for no exact test can be made'}."
    return CategoryTest(name, chosen.chi2, chosen.df, chosen.p, why, pearson, yates, fisher, no_fisher, few)


def _exact(table: ArrayLike) -> tuple[FisherTest | None, str]:
    try:
        return fisher_exact(table), ""
    except ParameterError as error:
        return None, str(error)


def _few(pearson: TableTest) -> str:
    """What is too small for a chi-square test, in words; empty where nothing is."""
    expected = pearson.expected
    if expected.shape == (2, 2):
        return f"An expected count is {expected.min():.2g}, below {SMALL:g}" if expected.min() < SMALL else ""
    if expected.min() < LEAST:
        return f"An expected count is {expected.min():.2g}, below {LEAST:g}"
    share = float((expected < SMALL).mean())
    return f"{share:.0%} of the expected counts are below {SMALL:g}" if share > SHARE_SMALL else ""


def _enough(is_fourfold: bool) -> str:
    if is_fourfold:
        return f"No expected count is below {SMALL:g}"
    return f"At most {SHARE_SMALL:.0%} of the expected counts are below {SMALL:g} and none below {LEAST:g}"
