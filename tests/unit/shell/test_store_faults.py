from __future__ import annotations

import errno
import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from prd_supervise.supervisor.shell.storage.found import SNAPSHOT
from prd_supervise.supervisor.shell.storage.store import Store, read
from tests.unit.shell.store_words import KINDS, Counted, broken_disk, lying_disk

Disk = Callable[[Store], AbstractContextManager[None]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "state", KINDS)
    made.append(Counted(number=1), at=1.0)
    made.flush()
    yield made
    made.close()


def numbers(store: Store) -> list[object]:
    """What a successor would find."""
    return [record for record, _ in read(store._folder, KINDS).records]


@pytest.mark.parametrize(("disk", "number"), [(broken_disk, errno.EIO), (lying_disk, errno.EINVAL)])
def test_what_a_failing_disk_did_not_take_is_not_acknowledged(
    store: Store, disk: Disk, number: int
) -> None:
    store.append(Counted(number=2), at=2.0)
    with disk(store):
        with pytest.raises(OSError, match=rf"Errno {number}\b") as failure:
            store.flush()
        assert failure.value.errno == number
        assert store.is_behind
    assert numbers(store) == [Counted(number=1)]


def test_a_snapshot_that_cannot_take_its_place_leaves_the_journal_as_it_was(store: Store) -> None:
    (store._folder / SNAPSHOT / "in the way").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        store.compact({"all": 1})
    (store._folder / SNAPSHOT / "in the way").rmdir()
    (store._folder / SNAPSHOT).rmdir()
    assert numbers(store) == [Counted(number=1)]
    store.append(Counted(number=2), at=2.0)
    store.flush()
    assert numbers(store) == [Counted(number=1), Counted(number=2)]


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Have the system refuse what makes a file larger (EFBIG), as a quota would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_without_room_for_a_snapshot_leaves_the_journal_as_it_was(store: Store) -> None:
    """A supervisor that begins on a full disk must not fail for what only saves room."""
    with files_of_at_most(8):
        store.compact({"all": 1})
    assert [path.name for path in store._folder.iterdir()] == ["journal.log"], "room for records"
    assert numbers(store) == [Counted(number=1)]
    store.append(Counted(number=2), at=2.0)
    store.flush()
    assert numbers(store) == [Counted(number=1), Counted(number=2)]
    store.compact({"all": 2})
    assert read(store._folder, KINDS).payload == {"all": 2}
