"""Doubt: the merged file has a fault that neither side had."""

from __future__ import annotations

import ast
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pyflakes import messages as words
from pyflakes.checker import Checker
from pyflakes.messages import Message

from ..messages.merging import NOT_JUDGED, Finding
from ..syntax.bounded import TooSlowError, time_of_a_text
from ..syntax.languages import Language
from .versions import File, Version

RULE = "new fault"
# What fails when it runs. What is merely untidy, such as an import that nobody uses, is not told.
_FAULTS = (
    words.UndefinedName,
    words.UndefinedExport,
    words.UndefinedLocal,
    words.RedefinedWhileUnused,
    words.DuplicateArgument,
    words.ReturnOutsideFunction,
    words.YieldOutsideFunction,
    words.ContinueOutsideLoop,
    words.BreakOutsideLoop,
    words.DefaultExceptNotLast,
    words.LateFutureImport,
    words.TwoStarredExpressions,
)
_LINT_BYTES_MAX = 250_000  # it takes some 10 s for a megabyte, and there are three versions


def new_faults(file: File) -> Iterator[Finding]:
    """What stands in the merged file alone; nothing, if a side cannot be read."""
    versions = (file.left, file.right, file.merged)
    present = [version for version in versions if version is not None]
    if file.merged is None or len(present) < len(versions):
        return
    if file.merged.language is not Language.PYTHON:
        yield from _unreadable(file, file.merged, present[:2])
        return
    if any(len(version.text) > _LINT_BYTES_MAX for version in present):
        yield Finding(rule=NOT_JUDGED, path=file.path, line=0, text="too big for the linter")
        return
    try:
        left, right, merged = (_faults(version) for version in present)
    except TooSlowError:
        yield Finding(rule=NOT_JUDGED, path=file.path, line=0, text="takes the linter too long")
        return
    if left is None or right is None:
        return
    if merged is None:
        yield _finding(file, file.merged, 1, "the merged file is no Python, and both sides are")
        return
    counts = Counter(_key(fault) for fault in left) | Counter(_key(fault) for fault in right)
    for fault in merged:
        key = _key(fault)
        counts[key] -= 1
        if counts[key] < 0:
            text = fault.message % fault.message_args
            yield _finding(file, file.merged, int(fault.lineno), text)


def undefined_names(text: bytes) -> frozenset[bytes] | None:
    """The names that a text of Python uses and nobody defines; None where that cannot be said."""
    if len(text) > _LINT_BYTES_MAX:
        return None
    found = _messages(text)
    if found is None or any(isinstance(each, words.ImportStarUsed) for each in found):
        return None
    kinds = (words.UndefinedName, words.UndefinedExport, words.UndefinedLocal)
    return frozenset(
        str(each.message_args[0]).encode() for each in found if isinstance(each, kinds)
    )


def _unreadable(file: File, merged: Version, sides: list[Version]) -> Iterator[Finding]:
    """Other languages: a syntax error where neither side has one."""
    outlines = [side.outline for side in sides]
    if any(outline is None or not outline.is_whole for outline in outlines):
        return
    if merged.language is None or (merged.outline is not None and merged.outline.is_whole):
        return
    line = merged.outline.errors[0][0] if merged.outline is not None else 1
    yield _finding(file, merged, line, "the merged file has a syntax error, and neither side has")


def _finding(file: File, merged: Version, line: int, text: str) -> Finding:
    return Finding(
        rule=RULE,
        path=file.path,
        line=line,
        text=text,
        entity=merged.outline.about(line) if merged.outline is not None else "",
        is_blocking=True,
    )


def _key(fault: Message) -> tuple[str, str]:
    """A fault without its place; a redefinition names the line of the first, which moves."""
    return (type(fault).__name__, str(fault.message_args[:1]))


class _BoundedChecker(Checker):
    """Pyflakes with an end: it asks at each node, and what it does at one is short."""

    def __init__(self, tree: ast.AST, *, filename: str) -> None:
        self._is_over = time_of_a_text()
        super().__init__(tree, filename=filename)

    def handleNode(self, node: Any, parent: Any) -> None:  # noqa: N802, ANN401  pyflakes' own
        if self._is_over():
            raise TooSlowError
        super().handleNode(node, parent)


def _faults(version: Version) -> list[Message] | None:
    """What pyflakes says in its time; None if it is no Python, or nested beyond what it reads."""
    found = _messages(version.text, version.path)
    return None if found is None else [fault for fault in found if isinstance(fault, _FAULTS)]


def _messages(text: bytes, path: str = "") -> list[Message] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes in the user's strings
            return list(_BoundedChecker(ast.parse(text), filename=path).messages)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
