"""What a story will touch: files under their many names, and the names that it holds alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..defect import Severity, quoted
from ..names import clean_text
from .fields import Member, Record, items

FILES = (
    *("targetFiles", "fileScope", "files", "affectedFiles", "allowedPaths", "touchesFiles"),
    *("touches", "scope", "writes", "filePaths", "paths", "file", "filePath", "implFile"),
    *("testFile", "filesToModify", "filesToCreate", "filesAffected", "outputFiles"),
)
MUTEX = ("mutex", "mutexes")
# The steps of a story, where they say it of themselves.
PARTS = ("subtasks", "tasks", "steps")

PATH_MAX = 500
FILES_MAX = 10_000
SPACES_MAX = 2  # more of them are a sentence
_PATHS = ("path", "file", "name", "glob")
_BETWEEN = re.compile(r"[\n;]|,(?=\s)")
_PLAIN_COMMA = re.compile(r"[\n;,]")
_REMARK = re.compile(r"\s\([^()]*\)\s*$")
_EXPLANATION = re.compile(r"\s(?:[-\u2013\u2014]+|:)\s|:\s")
_LINE = re.compile(r"(?::\d+(?:-\d+)?|#L\d+(?:-L?\d+)?)$")


def read_files(record: Record) -> tuple[str, ...]:
    """The globs of all that it will touch, from the repository's root, each once."""
    found = dict.fromkeys(_paths(record))
    for member in record.find_all(PARTS):
        for item in items(member):
            part = record.inner(item)
            if part is not None:
                found.update(dict.fromkeys(_paths(part)))
    return tuple(found)[:FILES_MAX]


def read_mutex(record: Record) -> tuple[str, ...]:
    """The names of which two stories that run hold none in common."""
    names: dict[str, None] = {}
    for member in record.find_all(MUTEX):
        for item in items(member):
            if not isinstance(item.value, str):
                record.refuse(item, "a name, or a list of names,")
                continue
            parts = (clean_text(part).strip() for part in item.value.split(","))
            names.update(dict.fromkeys(part for part in parts if part))
    return tuple(names)


def path_of(text: str) -> str:
    """The path or glob that a text names; empty if it names none inside the repository."""
    text = _bare(_EXPLANATION.split(_REMARK.sub("", _bare(text)), maxsplit=1)[0])
    text = _LINE.sub("", text)
    if "/" not in text:
        text = text.replace("\\", "/")
    while text.startswith("./"):
        text = text[2:]
    text = text.lstrip("/")
    spaces = text.count(" ")
    is_prose = spaces > SPACES_MAX or (spaces and "/" not in text and "." not in text)
    is_outside = ".." in text.split("/") or text.startswith("!")
    if is_prose or is_outside or len(text) > PATH_MAX or not text.isprintable():
        return ""
    return text


def _bare(text: str) -> str:
    return clean_text(text).strip().strip("`'\"").strip()


def _paths(record: Record) -> Iterator[str]:
    for member in record.find_all(FILES):
        for item in items(member):
            inner = record.inner(item)
            named = item.value if inner is None else inner.word(_PATHS)
            if not isinstance(named, str):
                record.warn(item, "it is passed over; the path of a file or a glob is allowed")
                continue
            for text in _split(named):
                path = path_of(text)
                if path:
                    yield path
                else:
                    _no_path(record, item, text)


def _split(text: str) -> Iterator[str]:
    # A comma between braces belongs to the glob: src/{a,b}.py
    between = _BETWEEN if "{" in text else _PLAIN_COMMA
    yield from filter(str.strip, between.split(text))


def _no_path(record: Record, item: Member, text: str) -> None:
    message = f"{quoted(text.strip())} in {item.key} is no path inside the repository; it is "
    message += "passed over, write one such as 'src/app.py' or 'src/**'"
    record.findings.add(item.where, message, severity=Severity.HINT)
