"""What can be wrong with an import, said in sentences that name the place."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass


class ImportRefused(Exception):
    """The file or its mapping cannot be used at all; each sentence names the file and the place in it."""

    def __init__(self, sentences: str | Iterable[str]) -> None:
        self.sentences = [sentences] if isinstance(sentences, str) else list(sentences)
        super().__init__("\n".join(self.sentences))


class CellError(ValueError):
    """The content of one cell breaks a rule; the message is the rule."""


@dataclass(frozen=True, order=True)
class RowError:
    row: int  # the line of the file; the header is line 1
    column: str
    value: str
    rule: str

    def as_dict(self) -> dict[str, int | str]:
        return asdict(self)
