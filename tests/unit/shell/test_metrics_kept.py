from __future__ import annotations

import errno
import os
import resource
from pathlib import Path

import msgspec
import pytest

from prd_supervise.policies.metrics.tally import Batch, Level, Tally
from prd_supervise.supervisor.shell.metrics import kept
from prd_supervise.supervisor.shell.metrics.kept import Line, MetricsFile, is_newer, lines, total_of
from prd_supervise.supervisor.shell.metrics.textfile import FIRST_WORDS, why_unfit, write_textfile

LEVELS = (Level("up", (), 1.0),)


def batch(count: int = 1, took_s: float = 1.5) -> Batch:
    tally = Tally()
    tally.count("stories_total", ("ALPHA", "done"), count)
    tally.time("agent_seconds", ("claude", "normal"), took_s)
    return tally.batch()


def stories(path: Path) -> float:
    return sum(each.by for each in total_of(path).batch.counted)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "metrics.jsonl"


def test_what_was_counted_goes_on_in_the_next_life(path: Path) -> None:
    first = MetricsFile(path)
    first.append(batch(2), LEVELS, 100.0)
    first.append(batch(3), LEVELS, 101.0)
    second = MetricsFile(path)
    second.append(batch(), LEVELS, 200.0)
    assert stories(path) == 6
    assert [line.number for line in lines(path)] == [0, 1, 2, 3]
    assert total_of(path).began_at == 100.0
    (timed,) = second.total.timed
    assert (timed.count, timed.total) == (3, 4.5)


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_a_torn_line_is_passed_over_wherever_it_is_torn(path: Path, cut: int) -> None:
    made = MetricsFile(path)
    made.append(batch(2), LEVELS, 100.0)
    made.append(batch(3), LEVELS, 101.0)
    path.write_bytes(path.read_bytes()[:-cut])
    left = stories(path)
    assert left in {2, 5}
    MetricsFile(path).append(batch(10), LEVELS, 102.0)
    assert stories(path) == left + 10


def test_a_file_of_rubbish_or_of_another_version_is_no_end(path: Path) -> None:
    later = msgspec.json.encode(Line(v=99, number=7, at=1.0, batch=batch(50)))
    unsound = b'{"v":1,"number":8,"at":1,"batch":{"counted":[["x",[],-5]]}}'
    path.write_bytes(b"\0\xff{]\n" + later + b"\n" + unsound + b'\n[1]\n"x"\nnull\n')
    assert stories(path) == 0
    MetricsFile(path).append(batch(), LEVELS, 2.0)
    assert stories(path) == 1


def test_a_file_of_a_newer_version_is_known_as_such(path: Path) -> None:
    assert not is_newer(path)
    MetricsFile(path).append(batch(), LEVELS, 100.0)
    assert not is_newer(path)
    path.write_bytes(path.read_bytes() + b'{"v":2,"all":"else"}\n{"v":')
    assert is_newer(path)


def test_a_full_file_is_rotated_and_no_sum_is_lost_however_often(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "BYTES_MAX", 2000)
    monkeypatch.setattr(kept, "KEPT_MAX", 3)
    made = MetricsFile(path)
    for number in range(200):
        made.append(batch(), LEVELS, 1000.0 + 60 * number)
    assert stories(path) == 200
    assert stories(path) == sum(each.by for each in made.total.counted)
    names = sorted(each.name for each in path.parent.iterdir())
    assert names == ["metrics.jsonl", *(f"metrics.jsonl.{number}" for number in (1, 2, 3))]
    assert sum(each.stat().st_size for each in path.parent.iterdir()) < 4 * 3000
    numbers = [line.number for line in lines(path)]
    assert numbers == sorted(set(numbers))
    older = path.with_name("metrics.jsonl.1").read_bytes().splitlines()
    assert len(older) < len(path.read_bytes().splitlines()), "ten minutes are one line"
    assert total_of(path).began_at == 1000.0
    assert MetricsFile(path).total == made.total


