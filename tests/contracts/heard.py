"""What the database was asked while a page was made, and whether it would say the same again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.db import DatabaseError, connection

from tests.contracts.visitor import undone


@dataclass
class Heard:
    """One answer's statements in their order; with `said`, what the database said to them."""

    statements: list[tuple[str, Any, bool]] = field(default_factory=list)
    said: bytes = b""

    @contextmanager
    def listening(self) -> Iterator[None]:
        with connection.execute_wrapper(self._hear):
            yield
        self.said = self._ask_again()

    def is_said_again(self) -> bool:
        """An answer that asked the same and was told the same is the same: what differs was never read."""
        return self._ask_again() == self.said

    def _hear(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        params = list(params) if many else params
        self.statements.append((sql, params, many))
        return execute(sql, params, many, context)

    def _ask_again(self) -> bytes:
        found = sha256()
        with undone(), connection.cursor() as cursor:
            for sql, params, many in self.statements:
                try:
                    (cursor.executemany if many else cursor.execute)(sql, params)
                except DatabaseError as error:
                    found.update(repr(error).encode())
                else:
                    rows = cursor.fetchall() if cursor.description else (cursor.rowcount, cursor.lastrowid)
                    found.update(repr(rows).encode())
        return found.digest()
