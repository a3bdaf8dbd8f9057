"""Messages of a file: one or many, with or without the segments of a batch."""

import re
from dataclasses import dataclass, field

BOM = b"\xef\xbb\xbf"
BATCH = (b"FHS", b"BHS", b"BTS", b"FTS")
BLANK = re.compile(rb"[\x00-\x20\x7f]*")
# What editors and old systems put before a header.
BEFORE_HEADER = BOM + b" \t\x00"
COUNT = re.compile(rb"\s*(\d{1,9})\s*$")


@dataclass(frozen=True)
class MessageFile:
    """`error` is no_message where there is no MSH. `batch` are the names of the batch segments in their order."""

    messages: tuple[bytes, ...]
    batch: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    error: str = ""


@dataclass
class _Splitting:
    messages: list[list[bytes]] = field(default_factory=list)
    batch: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    # Messages since each open BHS or FHS.
    open_batches: list[int] = field(default_factory=list)
    open_files: int = 0
    is_reading: bool = False

    def message(self, line: bytes) -> None:
        self.messages.append([line])
        self.open_batches = [count + 1 for count in self.open_batches]
        self.is_reading = True

    def batch_segment(self, name: bytes, line: bytes) -> None:
        self.batch.append(name.decode("ascii"))
        self.is_reading = False
        if name == b"FHS":
            self._warn_if(self.open_files > 0, "batch_nested")
            self.open_files += 1
        elif name == b"FTS":
            self.open_files = max(0, self.open_files - 1)
        elif name == b"BHS":
            self._warn_if(bool(self.open_batches), "batch_nested")
            self.open_batches.append(0)
        else:
            # Of nested batches it may count the inner one or all.
            counted = set(self.open_batches) or {len(self.messages)}
            del self.open_batches[-1:]
            said = COUNT.match(line.split(line[3:4])[1]) if len(line) > 4 else None
            self._warn_if(said is not None and int(said.group(1)) not in counted, "batch_count_mismatch")

    def _warn_if(self, condition: bool, warning: str) -> None:
        if condition and warning not in self.warnings:
            self.warnings.append(warning)


def split_file(data: bytes) -> MessageFile:
    """Lines may end in CR, LF or both; what stands before the first MSH is skipped, and so are blank lines.

    A byte-order mark says the character set, so that every message keeps it.
    """
    found = _Splitting()
    for line in re.split(rb"[\r\n]+", data.removeprefix(BOM)):
        line = line.lstrip(b"\x0b").rstrip(b"\x1c\x0b")
        begin = line.lstrip(BEFORE_HEADER)
        if BLANK.fullmatch(line):
            continue
        if begin[:3] == b"MSH":
            found.message(BOM + begin if data.startswith(BOM) or BOM in line[: -len(begin)] else begin)
        elif begin[:3] in BATCH and not begin[3:4].isalnum():
            found.batch_segment(begin[:3], begin)
        elif found.is_reading:
            found.messages[-1].append(line)
    return MessageFile(
        messages=tuple(b"\r".join(lines) + b"\r" for lines in found.messages),
        batch=tuple(found.batch),
        warnings=tuple(found.warnings),
        error="" if found.messages else "no_message",
    )
