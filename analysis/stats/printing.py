"""How numbers are printed, everywhere: pages, reports, charts, and the sentences that results hold."""

from math import floor, isfinite, log10

SMALLEST_P = 0.0001
# Rounding never moves a p to the other side of it.
_LINE = 0.05
# Beyond these powers of ten nobody counts the zeros.
_PLAIN = range(-6, 15)


def p_number(p: float) -> str:
    """0.40, 0.029 or < 0.0001."""
    if p < SMALLEST_P:
        return f"< {SMALLEST_P:.4f}"
    if p >= 0.1:
        return f"{p:.2f}"
    digits = 2
    while (float(f"{p:.{digits}g}") < _LINE) != (p < _LINE):
        digits += 1
    return f"{p:.{digits}g}"


def p_equation(p: float) -> str:
    """p = 0.40, or p < 0.0001."""
    number = p_number(p)
    return f"p {number}" if number.startswith("<") else f"p = {number}"


def significant(value: float, digits: int = 4) -> str:
    """So many significant digits as plain ones, and every digit before the point: 33534, not 3.353e+04."""
    if value == 0 or not isfinite(value) or floor(log10(abs(value))) not in _PLAIN:
        return f"{value:.{digits}g}"
    text = f"{value:.{max(0, digits - 1 - floor(log10(abs(value))))}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def exact(value: float) -> str:
    """As a field takes it: every digit that was typed, and no more."""
    return significant(value, 15)
