"""Where settings come from: files, environment and command line, each a layer with its places."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct, field

from ...prd.defect import Defect, printable, quoted
from ...prd.documents.document import UnreadableError
from ...prd.documents.text import read_text

PREFIX = "PRD_SUPERVISE_"
# What agents and verify commands are told; no settings, though the prefix is the same.
NOT_SETTINGS = frozenset(
    PREFIX + name
    for name in (
        "PRD_ID",
        "STORY_ID",
        "STORY_TITLE",
        "ATTEMPT",
        "WORKTREE",
        "PROMPT_FILE",
        "MODEL",
        "BASE",
        "RUN",
        "JOB",
    )
)
FILE = "prd-supervise.toml"
_TABLE_IN_PYPROJECT = ("tool", "prd-supervise")

KeyPath = tuple[str, ...]

_KEY = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_DOTTED = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_HEADER_LINE = re.compile(rf"[ \t]*\[[ \t]*({_DOTTED})[ \t]*\]")
_KEY_LINE = re.compile(rf"[ \t]*({_DOTTED})[ \t]*=")
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class Layer(Struct, frozen=True, kw_only=True):
    """Settings from one origin, not yet checked."""

    path: str
    values: Mapping[str, object]
    places: Mapping[KeyPath, tuple[int, int]] = field(default_factory=dict)
    names: Mapping[KeyPath, str] = field(default_factory=dict)

    def defect(self, key: KeyPath, message: str) -> Defect:
        """A defect at a key, or at the nearest table around it that has a place."""
        for length in range(len(key), 0, -1):
            if key[:length] in self.places:
                line, column = self.places[key[:length]]
                return Defect(path=self.path, line=line, column=column, message=message)
        return Defect(path=self.path, message=message)

    def name(self, key: KeyPath) -> str:
        """How this origin calls a key."""
        return self.names.get(key, ".".join(key))


def user_file(environ: Mapping[str, str]) -> Path | None:
    """The user's own configuration; None where there is no home."""
    home = environ.get("HOME", "")
    folder = environ.get("XDG_CONFIG_HOME", "")
    # The XDG specification: a relative path is invalid and ignored.
    if not Path(folder).is_absolute():
        folder = str(Path(home, ".config")) if Path(home).is_absolute() else ""
    return Path(folder, "prd-supervise", "config.toml") if folder else None


def repository_layer(repository: Path) -> Layer | Defect | None:
    """The repository's own file, else its table in pyproject.toml."""
    own = repository / FILE
    if os.path.lexists(own):
        return file_layer(own)
    pyproject = repository / "pyproject.toml"
    layer = file_layer(pyproject, table=_TABLE_IN_PYPROJECT)
    # A pyproject.toml that is broken elsewhere is not ours to complain about.
    if isinstance(layer, Defect) and not _mentions_us(pyproject):
        return None
    return layer


def file_layer(path: Path, *, table: KeyPath = ()) -> Layer | Defect | None:
    """The settings in a TOML file, or in a table of it; None if there are none."""
    if not os.path.lexists(path):
        return None
    try:
        text = read_text(path)
    except UnreadableError as error:
        return Defect(path=str(path), line=error.line, column=error.column, message=error.message)
    found = _parse(path, text)
    if isinstance(found, Defect):
        return found
    for key in table:
        found = found.get(key) if isinstance(found, dict) else None
    if found is None:
        return None
    places: dict[KeyPath, tuple[int, int]] = {}
    for key_path, at in _places(text):
        if key_path[: len(table)] == table:
            places.setdefault(key_path[len(table) :], at)
    if not isinstance(found, dict):
        message = f"{'.'.join(table)} is {quoted(found)}; a table is needed"
        line, column = places.get((), (1, 1))
        return Defect(path=str(path), line=line, column=column, message=message)
    return Layer(path=str(path), values=found, places=places)