def test_what_a_crash_in_a_rotation_leaves_twice_counts_once(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = MetricsFile(path)
    for number in range(5):
        made.append(batch(), LEVELS, 1000.0 + number)
    monkeypatch.setattr(kept, "BYTES_MAX", 10)
    # The last step of a rotation is not done: both files have the same lines.
    real, last = Path.replace, path.with_name("metrics.jsonl.new")

    def replace(one: Path, other: Path) -> Path:
        if one == last:
            raise OSError(errno.EIO, "dead")
        return real(one, other)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(OSError, match="dead"):
        made.append(batch(), LEVELS, 1010.0)
    assert path.with_name("metrics.jsonl.1").exists()
    counted = [each.by for line in lines(path) for each in line.batch.counted]
    assert sum(counted) == 5
    assert stories(path) == 5
    monkeypatch.setattr(Path, "replace", real)
    made.append(batch(), LEVELS, 1011.0)
    assert stories(path) == 6
    assert sum(each.by for line in lines(path) for each in line.batch.counted) == 6


def test_a_disk_that_is_full_at_a_rotation_costs_nothing_that_was_kept(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = MetricsFile(path)
    for number in range(5):
        made.append(batch(), LEVELS, 1000.0 + number)
    monkeypatch.setattr(kept, "BYTES_MAX", 10)
    before = path.read_bytes()
    path.with_name("metrics.jsonl.new").mkdir()  # nothing can be written there
    for _ in range(3):
        with pytest.raises(OSError, match="directory"):
            made.append(batch(), LEVELS, 1010.0)
    assert path.read_bytes() == before
    assert not path.with_name("metrics.jsonl.1").exists()


def test_what_cannot_be_read_at_first_is_neither_lost_nor_an_end(path: Path) -> None:
    MetricsFile(path).append(batch(3), LEVELS, 1.0)
    aside = path.rename(path.with_name("aside"))
    path.mkdir()
    made = MetricsFile(path)
    with pytest.raises(IsADirectoryError):
        made.append(batch(), LEVELS, 2.0)
    path.rmdir()
    aside.rename(path)
    made.append(batch(), LEVELS, 3.0)
    assert stories(path) == 4
    assert [line.number for line in lines(path)] == [0, 1, 2]


def test_a_line_that_lacks_room_for_its_end_alone_is_counted_once(path: Path) -> None:
    made = MetricsFile(path)
    made.append(batch(), LEVELS, 1.0)
    before = path.stat().st_size
    other = MetricsFile(path)
    other.append(batch(), LEVELS, 2.0)
    room = path.stat().st_size - 1
    os.truncate(path, before)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises(OSError, match="No space left"):
            made.append(batch(), LEVELS, 2.0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert stories(path) == 1
    made.append(batch(), LEVELS, 2.0)
    assert stories(path) == 2


def test_without_room_nothing_is_known_of_a_line(path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    made = MetricsFile(path)
    made.append(batch(), LEVELS, 1.0)
    path.unlink()
    path.symlink_to(full)
    with pytest.raises(OSError, match="No space left"):
        made.append(batch(), LEVELS, 2.0)
    assert sum(each.by for each in made.total.counted) == 1


# --- the text file --------------------------------------------------------------------------------


def test_a_text_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x.prom"
    write_textfile(path, f"{FIRST_WORDS}a\n")
    assert path.stat().st_mode & 0o777 == 0o644
    assert why_unfit(path) == ""
    tmp_path.chmod(0o500)
    try:
        if not why_unfit(path):
            pytest.skip("this user may write everywhere")
        with pytest.raises(OSError, match="denied"):
            write_textfile(path, "new")
    finally:
        tmp_path.chmod(0o700)
    assert path.read_text() == f"{FIRST_WORDS}a\n"
    assert [each.name for each in tmp_path.iterdir()] == ["x.prom"]


def test_a_folder_in_its_place_stays_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "x.prom"
    path.mkdir()
    with pytest.raises(OSError, match="directory"):
        write_textfile(path, "text")
    assert [each.name for each in tmp_path.iterdir()] == ["x.prom"]
    assert "something else is there" in why_unfit(path)


def test_what_is_not_ours_is_not_overwritten(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.prom"
    theirs.write_text("node_up 1\n")
    assert "something else" in why_unfit(theirs)
    link = tmp_path / "link.prom"
    link.symlink_to(tmp_path / "elsewhere")
    assert "something else" in why_unfit(link)
    (tmp_path / "empty.prom").touch()
    assert why_unfit(tmp_path / "empty.prom") == ""
    assert "end with .prom" in why_unfit(tmp_path / "x.txt")
    assert "no folder" in why_unfit(tmp_path / "no" / "x.prom")
