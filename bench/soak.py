"""Soak: what many stories leave in a tree: `STORIES=10000 .venv/bin/python bench/soak.py`.

The real tree with the replay agent: root, PRD supervisors, integrators, workers, spares, git. Every
story writes a file, is verified (`true`) and merged. `--form night`: a few long PRDs, all there at
the start. `--form weeks`: one root with `--watch`; PRDs of five stories come, one batch after the
other, and their documents go away when they are done, as a person would do it. `--light`: stories
that may change nothing, whose agent is `true`: merges are empty, all else as ever. Where nothing
gets done for a minute, it ends with what root said last.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench.growth import Series, files, growing, processes, rendered
from bench.scratch import Scratch

STORIES = int(os.environ.get("STORIES", "300"))
PRDS_OF_A_NIGHT = 4
STORIES_OF_A_PRD = 5  # of those that come and go
BATCH = 4
SAMPLE_S = 5.0
FILES_EVERY = 6  # samples: walking many files takes time
LOOK_S = 0.2
STILL_S = 60.0  # without a story that gets done: it stands still
SETTINGS = """\
max_prds = {prds}
max_workers = 4
api_limit = 16
progress_every_s = 0
[agent]
{agent}
[verify]
commands = ["true"]
[keep]
days = {days}
"""
REPLAY, LIGHT = 'use = "replay"', 'use = "command"\ncommand = ["true"]'


def main() -> None:
    """Run one form, and print its table."""
    asked = _arguments()
    series = Series()
    with Scratch() as scratch:
        began_s = time.monotonic()
        live = night if asked.form == "night" else weeks
        done = live(scratch, asked, lambda stories: _sample(scratch, series, stories))
        _report(series, asked, done, time.monotonic() - began_s)  # first: the end may fail


def _report(series: Series, asked: argparse.Namespace, done: int, took_s: float) -> None:
    lines = series.lines()
    print(f"{asked.form}: {done} stories in {took_s:,.0f} s, {done / took_s:.2f} a second")
    print(f"load now {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    print(rendered(lines))
    if asked.json is not None:
        found = {"stories": series.stories, "figures": series.figures}
        asked.json.write_text(json.dumps(found) + "\n")
    for name, slope in growing(lines).items():
        print(f"grows: {name}: {slope} per 1,000 stories", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--form", choices=("night", "weeks"), default="night")
    parser.add_argument("--stories", type=int, default=STORIES, help="in all (STORIES, else 300)")
    parser.add_argument("--seconds", type=float, default=0.0, help="end after that, what be done")
    parser.add_argument("--light", action="store_true", help="no code: empty merges")
    parser.add_argument("--keep-days", type=float, default=30.0, help="as [keep] days")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples there too")
    return parser.parse_args()


Sample = Callable[[float], None]


def night(scratch: Scratch, asked: argparse.Namespace, sample: Sample) -> int:
    """Long PRDs, side by side, until all is done or time is up."""
    each = max(1, asked.stories // PRDS_OF_A_NIGHT)
    _configure(scratch, asked)
    for number in range(PRDS_OF_A_NIGHT):
        _write_prd(scratch, number, each, is_light=asked.light)
    _commit(scratch)
    scratch.start()
    return _look_on(scratch, asked, sample, lambda _: None)


def weeks(scratch: Scratch, asked: argparse.Namespace, sample: Sample) -> int:
    """Short PRDs that come and go, for one root."""
    _configure(scratch, asked)
    _commit(scratch)
    scratch.start("--watch")
    wanted, made = max(1, asked.stories // STORIES_OF_A_PRD), 0

    def bring(done: int) -> None:
        nonlocal made
        while made < wanted and made * STORIES_OF_A_PRD < done + BATCH * STORIES_OF_A_PRD:
            _write_prd(scratch, made, STORIES_OF_A_PRD, is_light=asked.light)
            made += 1
        gone = done // STORIES_OF_A_PRD - 2 * BATCH
        for number in range(max(0, gone - BATCH), max(0, gone)):
            (_folder(scratch, number) / "prd.json").unlink(missing_ok=True)

    return _look_on(scratch, asked, sample, bring)


def _look_on(
    scratch: Scratch, asked: argparse.Namespace, sample: Sample, bring: Callable[[int], None]
) -> int:
    """Sample until all is done, root has ended, or time is up; count the stories that are done."""
    began_s = sampled_s = done_s = time.monotonic()
    done = 0
    bring(0)
    while scratch.root.poll() is None and done < asked.stories:
        time.sleep(LOOK_S)
        now_s = time.monotonic()
        if asked.seconds and now_s - began_s > asked.seconds:
            break
        before, done = done, _done(scratch)
        done_s = now_s if done > before else done_s
        if now_s - done_s > STILL_S:
            said = (scratch.top / "start.log").read_text(errors="replace")
            print(f"nothing done for {STILL_S:g} s; root said last:\n{said[-3000:]}")
            break
        bring(done)
        if now_s - sampled_s >= SAMPLE_S:
            sampled_s = now_s
            sample(float(done))
    return done


def _sample(scratch: Scratch, series: Series, stories: float) -> None:
    figures = processes(scratch.root.pid)
    if len(series.stories) % FILES_EVERY == 0:
        figures |= files(scratch.repository)
    series.add(stories, figures)


_SEEN: dict[Path, tuple[int, int]] = {}  # of each journal: how far read, and how many are done


def _done(scratch: Scratch) -> int:
    """The stories done, by what the PRDs' journals have got since the last look."""
    for path in (scratch.repository / ".prd-supervise" / "prds").glob("*/journal.log"):
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            continue
        before, done = _SEEN.get(path, (0, 0))
        if size < before:  # it was compacted: what it had told is history
            before = 0
        with path.open("rb") as file:
            file.seek(before)
            done += file.read(size - before).count(b'"StoryDone"')
        _SEEN[path] = size, done
    return sum(done for _, done in _SEEN.values())  # of PRDs that were forgotten, too


def _configure(scratch: Scratch, asked: argparse.Namespace) -> None:
    agent = LIGHT if asked.light else REPLAY
    text = SETTINGS.format(prds=BATCH, agent=agent, days=asked.keep_days)
    (scratch.repository / "prd-supervise.toml").write_text(text)


def _folder(scratch: Scratch, number: int) -> Path:
    return scratch.repository / "prds" / "active" / f"P-{number:05}"


def _write_prd(scratch: Scratch, number: int, stories: int, *, is_light: bool) -> None:
    document = {
        "id": f"P-{number:05}",
        "project": f"soak {number}",
        "userStories": [
            {
                "id": f"US-{at:05}",
                "title": f"story {at}",
                "passes": False,
                "noCode": is_light,
                "replay": [
                    {"write": {"path": f"{number}/{at // 100}/{at}.txt", "text": f"{at}\n"}}
                ],
            }
            for at in range(stories)
        ],
    }
    folder = _folder(scratch, number)
    folder.mkdir(parents=True)
    whole = folder / "prd.json.new"
    whole.write_text(json.dumps(document))
    whole.rename(folder / "prd.json")


def _commit(scratch: Scratch) -> None:
    scratch.git("add", "--all")
    scratch.git("commit", "--quiet", "-m", "soak")


if __name__ == "__main__":
    main()
