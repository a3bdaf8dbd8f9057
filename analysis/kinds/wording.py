"""How results are said in one line."""

ALPHA = 0.05


def p_text(p: float | None) -> str:
    if p is None:
        return "p not given"
    if p < 0.0001:
        return "p < 0.0001"
    return f"p = {p:.2g}" if p < 0.1 else f"p = {p:.2f}"


def months_text(value: float | None) -> str:
    return "not reached" if value is None else f"{value:.1f} months"


def interval_text(value: float, low: float | None, high: float | None, digits: int = 2) -> str:
    low_text = "?" if low is None else f"{low:.{digits}f}"
    high_text = "?" if high is None else f"{high:.{digits}f}"
    return f"{value:.{digits}f} (95% CI {low_text}–{high_text})"
