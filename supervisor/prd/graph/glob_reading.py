"""A glob as people write it, taken apart: braces, names, wildcards, brackets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from .char_sets import ANY_CHAR, Chars, char_class, one_char
from .glob_parts import ANY_NAME, Glob, Segment, Way

CHARS_MAX = 512  # of a glob; a longer one is taken for everything below its literal beginning
WAYS_MAX = 16  # that the braces of a glob may stand for; likewise
_SPECIAL = frozenset("*?[]{},!")
# Names without a dot that are no folders.
_FILES = {
    *("changelog", "codeowners", "dockerfile", "gemfile", "jenkinsfile", "justfile", "license"),
    *("makefile", "notice", "procfile", "rakefile", "readme", "vagrantfile"),
}


def read_glob(text: str) -> Glob:
    """Read a glob from the repository's root: its readings, or none if it names nothing.

    `dir/` and the bare name of a folder are everything below it.
    """
    plain = unicodedata.normalize("NFC", text.strip().strip("`\"'"))
    if not plain or plain.startswith("!"):  # what is excluded is not touched
        return ()
    readings = _without_braces(_chars(plain)) if len(plain) <= CHARS_MAX else None
    if readings is None:
        return (_bounded_way(plain[:CHARS_MAX]),)
    return tuple(dict.fromkeys(_way(_names(reading)) for reading in readings))


def _chars(text: str) -> list[str]:
    """Its characters; an escaped one has its backslash still, any other backslash is a '/'."""
    chars: list[str] = []
    is_escaped = False
    for at, char in enumerate(text):
        if is_escaped:
            chars.append("\\" + char)
            is_escaped = False
        elif char == "\\":
            is_escaped = text[at + 1 : at + 2] in _SPECIAL and at + 1 < len(text)
            if not is_escaped:
                chars.append("/")
        else:
            chars.append(char)
    return chars


def _without_braces(chars: list[str]) -> list[list[str]] | None:
    """Every text that the braces stand for; None if they are too many."""
    done: list[list[str]] = []
    todo = [chars]
    while todo:
        if len(done) + len(todo) > WAYS_MAX:
            return None
        current = todo.pop()
        cuts = _brace_group(current)
        if not cuts:
            done.append(current)
            continue
        head, tail = current[: cuts[0]], current[cuts[-1] + 1 :]
        middles = [current[start + 1 : end] for start, end in pairwise(cuts)]
        todo += [[*head, *middle, *tail] for middle in middles]
    return done


def _brace_group(chars: Sequence[str]) -> list[int]:
    """The places of the first group that closes: its '{', its commas, its '}'. `{id}` is none."""
    stack: list[list[int]] = []
    for at, char in enumerate(chars):
        if char == "{":
            stack.append([at])
        elif char == "," and stack:
            stack[-1].append(at)
        elif char == "}" and stack:
            group = stack.pop()
            if len(group) > 1:
                return [*group, at]
    return []


def _names(chars: Sequence[str]) -> list[list[str]]:
    """The names between the slashes; the last one is empty where the glob ends with a slash."""
    names: list[list[str]] = [[]]
    for char in chars:
        if char == "/":
            names.append([])
        else:
            names[-1].append(char)
    kept = [name for name in names[:-1] if name and name != ["."]]
    return [*kept, names[-1] if names[-1] != ["."] else []]


def _way(names: Sequence[list[str]]) -> Way:
    parts: list[Segment | None] = []
    for name in names[:-1]:
        parts += _parts(name)
    last = names[-1]
    if not last or _is_deep(last):  # a folder: at least one name below it
        parts += (ANY_NAME, None)
    else:
        parts += _parts(last)
        if _is_folder_name(parts[-1]):
            parts.append(None)
    squeezed = [
        part for at, part in enumerate(parts) if part is not None or not at or parts[at - 1]
    ]
    return _made(squeezed)


def _made(parts: Sequence[Segment | None]) -> Way:
    prefix: list[str] = []
    for part in parts:
        if part is None or not part.literal:
            break
        prefix.append(part.literal)
    cost = sum(1 if part is None else part.cost for part in parts)
    return Way(parts=tuple(parts), prefix=tuple(prefix), cost=cost)


def _bounded_way(text: str) -> Way:
    """Everything below the literal beginning: more than such a text means, never less."""
    literal = re.match(r"[^*?\[\]{}\\]*", text)
    folders = literal.group().split("/")[:-1] if literal else []
    named = [Segment(literal=name.casefold()) for name in folders if name not in {"", "."}]
    return _made([*named, ANY_NAME, None])


def _is_deep(name: Sequence[str]) -> bool:
    return len(name) > 1 and set(name) == {"*"}


def _is_folder_name(part: Segment | None) -> bool:
    return (
        part is not None
        and bool(part.literal)
        and "." not in part.literal
        and part.literal not in _FILES
    )


def _parts(name: Sequence[str]) -> tuple[Segment | None, ...]:
    """A name; `**.py` is what it is meant to be, at any depth."""
    if _is_deep(name):
        return (None,)
    if name == ["*"]:
        return (ANY_NAME,)
    segment = _segment(name)
    return (None, segment) if name[:2] == ["*", "*"] else (segment,)


def _segment(name: Sequence[str]) -> Segment:
    as_class, has_class = _tokens(name, with_classes=True)
    as_name, _ = _tokens(name, with_classes=False)
    if None not in as_name and "?" not in name and not has_class:
        return Segment(literal="".join(char[-1] for char in name).casefold())
    return Segment(tokens=(as_class, as_name) if has_class else (as_class,))


def _tokens(name: Sequence[str], *, with_classes: bool) -> tuple[tuple[Chars | None, ...], bool]:
    tokens: list[Chars | None] = []
    at, has_class = 0, False
    while at < len(name):
        char = name[at]
        end = _class_end(name, at) if with_classes and char == "[" else 0
        if end:
            tokens.append(char_class("".join(each[-1] for each in name[at + 1 : end])))
            at, has_class = end, True
        elif char == "?":
            tokens.append(ANY_CHAR)
        elif char != "*":
            tokens += map(one_char, char[-1].casefold())
        elif not tokens or tokens[-1] is not None:
            tokens.append(None)
        at += 1
    return tuple(tokens), has_class


def _class_end(name: Sequence[str], start: int) -> int:
    """Where the bracket closes that opens at `start`; 0 if it does not."""
    at = start + 1
    if at < len(name) and name[at] in {"!", "^"}:
        at += 1
    at += 1  # a bracket that stands first is a member
    while at < len(name) and name[at] != "]":
        at += 1
    return at if at < len(name) else 0
