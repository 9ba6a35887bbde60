"""What a power loss leaves of our files: cut, empty, full of zeros or of anything."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from prd_supervise.supervisor.shell.storage.journal import checked
from prd_supervise.supervisor.shell.storage.offline import (
    ROOT_KINDS,
    root_payload,
    root_records,
)
from prd_supervise.supervisor.shell.storage.recollection import KINDS, payload_of, recall
from prd_supervise.supervisor.shell.storage.store import Store, read
from tests.support.e2e_repo import Repo, story, write
from tests.support.tree import Tree

pytestmark = pytest.mark.timeout(900)  # dozens of commands: a slow machine is late, not wrong
FAILS_FIRST = {"run": ["sh", "-c", '[ "$PRD_SUPERVISE_ATTEMPT" != 1 ]']}
DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "zeros": lambda data: bytes(len(data)),
    "half": lambda data: data[: len(data) // 2],
    "noise": lambda data: bytes((each * 7 + 13) % 256 for each in data),
}
DERIVED = (
    "registry.json",
    "events.jsonl",
    "metrics.jsonl",
    "supervise.log",
    "plans/ALPHA.json",
    "plans/ALPHA.document",
    "prds/ALPHA/implementation-log.json",
    "prds/ALPHA/stories/US-1/1/result.json",
    "prds/ALPHA/stories/US-1/1/prompt.md",
    "prds/ALPHA/stories/US-1/lock",
)
LOOKS = (
    *(["status"], ["report"], ["logs", "ALPHA"], ["events"], ["clean"], ["doctor"], ["metrics"]),
)
TAILS = (b"", b"\0" * 4096, b"\xff\n\0\n" * 9)


@pytest.fixture
def night(repo: Repo, tree: Tree) -> Tree:
    """A night that was stopped in the middle, and gone on with: two lives of root."""
    stories(repo)
    repo.commit()
    tree.run("start", code=0)
    stories(repo, "US-4")
    repo.seal()
    tree.run("start", code=0)
    return tree


def stories(repo: Repo, *more: str) -> None:
    repo.prd(
        story("US-1"),
        story("US-2", FAILS_FIRST, write("US-2.txt", "x\n")),
        story("US-3", dependsOn=["US-1"]),
        *(story(each) for each in more),
    )


def whole_lines(data: bytes) -> int:
    """How many records stand there with their newlines."""
    return sum(checked(line) is not None for line in data.split(b"\n")[:-1])


def folds(folder: Path, kinds: tuple[type, ...]) -> int:
    """Read a folder as root or a PRD's supervisor does; say how many records it has."""
    stored = read(folder, kinds)
    if kinds is KINDS:
        payload_of(recall(stored))
    else:
        root_payload(root_records(stored))
    return len(stored.records)


def each_from_here(tree: Tree, folder: Path, names: Iterable[str]) -> Iterator[str]:
    """For each name the repository as it is now, once more."""
    kept = folder / "kept"
    shutil.copytree(tree.repo.path, kept, symlinks=True)
    for name in names:
        yield name
        shutil.rmtree(tree.repo.path)
        shutil.copytree(kept, tree.repo.path, symlinks=True)
        tree.repo.seal()


def go_on(tree: Tree) -> None:
    """Have one more story done; the second `start` is what a person is told to type."""
    stories(tree.repo, "US-4", "US-5")
    tree.repo.seal()
    first = tree.run("start")
    if first.code != 0:
        assert "`prd-supervise resume --repair` goes on with what can be read" in first.err
        tree.run("resume", "--repair")
        tree.run("start", code=0)


def assert_once(tree: Tree, expected: Counter[str]) -> None:
    merged = Counter(tree.repo.merged("feature/ALPHA"))
    assert merged == Counter(f"ALPHA/US-{n}" for n in range(1, 6))
    assert agents(tree) == expected
    assert tree.prd()["state"] == "completed"


def agents(tree: Tree) -> Counter[str]:
    """How many agents were begun for each story: by their logs, which nothing here damages."""
    folder = tree.repo.state / "prds" / "ALPHA" / "stories"
    return Counter(path.parent.parent.name for path in folder.glob("*/*/agent.log"))


