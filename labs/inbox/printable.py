def printable(text: str) -> str:
    """Control characters have no place in a column, a zero byte none in PostgreSQL."""
    return "".join(char if char.isprintable() else " " for char in text).strip()
