"""Blind codes and reading orders, both from the round's secret seed: nobody can guess them, anybody can repeat them."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence
from math import ceil
from typing import TypeVar

# No 0, 1, I, L, O, U: a code is read aloud and written on glass.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 4
T = TypeVar("T")


def keyed(seed: str, *parts: object) -> bytes:
    message = "/".join(str(part) for part in parts).encode()
    return hmac.new(seed.encode(), message, hashlib.sha256).digest()


def candidate_codes(seed: str, round_code: str, *subject: object) -> Iterator[str]:
    """Codes for one slide, the next for when one is taken."""
    attempt = 0
    while True:
        number = int.from_bytes(keyed(seed, "code", *subject, attempt), "big")
        letters = []
        for _ in range(LENGTH):
            number, digit = divmod(number, len(ALPHABET))
            letters.append(ALPHABET[digit])
        yield f"{round_code}-{''.join(letters)}"
        attempt += 1


def shuffled(items: Iterable[T], key: Sequence[object], seed: str, *purpose: object) -> list[T]:
    """The items in the order of a keyed hash of `key`, which names each of them."""
    ranked = sorted(zip(key, items, strict=True), key=lambda pair: keyed(seed, *purpose, pair[0]))
    return [item for _, item in ranked]


def sample_size(n: int, percent: int) -> int:
    return min(n, ceil(n * percent / 100))