@pytest.mark.parametrize("whose", ["root", "prd"])
def test_a_journal_cut_at_every_byte_gives_what_was_whole_before(
    night: Tree, whose: str, tmp_path: Path
) -> None:
    state = night.repo.state
    ours = state if whose == "root" else state / "prds" / "ALPHA"
    kinds = ROOT_KINDS if whose == "root" else KINDS
    folder = tmp_path / "cut"
    folder.mkdir()
    shutil.copy(ours / "snapshot.json", folder)
    data = (ours / "journal.log").read_bytes()
    assert whole_lines(data) > 2
    path = folder / "journal.log"
    for size in range(len(data) + 1):
        path.write_bytes(data[:size])
        assert folds(folder, kinds) == whole_lines(data[:size]), size


@pytest.mark.parametrize("tail", TAILS, ids=["nothing", "zeros", "noise"])
def test_a_writer_goes_on_behind_what_is_whole(night: Tree, tail: bytes, tmp_path: Path) -> None:
    ours = night.repo.state / "prds" / "ALPHA"
    data = (ours / "journal.log").read_bytes()
    ends = [at + 1 for at, byte in enumerate(data) if byte == ord("\n")]
    record = read(ours, KINDS).records[0][0]
    for size in (*ends, *(end - 1 for end in ends), *(end - 20 for end in ends)):
        folder = tmp_path / str(size)
        folder.mkdir()
        shutil.copy(ours / "snapshot.json", folder)
        (folder / "journal.log").write_bytes(data[:size] + tail)
        store = Store(folder, KINDS)
        store.append(record, at=1.0)
        store.flush()
        assert read(folder, KINDS).records == (*store.stored.records, (record, 1.0))
        assert len(store.stored.records) == whole_lines(data[:size])
        assert bool(store.mended) == (b"\n" in tail)
        store.close()


def test_what_is_derived_may_be_anything(night: Tree, tmp_path: Path) -> None:
    """No record stands in these: they are made anew, or only read by people."""
    expected = agents(night) + Counter(["US-5"])
    repo = night.repo
    for damage in each_from_here(night, tmp_path, DAMAGES):
        for name in DERIVED:
            path = repo.state / name
            path.write_bytes(DAMAGES[damage](path.read_bytes()))
        lock = repo.path / ".git" / "prd-supervise.lock"
        lock.write_bytes(DAMAGES[damage](b'{"pid": 1, "started_at": 1.0}'))
        (repo.state / ".snapshot.json.new").write_bytes(b'{"numb')
        (repo.state / "control.sock").unlink(missing_ok=True)
        (repo.state / "control.sock").symlink_to("/nowhere/of/another/boot.sock")
        for words in LOOKS:
            assert night.run(*words).code in {0, 1}, words

        go_on(night)

        assert_once(night, expected)


@pytest.mark.parametrize("name", ["journal.log", "snapshot.json"])
@pytest.mark.parametrize("whose", ["root", "prd"])
def test_no_damage_of_a_record_file_has_a_story_run_twice(
    night: Tree, whose: str, name: str, tmp_path: Path
) -> None:
    """Either it goes on by itself, or it says what to type, and goes on with that."""
    expected = agents(night) + Counter(["US-5"])
    for damage in each_from_here(night, tmp_path, DAMAGES):
        state = night.repo.state
        path = (state if whose == "root" else state / "prds" / "ALPHA") / name
        path.write_bytes(DAMAGES[damage](path.read_bytes()))
        night.run("status", code=0)

        go_on(night)

        assert_once(night, expected)


def test_what_the_branch_shows_is_not_run_again_wherever_the_journal_ends(
    night: Tree, tmp_path: Path
) -> None:
    expected = agents(night) + Counter(["US-5"])
    for quarter in each_from_here(night, tmp_path, "0123"):
        path = night.repo.state / "prds" / "ALPHA" / "journal.log"
        data = path.read_bytes()
        path.write_bytes(data[: len(data) * int(quarter) // 4])

        go_on(night)

        assert_once(night, expected)
