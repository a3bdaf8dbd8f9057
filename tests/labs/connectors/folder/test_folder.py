"""The drop folder: what is taken and when, where it ends, and that nothing is lost or stored twice."""

import os
import signal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError

from labs.bench_files.models import BenchUpload
from labs.blood.models import BloodResult
from labs.connectors.folder import places, sweeping
from labs.connectors.folder.sorting import sort_file
from labs.connectors.folder.sweeping import Sweeper
from labs.inbox.models import Message
from labs.qpcr.models import PcrRun
from registry.models import Patient
from registry.people.roles import Role
from tests.labs.inbox.messages import oru
from tests.registry.people import signed_in

MESSAGE = oru(("WBC", "5.2", "G/l"))
RATIOS = b"sample,target,control\nA,1200,3000\nB,900,2900\n"
CFX = b""",Well,Fluor,Target,Content,Sample,Biological Set Name,Cq
,A01,SYBR,GAPDH,Unkn-01,S1,,18.25
,A02,SYBR,GAPDH,Unkn-01,S1,,18.31
"""
QUPATH = b"Image\tObject ID\tNum Detections\tNum Negative\tNum Positive\tPositive %\nT-1.svs\tx1\t100\t60\t40\t40\n"


def drop(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def tree(folder: Path) -> set[str]:
    """What is where, with the day of the archive left out."""
    found = (path.relative_to(folder).parts for path in folder.rglob("*") if path.is_file())
    return {"/".join(part for part in parts if not part.startswith("20")) for parts in found}


def test_each_file_ends_in_the_archive_or_beside_its_reason(tmp_path: Path, known: Patient) -> None:
    unknown = oru(("WBC", "5.2", "G/l"), processing="T")
    for name, data in (
        ("result.hl7", MESSAGE),
        ("many.hl7s", oru(("WBC", "5.4", "G/l"), order="A2") + b"\n" + unknown),
        ("plate.csv", CFX),
        ("slide.tsv", QUPATH),
        ("letter.txt", b"Dear colleague"),
        ("empty.hl7", b""),
        (".hidden.hl7", MESSAGE),
        ("copy.hl7.part", MESSAGE),
    ):
        drop(tmp_path, name, data)
    (tmp_path / "link.hl7").symlink_to(tmp_path / ".hidden.hl7")
    out = StringIO()
    call_command("watch_folder", str(tmp_path), "--once", "--settle", "0", stdout=out)
    assert out.getvalue() == "3 archived, 3 to the error folder.\n"
    assert tree(tmp_path) == {
        "archive/result.hl7",
        "archive/plate.csv",
        "archive/slide.tsv",
        *(f"error/{name}{end}" for name in ("many.hl7s", "letter.txt", "empty.hl7") for end in ("", ".reason.txt")),
        ".hidden.hl7",
        "copy.hl7.part",
        "link.hl7",
    }
    reason = (tmp_path / "error" / "many.hl7s.reason.txt").read_text()
    assert reason == "Message 2: AR, it is not for this port (MSH-11).\n"
    assert (BloodResult.objects.current().count(), PcrRun.objects.count()) == (2, 1)
    assert bytes(BenchUpload.objects.get(uploaded_by=None).content) == QUPATH
    page = signed_in(Role.TECHNICIAN).get("/qupath/")
    assert "slide.tsv" in page.content.decode()


def test_the_same_file_again_changes_nothing_and_writes_over_nothing(tmp_path: Path, known: Patient) -> None:
    sweeper = Sweeper(tmp_path, settle=0)
    for name, data in (("result.hl7", MESSAGE), ("slide.tsv", QUPATH), ("letter.txt", b"Dear colleague")) * 2:
        drop(tmp_path, name, data)
        assert sweeper.sweep() == 1
    assert tree(tmp_path) == {
        "archive/result.hl7",
        "archive/result (2).hl7",
        "archive/slide.tsv",
        "archive/slide (2).tsv",
        *(f"error/{name}{end}" for name in ("letter.txt", "letter (2).txt") for end in ("", ".reason.txt")),
    }
    assert (BloodResult.objects.count(), BenchUpload.objects.count()) == (1, 1)
    assert Message.objects.filter(duplicate_of__isnull=False).count() == 1


def test_names_of_any_kind_are_taken(tmp_path: Path, known: Patient) -> None:
    names = [
        "two words.hl7",
        "检验结果.hl7",
        "two\nlines.hl7",
        os.fsdecode("检验.hl7".encode("gb18030")),
        "x" * 251 + ".hl7",
    ]
    for number, name in enumerate(names * 2):
        drop(tmp_path, name, oru(("WBC", "5.2", "G/l"), control=str(number)))
        assert Sweeper(tmp_path, settle=0).sweep() == 1
    again = {name.replace(".hl7", " (2).hl7") for name in names[:-1]} | {"x" * 247 + " (2).hl7"}
    assert tree(tmp_path) == {f"archive/{name}" for name in {*names} | again}
    assert Message.objects.filter(verdict="AA").count() == len(names) * 2


def test_a_refused_file_of_any_name_has_its_reason_beside_it_and_replaces_nothing(tmp_path: Path, db: None) -> None:
    names = ["检" * 85, "y" * 255, "letter.txt.reason.txt", "letter.txt"]
    for name in names * 2:
        drop(tmp_path, name, name.encode())
        assert Sweeper(tmp_path, settle=0).sweep() == 1
    found = {path.name: path.read_bytes() for path in (tmp_path / "error").iterdir()}
    assert sorted(found[name] for name in found if f"{name}.reason.txt" in found) == sorted(
        name.encode() for name in names * 2
    )
    assert len(found) == len(names) * 4


def test_a_fault_of_ours_keeps_no_other_file_waiting(
    tmp_path: Path, known: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(**given: object) -> object:
        if given["name"] == "1.hl7":
            raise ValueError("HCC-0001")
        return sort_file(**given)  # type: ignore[arg-type]

    drop(tmp_path, "1.hl7", MESSAGE)
    drop(tmp_path, "2.hl7", MESSAGE)
    monkeypatch.setattr(sweeping, "sort_file", faulty)
    assert Sweeper(tmp_path, settle=0).sweep() == 2
    assert tree(tmp_path) == {"error/1.hl7", "error/1.hl7.reason.txt", "archive/2.hl7"}
    reason = (tmp_path / "error" / "1.hl7.reason.txt").read_text()
    assert "ValueError" in reason
    assert "HCC-0001" not in reason


def test_a_file_is_taken_when_it_has_stopped_growing(tmp_path: Path, known: Patient) -> None:
    sweeper = Sweeper(tmp_path, settle=3600)
    path = drop(tmp_path, "result.hl7", MESSAGE[:40])
    assert sweeper.sweep() == 0
    sweeper.settle = 0
    path.write_bytes(MESSAGE)
    # It looks other than at the last look, and yet has rested as long as is asked for.
    assert sweeper.sweep() == 1
    assert BloodResult.objects.count() == 1


def test_whoever_still_writes_gets_the_whole_file_read(
    tmp_path: Path, known: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sorted_first = sort_file

    def growing(**given: object) -> object:
        (claimed,) = places.abandoned(tmp_path)
        with claimed.open("ab") as file:
            file.write(oru(("HB", "12.8", "g/dL"), control="2", order="A2"))
        monkeypatch.setattr(sweeping, "sort_file", sorted_first)
        return sorted_first(**given)  # type: ignore[arg-type]

    drop(tmp_path, "result.hl7", MESSAGE)
    monkeypatch.setattr(sweeping, "sort_file", growing)
    sweeper = Sweeper(tmp_path, settle=0)
    assert [sweeper.sweep(), sweeper.sweep()] == [0, 1]
    assert BloodResult.objects.current().count() == 2


@pytest.mark.parametrize("where", ["before it is stored", "after it is stored"])
def test_a_crash_loses_nothing_and_stores_nothing_twice(
    where: str, tmp_path: Path, known: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_given: object, **_named: object) -> None:
        raise KeyboardInterrupt

    drop(tmp_path, "result.hl7", MESSAGE)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(*((sweeping, "sort_file", dies) if where.startswith("before") else (places, "archive", dies)))
        Sweeper(tmp_path, settle=0).sweep()
    assert [path.name for path in places.abandoned(tmp_path)] == ["result.hl7"]
    assert Sweeper(tmp_path, settle=0).sweep() == 1
    assert tree(tmp_path) == {"archive/result.hl7"}
    assert BloodResult.objects.count() == 1


def test_without_a_database_the_file_stays(tmp_path: Path, known: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**_given: object) -> None:
        raise DatabaseError("server closed the connection")

    drop(tmp_path, "result.hl7", MESSAGE)
    sweeper = Sweeper(tmp_path, settle=0)
    with monkeypatch.context() as patch:
        patch.setattr(sweeping, "sort_file", away)
        assert sweeper.sweep() == 0
    assert sweeper.sweep() == 1
    assert tree(tmp_path) == {"archive/result.hl7"}


def test_two_processes_never_have_the_same_file(tmp_path: Path) -> None:
    path = drop(tmp_path, "result.hl7", MESSAGE)
    with places.claimed(path, tmp_path) as mine:
        assert mine is not None
        with places.claimed(path, tmp_path) as late:
            assert late is None
        (left,) = places.abandoned(tmp_path)
        with places.taken_over(left) as stolen:
            assert stolen is None
    with places.taken_over(left) as found:
        assert found is not None


def test_it_stops_when_it_is_asked_to_after_the_file_in_hand(
    tmp_path: Path, known: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked_meanwhile(**given: object) -> object:
        os.kill(os.getpid(), signal.SIGTERM)
        return sort_file(**given)  # type: ignore[arg-type]

    drop(tmp_path, "1.hl7", MESSAGE)
    drop(tmp_path, "2.hl7", MESSAGE)
    monkeypatch.setattr(sweeping, "sort_file", asked_meanwhile)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    out = StringIO()
    try:
        call_command("watch_folder", str(tmp_path), "--settle", "0", stdout=out)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert out.getvalue() == "1 archived, 0 to the error folder.\n"
    assert tree(tmp_path) == {"archive/1.hl7", "2.hl7"}