def environment_layer(
    environ: Mapping[str, str], fields: Mapping[KeyPath, object]
) -> tuple[Layer, tuple[str, ...]]:
    """The settings in the environment, and the names with our prefix that are none.

    An empty variable counts as one that is not set. `fields` says the type of every setting.
    """
    names = {key: PREFIX + "_".join(key).upper() for key in fields}
    keys = {name: key for key, name in names.items()}
    values: dict[str, object] = {}
    unknown = []
    for name, text in sorted(environ.items()):
        if not name.startswith(PREFIX) or name in NOT_SETTINGS or not text:
            continue
        if name in keys:
            put(values, keys[name], _from_text(text, keys[name], fields[keys[name]]))
        else:
            unknown.append(name)
    return Layer(path="environment", values=values, names=names), tuple(unknown)


def override_layer(overrides: Mapping[str, object]) -> Layer:
    """What the command line says: dotted keys or nested mappings; None is not said."""
    values: dict[str, object] = {}
    for key, value in _flat(overrides, ()):
        put(values, key, value)
    return Layer(path="command line", values=values)


def put(values: dict[str, object], key: KeyPath, value: object) -> None:
    """Set a key in nested dictionaries."""
    for part in key[:-1]:
        inner = values.setdefault(part, {})
        if not isinstance(inner, dict):
            return
        values = inner
    values[key[-1]] = value


def _flat(values: Mapping[str, object], above: KeyPath) -> Iterator[tuple[KeyPath, object]]:
    for name, value in values.items():
        key = (*above, *name.split("."))
        if isinstance(value, Mapping):
            yield from _flat(value, key)
        elif value is not None:
            yield key, value


def _from_text(text: str, key: KeyPath, kind: object) -> object:
    """The value that a text means; the text itself where it means none, to be refused as such."""
    read = _READERS.get(kind)
    if read is not None:
        try:
            return read(text)
        except ValueError:
            return text
    match key[-1]:
        case "commands" | "prds" | "checks" | "formatters" | "webhook_headers":
            return [line.strip() for line in text.splitlines() if line.strip()]
        case "setup" | "setup_when" | "copy" | "link" | "sparse" | "secret_files":
            return [line.strip() for line in text.splitlines() if line.strip()]
        case "env" | "secret_env" | "fallback" | "approve" | "notify_on":
            return text.replace(",", " ").split()
        case _:
            return text


def _truth(text: str) -> bool:
    word = text.strip().casefold()
    if word not in {"true", "1", "false", "0"}:
        raise ValueError
    return word in {"true", "1"}


_READERS: dict[object, Callable[[str], object]] = {bool: _truth, int: int, float: float}


def _parse(path: Path, text: str) -> object:
    try:
        return tomllib.loads(text)
    except RecursionError:
        message = "it is nested too deeply; make it flatter"
        return Defect(path=str(path), line=1, column=1, message=message)
    except ValueError as error:
        return _not_toml(path, text, str(error))


def _not_toml(path: Path, text: str, error: str) -> Defect:
    found = _TOML_PLACE.search(error)
    line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
    if found and found.group(1):
        line, column = int(found.group(1)), int(found.group(2))
    what = printable(_TOML_PLACE.sub("", error))
    message = f"this is not TOML: {what}; mend it here"
    return Defect(path=str(path), line=line, column=column, message=message)


def _places(text: str) -> Iterator[tuple[KeyPath, tuple[int, int]]]:
    """Where keys and tables stand: a look at each line, no parser.

    Only keys and headers that begin a line are found, so that a key in an inline table gets the
    place of that table; and a line in a multi-line string that looks like a key is taken for one.
    """
    table: KeyPath = ()
    for number, line in enumerate(text.split("\n"), start=1):
        header = _HEADER_LINE.match(line)
        found = header or _KEY_LINE.match(line)
        if found is None:
            continue
        key = tuple(part.strip("\"'") for part in re.findall(_KEY, found.group(1)))
        above: KeyPath = () if header else table
        for length in range(1, len(key) + 1):
            yield (*above, *key[:length]), (number, found.start(1) + 1)
        table = key if header else table


def _mentions_us(path: Path) -> bool:
    try:
        return _TABLE_IN_PYPROJECT[1] in read_text(path)
    except UnreadableError:
        return False
