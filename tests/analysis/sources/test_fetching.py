"""Downloads from a local server: whole, broken off, wrong, elsewhere, too large, silent."""

import hashlib
from collections.abc import Iterator
from http.client import HTTPMessage
from io import BytesIO
from pathlib import Path
from urllib.request import Request

import pytest

from analysis.sources import fetching
from analysis.sources.checksums import Expected, recorded
from analysis.sources.fetching import Fetched, fetch
from analysis.sources.transfer import Limits, Refused, _CarefulRedirects
from tests.analysis.sources.server import Served, serving

CONTENT = bytes(range(256)) * 40
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
KNOWN = Expected(SHA256)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setattr(fetching, "PAUSES", (0.0, 0.0))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(CONTENT) as server:
        yield server


def got(
    served: Served,
    folder: Path,
    expected: Expected = KNOWN,
    *,
    accept_new: bool = False,
    largest: int = 1_000_000,
    timeout: float = 20.0,
    url: str = "",
) -> Fetched:
    return fetch(
        url or served.url,
        folder / "file.gmt",
        Limits(largest, timeout),
        expected=expected,
        accept_new=accept_new,
        progress=lambda done, whole: None,
    )


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("expected", [KNOWN, Expected(SHA256.upper(), MD5), Expected(md5=MD5), Expected()])
@pytest.mark.parametrize("says_length", [True, False])
def test_a_whole_file(served: Served, tmp_path: Path, expected: Expected, says_length: bool) -> None:
    served.says_length = says_length
    found = got(served, tmp_path, expected)
    assert found.path.read_bytes() == CONTENT
    assert (found.hashes.sha256, found.is_first, found.was_there) == (SHA256, not expected.is_fixed, False)
    assert recorded(found.path) == SHA256
    assert names(tmp_path) == ["file.gmt", "file.gmt.sha256"]


def test_what_is_there_with_its_checksum_is_not_asked_for_again(served: Served, tmp_path: Path) -> None:
    got(served, tmp_path)
    assert got(served, tmp_path).was_there
    assert len(served.asked) == 1


def test_what_broke_off_goes_on_where_it_broke(served: Served, tmp_path: Path) -> None:
    served.breaks = [1000, 2000]
    assert got(served, tmp_path).path.read_bytes() == CONTENT
    assert served.asked == ["", "bytes=1000-", "bytes=3000-"]


def test_a_later_command_goes_on_as_well(served: Served, tmp_path: Path) -> None:
    served.breaks = [1000, 0, 0]
    with pytest.raises(Refused, match=r"broke off after 1,000 of 10,240 bytes\. file\.gmt\.part is kept"):
        got(served, tmp_path)
    assert not (tmp_path / "file.gmt").exists()
    served.asked.clear()
    got(served, tmp_path)
    assert served.asked == ["bytes=1000-"]


def test_a_refusal_does_not_cost_what_is_held(served: Served, tmp_path: Path) -> None:
    served.breaks = [1000, 0, 0]
    with pytest.raises(Refused):
        got(served, tmp_path)
    served.statuses = [403]
    with pytest.raises(Refused, match="403"):
        got(served, tmp_path)
    served.asked.clear()
    got(served, tmp_path)
    assert served.asked == ["bytes=1000-"]


@pytest.mark.parametrize("expected", [KNOWN, Expected()])
def test_a_server_without_ranges_begins_again(served: Served, tmp_path: Path, expected: Expected) -> None:
    served.ranges, served.breaks = False, [1000]
    assert got(served, tmp_path, expected).path.read_bytes() == CONTENT


def test_a_file_that_changed_meanwhile_is_not_mended_with_the_new_one(served: Served, tmp_path: Path) -> None:
    served.breaks = [1000, 0, 0]
    with pytest.raises(Refused, match="broke off"):
        got(served, tmp_path, Expected())
    served.content, served.tag = b"another" * 1000, '"v2"'
    assert got(served, tmp_path, Expected()).path.read_bytes() == served.content


def test_without_a_validator_bytes_from_before_count_only_under_a_checksum(served: Served, tmp_path: Path) -> None:
    served.tag, served.breaks = "", [1000]
    got(served, tmp_path, Expected())
    assert served.asked == ["", ""]
    (tmp_path / "file.gmt").unlink()
    served.breaks = [1000]
    got(served, tmp_path)
    assert served.asked[2:] == ["", "bytes=1000-"]


def test_a_part_of_another_address_does_not_count(served: Served, tmp_path: Path) -> None:
    served.breaks = [1000, 0, 0]
    with pytest.raises(Refused):
        got(served, tmp_path)
    served.asked.clear()
    got(served, tmp_path, url=served.url + "?mirror")
    assert served.asked == [""]


def test_a_part_that_is_longer_than_the_file_is_begun_again(served: Served, tmp_path: Path) -> None:
    served.breaks = [1000, 0, 0]
    with pytest.raises(Refused):
        got(served, tmp_path)
    (tmp_path / "file.gmt.part").write_bytes(CONTENT * 2)
    assert got(served, tmp_path).path.read_bytes() == CONTENT


