"""Messages and files as broken lines, wrong settings and other people's programs make them; the same seed, the same."""

import random
from collections.abc import Callable

# What has no place in a field, or more than fits.
NASTY = (
    b"", b"\x00", b"~" * 40, b"^" * 40, b"&", b"\\", b"\\X", b"\\XZZ\\", b"\\X00\\", b"\\.br\\" * 9, b"\xff\xfe",
    b"\xc3", b"1e999", b"-0",
    b"nan", b"inf", b"<", b">=", b"<^5^", b"1:40", b"9" * 400, b"5,2", b"00000000", b"99999999999999", b"20240230",
    b"2024-03-08T08:00:00Z", b"x" * 5000, "µ".encode(), "µ".encode("latin-1"), "\u202e1".encode(),
    b"P", b"T", b"Q", b"W", b"C",
    b"I", b"OBX|1|NM|WBC||1|G/l", b"\rOBX|", b"\r\rOBR|1", b"\rPID|1||4712^^^HOSP", b"\x0b", b"\x1c\r", b"2\r",
    b"H|\\^&",
)  # fmt: skip
SEPARATORS = b"|^~&\\\r\n"
Mutation = Callable[[random.Random, bytes], bytes]


def flipped(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]


def cut(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data))]


def cut_out(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + data[at + chance.randint(1, 30) :]


def put_in(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + chance.choice(NASTY) + data[at:]


def field_replaced(chance: random.Random, data: bytes) -> bytes:
    fields = data.split(b"|")
    fields[chance.randrange(len(fields))] = chance.choice(NASTY)
    return b"|".join(fields)


def fields_exchanged(chance: random.Random, data: bytes) -> bytes:
    fields = data.split(b"|")
    one, other = chance.randrange(len(fields)), chance.randrange(len(fields))
    fields[one], fields[other] = fields[other], fields[one]
    return b"|".join(fields)


def lines_shuffled(chance: random.Random, data: bytes) -> bytes:
    first, *lines = data.split(b"\r")
    chance.shuffle(lines)
    return b"\r".join([first, *lines])


def line_repeated(chance: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\r")
    at = chance.randrange(len(lines))
    return b"\r".join([*lines[: at + 1], *lines[at:]])


def separator_changed(chance: random.Random, data: bytes) -> bytes:
    one, other = (bytes([chance.choice(SEPARATORS)]) for _ in range(2))
    return data.replace(one, other) if chance.random() < 0.5 else data.replace(one, other, 1)


def ended_otherwise(chance: random.Random, data: bytes) -> bytes:
    return data.replace(b"\r", chance.choice([b"\n", b"\r\n", b"\r\r", b" \r"]))


def encoded_otherwise(chance: random.Random, data: bytes) -> bytes:
    codec = chance.choice(["utf-16", "utf-8-sig", "cp037", "gb18030"])
    return data.decode("latin-1").encode(codec, errors="replace")


MUTATIONS: tuple[Mutation, ...] = (
    flipped, cut, cut_out, put_in, put_in, field_replaced, field_replaced, field_replaced, fields_exchanged,
    lines_shuffled, line_repeated, separator_changed, ended_otherwise, encoded_otherwise,
)  # fmt: skip


def mutated(chance: random.Random, data: bytes) -> bytes:
    """One to four mutations, mostly one: what is broken everywhere is refused at the first check."""
    for _ in range(chance.choice([0, 1, 1, 1, 1, 2, 2, 4])):
        if data:
            data = chance.choice(MUTATIONS)(chance, data)
    return data
