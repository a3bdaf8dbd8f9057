"""The secret of one export: it turns codes into other codes and moves dates, and is forgotten with the job.

Nothing is stored: what a code or a shift is follows from the secret alone, which never leaves the worker's memory.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

# The shift is from one day to a year, either way.
_MOST_DAYS = 365


@dataclass(frozen=True)
class Secret:
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def code(self, kind: str, value: object) -> str:
        """The same value of a kind is the same code in all tables of this export, and another in the next."""
        return f"{kind[0].upper()}-{self._digest(kind, value)[:5].hex()}"

    def shift(self, patient_id: int) -> int:
        """Days by which every date of a patient is moved; never none."""
        number = int.from_bytes(self._digest("shift", patient_id)[:8], "big") % (2 * _MOST_DAYS) - _MOST_DAYS
        return number if number < 0 else number + 1

    def _digest(self, kind: str, value: object) -> bytes:
        return hmac.new(self.key, f"{kind}|{value}".encode(), hashlib.sha256).digest()
