"""Trading over folders, with a crash at every step."""

import hashlib
import os
from pathlib import Path

import pytest

from manciple.adapters.transports.disk import Disk
from manciple.adapters.transports.folder import FolderTransport
from manciple.processes.ports import DeliveryRefusedError, OutboundMessage

BYTES = b"ISA*00*...~IEA*1*000000042~"


class Crash(BaseException):
    """The machine stops here."""


class CrashingDisk(Disk):
    """Stops the machine at the n-th thing done to the disk: before it, half through, or after."""

    def __init__(self, step: int, when: str) -> None:
        super().__init__(flush=False)
        self._left, self._when = step, when

    def write(self, path: str, data: bytes) -> None:
        self._step(lambda: super(CrashingDisk, self).write(path, data), path, data)

    def move(self, source: str, target: str) -> None:
        self._step(lambda: super(CrashingDisk, self).move(source, target), None, b"")

    def _step(self, act: object, path: str | None, data: bytes) -> None:
        self._left -= 1
        assert callable(act)
        if self._left:
            act()
            return
        if self._when == "half" and path is not None:
            Path(path).write_bytes(data[: len(data) // 2])
        if self._when == "after":
            act()
        raise Crash


def a_message(content: bytes = BYTES, name: str = "850-000000042.edi") -> OutboundMessage:
    return OutboundMessage(
        partner="ACME",
        interchange="000000042",
        file_name=name,
        digest=hashlib.sha256(content).hexdigest(),
        content=content,
    )


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def put(folder: Path, name: str = "855.edi", content: bytes = BYTES) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    return path


def at_once(home: Path, disk: Disk | None = None) -> FolderTransport:
    return FolderTransport(home, partner="ACME", settle_seconds=0, disk=disk)


def test_a_file_is_put_whole_under_its_name(tmp_path: Path) -> None:
    folder = at_once(tmp_path)

    delivered = folder.deliver(a_message())

    assert delivered.place == str(tmp_path / "out" / "850-000000042.edi")
    assert (tmp_path / "out" / "850-000000042.edi").read_bytes() == BYTES
    assert names(tmp_path / "aside") == []


def test_a_resend_gives_the_same_file_and_not_again_one_that_was_taken(tmp_path: Path) -> None:
    folder = at_once(tmp_path)
    folder.deliver(a_message())

    assert folder.deliver(a_message()) == folder.find(a_message())
    (tmp_path / "out" / "850-000000042.edi").unlink()
    folder.deliver(a_message())

    assert names(tmp_path / "out") == []
    assert folder.find(a_message()) is not None


def test_nothing_is_found_of_a_file_that_was_never_sent(tmp_path: Path) -> None:
    assert at_once(tmp_path).find(a_message()) is None


def test_other_bytes_under_one_name_are_refused(tmp_path: Path) -> None:
    folder = at_once(tmp_path)
    folder.deliver(a_message())

    with pytest.raises(DeliveryRefusedError, match="other bytes"):
        folder.deliver(a_message(b"ISA*other~"))

    assert (tmp_path / "out" / "850-000000042.edi").read_bytes() == BYTES


@pytest.mark.parametrize(
    "name", ["../x.edi", "a/b", "", ".hidden", "x\0y", "ä.edi", "-rf", "x" * 130]
)
def test_a_name_that_is_not_plain_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DeliveryRefusedError, match="plain"):
        at_once(tmp_path).deliver(a_message(name=name))


def test_bytes_that_are_not_those_of_the_digest_are_refused(tmp_path: Path) -> None:
    wrong = OutboundMessage(
        partner="ACME", interchange="1", file_name="x.edi", digest="0" * 64, content=BYTES
    )

    with pytest.raises(DeliveryRefusedError, match="digest"):
        at_once(tmp_path).deliver(wrong)


@pytest.mark.parametrize("when", ["before", "half", "after"])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_crash_at_any_step_of_sending_leaves_one_whole_file_after_the_resend(
    tmp_path: Path, step: int, when: str
) -> None:
    with pytest.raises(Crash):
        at_once(tmp_path, CrashingDisk(step, when)).deliver(a_message())
    assert all(path.read_bytes() == BYTES for path in (tmp_path / "out").iterdir())

    at_once(tmp_path).deliver(a_message())

    assert names(tmp_path / "out") == ["850-000000042.edi"]
    assert (tmp_path / "out" / "850-000000042.edi").read_bytes() == BYTES
    assert at_once(tmp_path).find(a_message()) is not None


def test_a_file_is_taken_once_and_archived_when_its_bytes_are_kept(tmp_path: Path) -> None:
    folder = at_once(tmp_path)
    put(tmp_path / "in")

    (file,) = folder.collect()
    folder.archive(file)

    assert (file.partner, file.file_name, file.content) == ("ACME", "855.edi", BYTES)
    assert file.digest == hashlib.sha256(BYTES).hexdigest()
    assert folder.collect() == ()
    assert names(tmp_path / "archive") == [f"{file.digest[:16]}-855.edi"]


def test_a_file_comes_again_until_it_is_settled_even_after_a_restart(tmp_path: Path) -> None:
    put(tmp_path / "in")

    first = at_once(tmp_path).collect()

    assert at_once(tmp_path).collect() == first


def test_a_growing_file_is_left_until_two_looks_find_it_unchanged(tmp_path: Path) -> None:
    now = [0.0]
    folder = FolderTransport(tmp_path, settle_seconds=2, monotonic=lambda: now[0])
    path = put(tmp_path / "in", content=b"ISA*")
    seen = []
    for second, content in ((0, b"ISA*"), (1, b"ISA*00"), (2, b"ISA*00"), (3, b"ISA*00")):
        now[0] = second
        if path.exists() and path.read_bytes() != content:
            path.write_bytes(content)
        seen.append([file.content for file in folder.collect()])

    assert seen == [[], [], [], [b"ISA*00"]]


def test_unfinished_hidden_and_linked_files_are_left_alone(tmp_path: Path) -> None:
    inbound = tmp_path / "in"
    for name in ("a.tmp", "b.PART", ".c.edi", "d.filepart"):
        put(inbound, name)
    (inbound / "folder").mkdir()
    (inbound / "link.edi").symlink_to("/etc/hostname")

    assert at_once(tmp_path).collect() == ()
    assert len(names(inbound)) == 6


def test_one_name_used_twice_gives_two_files(tmp_path: Path) -> None:
    folder = at_once(tmp_path)
    put(tmp_path / "in", content=b"first")
    folder.collect()
    put(tmp_path / "in", content=b"second")

    assert [file.content for file in folder.collect()] == [b"first", b"second"]


def test_a_foreign_name_is_tamed_and_its_bytes_kept(tmp_path: Path) -> None:
    folder = at_once(tmp_path)
    put(tmp_path / "in", "Bestellung Łódź (1).edi")

    (file,) = folder.collect()
    folder.archive(file)

    assert file.content == BYTES
    assert names(tmp_path / "processing") == []


def test_an_unreadable_file_is_kept_whole_with_its_reason(tmp_path: Path) -> None:
    folder = at_once(tmp_path)
    put(tmp_path / "in", content=os.urandom(5_000))

    (file,) = folder.collect()
    folder.quarantine(file, "no ISA segment at byte 0")

    kept, reason = names(tmp_path / "quarantine")
    assert (tmp_path / "quarantine" / kept).read_bytes() == file.content
    assert (tmp_path / "quarantine" / reason).read_text() == "no ISA segment at byte 0"
    assert folder.collect() == ()


def test_a_file_over_the_limit_is_put_aside_unread(tmp_path: Path) -> None:
    folder = FolderTransport(tmp_path, settle_seconds=0, size_limit=10)
    put(tmp_path / "in", content=b"x" * 11)

    assert folder.collect() == ()
    assert len(names(tmp_path / "quarantine")) == 2


@pytest.mark.parametrize("settled", ["archive", "quarantine"])
@pytest.mark.parametrize("when", ["before", "half", "after"])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_crash_at_any_step_of_taking_in_loses_nothing(
    tmp_path: Path, step: int, when: str, settled: str
) -> None:
    def take_in(folder: FolderTransport) -> None:
        for file in folder.collect():
            taken.add(file.content)
            if settled == "archive":
                folder.archive(file)
            else:
                folder.quarantine(file, "unreadable")

    taken: set[bytes] = set()
    put(tmp_path / "in")
    if step < 3 or settled == "quarantine":
        with pytest.raises(Crash):
            take_in(at_once(tmp_path, CrashingDisk(step, when)))

    take_in(at_once(tmp_path))

    assert taken == {BYTES}
    kept = [p for p in (tmp_path / settled).iterdir() if not p.name.endswith(".reason.txt")]
    assert [p.read_bytes() for p in kept] == [BYTES]
    assert names(tmp_path / "in") == names(tmp_path / "processing") == []
