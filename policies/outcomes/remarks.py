"""What people should know of the files that a story changed: tests, and what verify commands run.

It is no reproach: stories do change tests. Names alone are looked at, so it may miss something,
but what it says is so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

NAMED_MAX = 10
_COMMAND_MAX = 10_000
_TEST_FOLDERS = frozenset({"test", "tests", "__tests__", "spec", "specs"})
_TEST_NAME = re.compile(
    r"test_[^/]*\.py|[^/]*_test\.(?:py|go|rb|exs|c|cc|cpp|dart)|[^/]*_spec\.rb|conftest\.py"
    r"|[^/]*\.(?:test|spec)\.[cm]?[jt]sx?|[^/]*Tests?\.(?:java|kt|cs|swift|php)"
)
_RUNS = {  # what a program reads of the project to know what it has to do
    "make": ("makefile", "gnumakefile"),
    "gmake": ("makefile", "gnumakefile"),
    "just": ("justfile", ".justfile"),
    "rake": ("rakefile",),
    "npm": ("package.json",),
    "npx": ("package.json",),
    "pnpm": ("package.json",),
    "yarn": ("package.json",),
    "bun": ("package.json",),
    "composer": ("composer.json",),
    "pytest": ("pytest.ini", "tox.ini", "setup.cfg", "pyproject.toml"),
    "tox": ("tox.ini", "pyproject.toml", "setup.cfg"),
    "nox": ("noxfile.py",),
    "mvn": ("pom.xml",),
    "gradle": ("build.gradle", "build.gradle.kts"),
    "gradlew": ("build.gradle", "build.gradle.kts"),
}
_INTERPRETERS = frozenset("sh bash dash zsh python python3 node deno ruby perl php".split())
_SIMPLE = re.compile(r"[;&|()\n]+")  # between the simple commands of a line
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*")


def remarks_on(
    files: Sequence[str], removed: Collection[str], commands: Sequence[str]
) -> tuple[str, ...]:
    """A line each, for people; `removed` are those of the files that are no more."""
    tests = [name for name in files if is_test(name)]
    gone = [name for name in tests if name in removed]
    left = [name for name in tests if name not in removed]
    found = [f"changes tests: {_named(left)}"] if left else []
    found += [f"deletes tests: {_named(gone)}"] if gone else []
    for command in commands:
        run = [name for name in files if name in _run_by(command, files)]
        if run:
            found.append(f"changes what `{command[:100]}` runs: {_named(run)}")
    return tuple(found)


def is_test(name: str) -> bool:
    """Say whether a file is a test, or stands among tests."""
    *folders, file = name.split("/")
    return not _TEST_FOLDERS.isdisjoint(folders) or bool(_TEST_NAME.fullmatch(file))


def _run_by(command: str, files: Sequence[str]) -> frozenset[str]:
    """Which of the files the command names, or its programs go by."""
    run: set[str] = set()  # as programs
    read: set[str] = set()  # by programs, to know what to do
    for simple in _SIMPLE.split(command[:_COMMAND_MAX]):
        words = [word.strip("'\"") for word in simple.split()]
        words = [word for word in words if word and not _ASSIGNMENT.fullmatch(word)]
        program = words[0].rpartition("/")[2] if words else ""
        if program in _INTERPRETERS:
            run.update([word for word in words[1:] if not word.startswith("-")][:1])
        run.update(words[:1])
        read.update(name for word in words for name in _RUNS.get(word.rpartition("/")[2], ()))
    run = {name.removeprefix("./") for name in run}
    return frozenset(
        name
        for name in files
        if name in run or (name.rpartition("/")[2].lower() in read and not is_test(name))
    )


def _named(names: Sequence[str]) -> str:
    more = len(names) - NAMED_MAX
    shown = ", ".join(names[:NAMED_MAX])
    return f"{shown} and {more} more" if more > 0 else shown
