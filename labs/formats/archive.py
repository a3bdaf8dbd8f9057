"""Zip files from outside, which may be made to fill the memory."""

import io
import zipfile
import zlib

from labs.formats.errors import FormatError

MAX_ENTRIES = 2000
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 250
# A small file may be packed well without being a bomb.
SMALL = 8 * 1024 * 1024


def is_zip(data: bytes) -> bool:
    # The last is the mark of an archive that was once meant to be split: CFX Manager writes it.
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


def unpacked(data: bytes) -> dict[str, bytes]:
    """Name → bytes of every file in the archive. FormatError for a damaged one, an encrypted one, or a bomb."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            refuse_bomb(entries)
            return {entry.filename: _read(archive, entry) for entry in entries}
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        LookupError,
    ) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError("The zip archive is damaged or encrypted.") from error


def refuse_bomb(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise FormatError(f"The archive holds more than {MAX_ENTRIES} files.")
    total = sum(entry.file_size for entry in entries)
    packed = max(sum(entry.compress_size for entry in entries), 1)
    if total > MAX_UNPACKED or (total > SMALL and total / packed > MAX_RATIO):
        raise FormatError("The archive unpacks to far more than such a file holds: it is not opened.")


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    # The directory may lie about the size: read no more than it says.
    with archive.open(entry) as stream:
        content = stream.read(entry.file_size + 1)
    if len(content) > entry.file_size:
        raise FormatError("The archive unpacks to far more than such a file holds: it is not opened.")
    return content
