"""Numbers as readers see them in charts: unit and interval belong to the number.

A stored result writes infinities as "Inf" and "-Inf" and a number that does not exist as null.
"""

from analysis.stats.printing import p_equation, significant

NOT_REACHED = "not reached"

Number = float | str | None


def number(value: Number, *, digits: int) -> str:
    if value is None:
        return "?"
    return value.replace("Inf", "∞") if isinstance(value, str) else f"{value:.{digits}f}"


def cutoff_method(method: str) -> str:
    """How a cutoff came about. One that was typed in is stored as "value", which says nothing to a reader."""
    return "custom" if method == "value" else method


def interval(estimate: Number, low: Number, high: Number, *, digits: int = 2) -> str:
    return f"{number(estimate, digits=digits)} (95 % CI {number(low, digits=digits)}–{number(high, digits=digits)})"


def signed(value: float) -> str:
    """Two digits with a true minus; what rounds to nothing has no sign."""
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text.replace("-", "−")


def signed_interval(estimate: float, low: float | None, high: float | None) -> str:
    """Of a number that may be negative, where a dash between the limits would be read as another minus."""
    if low is None or high is None:
        return signed(estimate)
    return f"{signed(estimate)} (95 % CI {signed(low)} to {signed(high)})"


def cutoff(value: Number, unit: str) -> str:
    text = significant(value) if isinstance(value, int | float) else number(value, digits=0)
    return f"{text} {unit}".rstrip()


def p_value(p: float) -> str:
    return p_equation(p)


def time(value: float | None, unit: str = "") -> str:
    return NOT_REACHED if value is None else f"{value:.1f} {unit}".rstrip()
