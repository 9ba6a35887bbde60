"""Files that a careless reader takes for ever over, or all memory.

`make_monsters.py SIZE SECONDS BYTES FOLDER NAME...` makes them, reads each within these limits of
processor time and memory, and prints a line about each; the tests run it as a child.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from prd_supervise.supervisor.prd.mark import mark_all, mark_done
from prd_supervise.supervisor.prd.read import read_file
from prd_supervise.supervisor.prd.tamper import tampering

_STORY = {"id": "US-{}", "title": "t", "description": "d" * 200, "passes": False}


def _times(unit: str, *, start: str = "", end: str = "") -> Callable[[int], bytes]:
    return lambda size: (start + unit * (size // len(unit)) + end).encode()


def _prd(size: int) -> bytes:
    stories = [{**_STORY, "id": f"US-{at}"} for at in range(min(size // 300, 20_000))]
    filler = "x" * max(0, size - 300 * len(stories))
    return json.dumps({"notes": filler, "userStories": stories}, indent=1).encode()


def _without_flags(size: int) -> bytes:
    stories = [{"id": f"US-{at}", "title": "t" * 70} for at in range(min(size // 100, 20_000))]
    return json.dumps({"userStories": stories}).encode()


def _utf_16(size: int) -> bytes:
    return _prd(size // 2).decode().encode("utf-16")


def _yaml_prd(size: int) -> bytes:
    return _times("- title: a b\n  description: d\n  completed: false\n", start="tasks:\n")(size)


def _alias_bomb(size: int) -> bytes:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]" for at in range(1, max(2, size // 60))
    ]
    return "\n".join(lines).encode()


def _boxes(size: int) -> bytes:
    lines = (" " * (2 * (at % 200)) + "- [ ] a\n" for at in range(size // 200))
    return "".join(lines).encode()


def _names(size: int) -> bytes:
    return ("{" + ",".join(f'"k{at}": 1' for at in range(size // 12)) + "}").encode()


MONSTERS: dict[str, Callable[[int], bytes]] = {
    "a PRD": _prd,
    "a PRD in UTF-16": _utf_16,
    "a PRD without flags": _without_flags,
    "a PRD in YAML": _yaml_prd,
    "a wide object": _names,
    "lists in lists": _times("["),
    "objects in objects": _times('{"a":'),
    "empty lists": _times("[],", start="[", end="1]"),
    "a number": _times("1", start='{"tasks": [', end="]}"),
    "one name again and again": _times('"a":1,', start="{", end='"a":1}'),
    "a text that never ends": _times('\\"', start='{"a": "'),
    "quotes without end": _times('"a', start="{"),
    "blanks": _times(" ", start="{", end="x"),
    "newlines": _times("\n", start="{", end="x"),
    "aliases": _alias_bomb,
    "items in items": _times("- ", start="a:\n"),
    "flow in flow": _times("[", start="a: "),
    "names in names": _times("? ", start="a: 1\n"),
    "anchors": _times("- &a b\n", start="a:\n"),
    "members": _times("a: b\n"),
    "tags": _times("%TAG ! x\n", end="---\na: [b]\n"),
    "directives": _times("%A\n", end="---\na: [b]\n"),
    "documents": _times("---\na: [b]\n"),
    "a quoted text": _times("\n", start="a: '"),
    "comments": _times("# c\n", end="a: [b]\n"),
    "tabs": _times("\t", start="a:\n"),
    "colons": _times(": ", start="a"),
    "merges": _times("- <<: *a\n", start="a: &a {b: c}\nd:\n"),
    "quotes in quotes": _times("> "),
    "items of Markdown": _times("* "),
    "boxes": _times("- [ ] a box\n"),
    "boxes in boxes": _boxes,
    "headings": _times("### US-1: a\n"),
    "stories of Markdown": _times("### US: a\n\n**Status:** todo\n\n- [ ] b\n\n"),
    "stars": _times("*", start="# A\n\n"),
    "stars and blanks": _times("**a ", start="# A\n\n"),
    "brackets of Markdown": _times("[a](", start="# A\n\n"),
    "open brackets of Markdown": _times("[", start="# A\n\n"),
    "back quotes": _times("`a``", start="# A\n\n"),
    "comments of HTML": _times("<!--", start="# A\n\n"),
    "tables": _times("|a", start="# A\n\n"),
    "fences": _times("```\n", start="# A\n\n"),
    "references": _times("[a]: b\n", start="# A\n\n"),
    "labels": _times("**Status:** ", start="### US-1: a\n\n"),
    "dependencies": _times("US-1, ", start="### US-1: a\n\n**Dependencies:** "),
}


def main() -> None:
    """Make them one by one, and read, compare and mark them within limits."""
    size, seconds, memory, folder, *names = sys.argv[1:]
    path = Path(folder, "monster")
    for name in names:
        print(f"{name}: ", end="", flush=True)
        path.write_bytes(MONSTERS[name](int(size)))
        resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
        used = resource.getrusage(resource.RUSAGE_SELF)
        limit_s = int(used.ru_utime + used.ru_stime) + 1 + int(seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (limit_s, resource.RLIM_INFINITY))
        print(_met(path), flush=True)


def _met(path: Path) -> str:
    reading = read_file(path)
    data = path.read_bytes()
    for plan in reading.plans[:1]:
        story = plan.stories[-1]
        marked = mark_done(data, story.story_id, plan.part)
        if marked is None or tampering(data, marked, plan.part) != ():
            raise SystemExit("a story that cannot be marked, or whose mark is taken for tampering")
        if mark_all(data, [each.story_id for each in plan.stories], plan.part) == data:
            raise SystemExit("its stories cannot be marked together")
    stories = sum(len(plan.stories) for plan in reading.plans)
    first = reading.defects[0].message[:100] if reading.defects else ""
    return f"{stories} stories, {len(reading.defects)} defects {first}"


if __name__ == "__main__":
    main()
