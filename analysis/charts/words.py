"""Numbers as readers see them in charts: units and intervals belong to the number."""

NOT_REACHED = "not reached"


def interval(estimate: float, low: float | None, high: float | None, *, digits: int = 2) -> str:
    low_text = "?" if low is None else f"{low:.{digits}f}"
    high_text = NOT_REACHED if high is None else f"{high:.{digits}f}"
    return f"{estimate:.{digits}f} (95 % CI {low_text}–{high_text})"


def p_value(p: float) -> str:
    if p < 0.0001:
        return "p < 0.0001"
    return f"p = {p:.2g}" if p < 0.1 else f"p = {p:.2f}"


def measure(value: float | None, unit: str, *, digits: int = 1) -> str:
    return NOT_REACHED if value is None else f"{value:.{digits}f} {unit}".rstrip()
