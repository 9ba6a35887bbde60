"""Guesses from files of targets: Makefile, justfile, Taskfile. They go before a language's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from .folder import Folder
from .guess import Guess, Role, verify

_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
_JUSTFILES = ("justfile", "Justfile", ".justfile")
_TASKFILES = ("Taskfile.yml", "Taskfile.yaml", "taskfile.yml", "taskfile.yaml")
# "name: what it needs", not "name := value", nor a rule of files (%.o).
_MAKE_RULE = re.compile(r"^([A-Za-z0-9][\w.-]*(?: +[\w.-]+)*) *::?(?![=:])([^=\n]*)$", re.MULTILINE)
_JUST_RULE = re.compile(r"^@?([A-Za-z_][\w-]*)((?: +[^:\n]*)?):(?!=)([^\n]*)$", re.MULTILINE)
_TASK_RULE = re.compile(r"^  ([A-Za-z0-9][\w.:-]*):\s*(?:#.*)?$", re.MULTILINE)
_ROLES = {
    "lint": Role.LINT,
    "typecheck": Role.TYPES,
    "type-check": Role.TYPES,
    "types": Role.TYPES,
    "check": Role.TEST,
    "test": Role.TEST,
    "tests": Role.TEST,
}
_INSTEAD = ("ci", "verify", "all-tests", "unit")  # where there is neither a test nor a check

Targets = Mapping[str, frozenset[str]]  # of each target those that it needs


def guesses(folder: Folder) -> Iterator[Guess]:
    """What the first of these files says; a target that another one needs is not said twice."""
    for names, kind, program, read in (
        (_MAKEFILES, "target", "make", make_targets),
        (_JUSTFILES, "recipe", "just", just_targets),
        (_TASKFILES, "task", "task", task_targets),
    ):
        name = folder.has(*names)
        targets = read(folder.text(name)) if name else {}
        chosen = _chosen(targets)
        if chosen:
            for target in chosen:
                yield verify(
                    _ROLES.get(target, Role.TEST),
                    f"{program} {target}",
                    f'{name} has a {kind} "{target}"',
                    program=program,
                )
            return


def make_targets(text: str) -> Targets:
    """The targets of a Makefile."""
    found: dict[str, frozenset[str]] = {}
    for names, needs in _MAKE_RULE.findall(text):
        wanted = frozenset(needs.partition("#")[0].partition(";")[0].replace("|", " ").split())
        for name in names.split():
            found[name] = found.get(name, frozenset()) | wanted
    return found


def just_targets(text: str) -> Targets:
    """The recipes of a justfile that need no argument."""
    return {
        name: frozenset(needs.replace("&&", " ").split())
        for name, parameters, needs in _JUST_RULE.findall(text)
        if all("=" in each or each.startswith("*") for each in parameters.split())
    }


def task_targets(text: str) -> Targets:
    """What a Taskfile has below `tasks`."""
    _, _, below = text.partition("\ntasks:")
    return {name: frozenset() for name in _TASK_RULE.findall(below)}


def _chosen(targets: Targets) -> list[str]:
    names = [name for name in _ROLES if name in targets]
    if "tests" in names and "test" in names:
        names.remove("tests")
    if not any(_ROLES[name] is Role.TEST for name in names):
        names += [name for name in _INSTEAD if name in targets][:1]
    needed = {other: _needed(other, targets) for other in names}
    return [
        name
        for name in names
        if not any(name in of_it for other, of_it in needed.items() if other != name)
    ]


def _needed(name: str, targets: Targets) -> set[str]:
    """All that a target needs, at whatever remove."""
    found: set[str] = set()
    left = [name]
    while left:
        new = targets.get(left.pop(), frozenset()) - found
        found |= new
        left += new
    return found
