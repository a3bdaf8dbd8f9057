"""How results are said in one line."""

from analysis.stats.printing import p_equation, p_number

ALPHA = 0.05


def p_text(p: float | None) -> str:
    return "p not given" if p is None else p_equation(p)


def p_cell(p: float | None) -> str:
    """In a column of p: 0.029, or < 0.0001; what is not there is a dash."""
    return "—" if p is None else p_number(p)


def interval_text(value: float, low: float | None, high: float | None, digits: int = 2) -> str:
    low_text = "?" if low is None else f"{low:.{digits}f}"
    high_text = "?" if high is None else f"{high:.{digits}f}"
    return f"{value:.{digits}f} (95% CI {low_text}–{high_text})"