@pytest.mark.parametrize("expected", [Expected("0" * 64), Expected(md5="0" * 32)])
def test_a_wrong_checksum_leaves_nothing(served: Served, tmp_path: Path, expected: Expected) -> None:
    with pytest.raises(Refused, match=r"not the file that is expected: its (SHA-256|MD5) is"):
        got(served, tmp_path, expected)
    assert names(tmp_path) == []


def test_a_file_that_is_there_stays_when_the_next_one_is_wrong(served: Served, tmp_path: Path) -> None:
    got(served, tmp_path)
    with pytest.raises(Refused, match="not the file that is expected"):
        got(served, tmp_path, Expected("0" * 64))
    assert (tmp_path / "file.gmt").read_bytes() == CONTENT


def test_another_file_than_the_first_download_is_taken_only_when_told(served: Served, tmp_path: Path) -> None:
    got(served, tmp_path, Expected())
    assert not got(served, tmp_path, Expected()).is_first
    served.content = b"another"
    with pytest.raises(Refused, match=rf"not {SHA256}.*--accept-new takes it"):
        got(served, tmp_path, Expected())
    assert (tmp_path / "file.gmt").read_bytes() == CONTENT
    assert names(tmp_path) == ["file.gmt", "file.gmt.sha256"]
    found = got(served, tmp_path, Expected(), accept_new=True)
    assert found.path.read_bytes() == b"another"
    assert recorded(found.path) == found.hashes.sha256


def test_a_status_that_will_not_change_is_not_asked_for_again(served: Served, tmp_path: Path) -> None:
    served.statuses = [404]
    with pytest.raises(Refused, match=r"The server answers 404 Not Found\."):
        got(served, tmp_path)
    assert (names(tmp_path), len(served.asked)) == ([], 1)


def test_a_server_that_is_busy_is_asked_again(served: Served, tmp_path: Path) -> None:
    served.statuses = [503, 429]
    assert got(served, tmp_path).path.read_bytes() == CONTENT
    served.statuses = [500, 500, 500]
    with pytest.raises(Refused, match="500"):
        got(served, tmp_path / "again")


def test_redirects_stay_on_the_host_or_use_https(served: Served, tmp_path: Path) -> None:
    served.location = "/elsewhere.gmt"
    assert got(served, tmp_path).path.read_bytes() == CONTENT
    with serving(b"stolen") as other:
        served.location = other.url
        with pytest.raises(Refused, match=r"redirects to http://127\.0\.0\.1:\d+, which is another host without https"):
            got(served, tmp_path / "other", Expected())
        assert (names(tmp_path / "other"), other.asked) == ([], [])


@pytest.mark.parametrize(
    ("old", "new", "is_followed"),
    [
        ("https://data.org/a", "https://data.org/b", True),
        ("https://data.org/a", "https://store.org/b", True),
        ("http://data.org/a", "http://data.org/b", True),
        ("http://data.org/a", "https://data.org/a", True),
        ("https://data.org/a", "http://data.org/a", False),
        ("http://data.org/a", "http://data.org:8080/a", False),
        ("https://data.org/a", "ftp://data.org/a", False),
    ],
)
def test_where_a_redirect_may_lead(old: str, new: str, is_followed: bool) -> None:
    def followed() -> Request | None:
        asked = (Request(old), BytesIO(), 302, "Found", HTTPMessage(), new)
        return _CarefulRedirects().redirect_request(*asked)

    if is_followed:
        found = followed()
        assert found is not None
        assert found.full_url == new
    else:
        with pytest.raises(Refused, match="redirects"):
            followed()


@pytest.mark.parametrize("says_length", [True, False])
def test_more_than_the_limit_is_refused(served: Served, tmp_path: Path, says_length: bool) -> None:
    served.says_length = says_length
    with pytest.raises(Refused, match="the limit of 5,000"):
        got(served, tmp_path, largest=5_000)
    assert names(tmp_path) == []


def test_a_server_that_hangs_is_left(served: Served, tmp_path: Path) -> None:
    served.hangs = True
    with pytest.raises(Refused, match=r"The server sent nothing for 0\.05 s\."):
        got(served, tmp_path, timeout=0.05)
    assert (names(tmp_path), len(served.asked)) == ([], 3)


def test_nobody_there_and_no_address_of_the_web(served: Served, tmp_path: Path) -> None:
    with serving(b"") as gone:
        pass
    with pytest.raises(Refused, match="cannot be reached"):
        got(served, tmp_path, url=gone.url)
    with pytest.raises(Refused, match="begins with https://"):
        got(served, tmp_path, url=(tmp_path / "file.gmt").as_uri())


def test_two_downloads_do_not_write_into_one_folder(served: Served, tmp_path: Path) -> None:
    with fetching._alone(tmp_path), pytest.raises(Refused, match="Another download"):
        got(served, tmp_path)
