"""The command: what is listed, what is fetched, what is not and why, and files that were carried in."""

import hashlib
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command

from analysis.sources import fetching
from analysis.sources.catalogue import sources
from tests.analysis.sources.server import Served, serving

CONTENT = b"set\tlink\t1\t2\n" * 900
SHA256 = hashlib.sha256(CONTENT).hexdigest()
HOSTS = {
    "api.gdc.cancer.gov",
    "current.geneontology.org",
    "data.wikipathways.org",
    "ftp.ebi.ac.uk",
    "ftp.ncbi.nlm.nih.gov",
    "gdc-hub.s3.us-east-1.amazonaws.com",
    "raw.githubusercontent.com",
    "reactome.org",
    "storage.googleapis.com",
}


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setattr(fetching, "PAUSES", ())
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(CONTENT) as server:
        yield server


def said(*arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command("fetch_source", *arguments, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def test_every_source_has_an_address_or_says_where_to_ask() -> None:
    for source in sources().values():
        assert source.licence
        assert source.used_for
        if source.url:
            address = urlsplit(source.url)
            assert (address.scheme, address.netloc in HOSTS) == ("https", True), source.name
            assert source.file == Path(source.file).name != ""
            assert not source.licensed
        else:
            assert source.why
            assert source.where.startswith("http")
    files = [source.file for source in sources().values() if source.file]
    assert len(set(files)) == len(files)


def test_the_list_is_read_by_people_and_programs() -> None:
    told = said(list=True)
    listed = {entry["name"]: entry for entry in json.loads(said(list=True, json=True))}
    assert set(listed) == set(sources())
    assert all(f"{name}\n" in told for name in listed)
    assert listed["mc3-maf"]["md5"] == "639ad8f8386e98dacc22e439188aa8fa"
    assert listed["lm22"]["licensed"]
    assert "url" not in listed["lm22"]


def test_a_source_is_fetched_and_its_first_hash_told(served: Served, tmp_path: Path) -> None:
    told = said("wikipathways-gmt", to=tmp_path, url=served.url)
    assert SHA256 in told
    assert "No checksum was known" in told
    path = tmp_path / "wikipathways-20260710-gmt-Homo_sapiens.gmt"
    assert path.read_bytes() == CONTENT
    again = json.loads(said("wikipathways-gmt", to=tmp_path, url=served.url, sha256=SHA256.upper(), json=True))
    assert again == {
        "name": "wikipathways-gmt",
        "file": str(path),
        "sha256": SHA256,
        "was_there": True,
        "first": False,
    }


def test_a_mirror_must_have_the_file_of_the_catalogue(served: Served, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"tcga-cdr: .*its MD5 is .*, not a4591b2d") as refusal:
        said("tcga-cdr", to=tmp_path, url=served.url)
    assert refusal.value.returncode == 1
    assert list(tmp_path.iterdir()) == []


def test_what_has_no_fixed_address_is_fetched_from_one_that_is_given(served: Served, tmp_path: Path) -> None:
    said("exorbase", to=tmp_path, url=served.url)
    assert (tmp_path / "file.gmt").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("name", "options", "why"),
    [
        ("lm22", {}, r"lm22 is not fetched, because it is licensed.*https://cibersortx\.stanford\.edu/"),
        ("lm22", {"url": "https://example.org/LM22.txt"}, "licensed"),
        ("icgc-liri-jp", {}, "the portal is closed"),
        ("nothing", {}, "There is no source nothing"),
        ("", {}, "--list names them"),
        ("hgnc", {"sha256": "abc"}, "64 hexadecimal digits"),
        ("exorbase", {"url": "https://example.org/"}, "names no file"),
    ],
)
def test_refusals_are_one_sentence(tmp_path: Path, name: str, options: dict[str, Any], why: str) -> None:
    with pytest.raises(CommandError, match=why) as refusal:
        said(*[name] if name else [], to=tmp_path, **options)
    assert refusal.value.returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_a_limit_of_the_user_counts(served: Served, tmp_path: Path) -> None:
    served.content = b"0" * 1_000_001
    with pytest.raises(CommandError, match="go-ontology: The file has 1,000,001 bytes, more than the limit"):
        said("go-ontology", to=tmp_path, url=served.url, largest=1)


def test_a_folder_that_is_no_folder_is_said(served: Served, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match=r"go-ontology: .*exists"):
        said("go-ontology", to=tmp_path / "file", url=served.url)
    with pytest.raises(CommandError, match="There is no folder"):
        said(check=tmp_path / "nowhere")


def test_files_that_were_carried_in_are_verified(served: Served, tmp_path: Path) -> None:
    said("go-ontology", to=tmp_path, url=served.url)
    (tmp_path / "TIL10_rmgenes.txt").write_text("A\n")
    told = said(check=tmp_path)
    assert "go-basic.obo: good\n" in told
    assert "TIL10_rmgenes.txt: there is no checksum to compare with" in told
    assert "mc3.v0.2.8.PUBLIC.maf.gz: not there" in told
    (tmp_path / "go-basic.obo").write_text("changed")
    (tmp_path / "TCGA-CDR-SupplementalTableS1.xlsx").write_text("changed")
    out = StringIO()
    with pytest.raises(CommandError, match="not what it should be") as refusal:
        call_command("fetch_source", check=tmp_path, json=True, stdout=out)
    assert refusal.value.returncode == 1
    states = {found["name"]: found["state"] for found in json.loads(out.getvalue())}
    assert {states[name] for name in ("go-ontology", "tcga-cdr")} == {"different"}
    assert list(states.values()).count("different") == 2
