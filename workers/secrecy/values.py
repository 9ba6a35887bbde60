"""The values that secret files and variables hold.

Files are read as every program reads them: a value that only one kind of reader would see counts.
"""

from __future__ import annotations

import base64
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from .redaction import Secret

FILE_BYTES_MAX = 1 << 16  # of a longer file, the begin
VALUE_BYTES_MIN = 6
LINE_BYTES_MIN = 12
VALUES_MAX = 1000  # of one file
_DIGITS_MIN = 10  # a shorter number is a port, a date, a count

# A log full of marks helps nobody: these say nothing that is worth hiding.
WORDS = frozenset(
    b"true false none null undefined localhost 127.0.0.1 0.0.0.0 localhost:3000 localhost:8000 "
    b"localhost:8080 http://localhost http://localhost:3000 http://localhost:8000 "
    b"http://localhost:8080 development production staging testing default enabled disabled "
    b"verbose warning password passwd secret changeme example username postgres postgresql "
    b"mysql mariadb sqlite sqlite3 mongodb memory console redacted utf-8 us-east-1 us-west-2 "
    b"eu-west-1 eu-central-1 europe-west1 us-central1".split()
)
_ARMOUR = re.compile(rb"-----(BEGIN|END) [A-Z0-9 ]{1,60}-----")
_USERINFO = re.compile(rb"://[^/\s:@]*:([^/\s@]+)@")
_NETRC = re.compile(rb"\b(?:password|account)[ \t]+(\S+)")
_SHARP_BYTES_MIN = 8
_RANDOM_BYTES_MIN = 20
_SECRET_KEY = re.compile(
    r"secret|token|passw|passphrase|pwd|api_?key|private|credential|auth|dsn|salt|signature"
    r"|webhook|key$",
    re.IGNORECASE,
)
_LOWER, _UPPER, _DIGIT = (re.compile(each) for each in (rb"[a-z]", rb"[A-Z]", rb"[0-9]"))
_QUOTES = b"\"'`"
_COMMENTS = (b"#", b";")
_KEY_BYTES_MAX = 200
_ENCODED_BYTES_MAX = 1 << 14
_COLUMNS = (76, 64)  # how base64 and openssl wrap what they write


def values_of_variables(names: Iterable[str], environ: Mapping[str, str]) -> list[Secret]:
    """The values of these variables."""
    found = ((name, os.fsencode(environ.get(name, ""))) for name in names)
    return [
        Secret(name, part, is_sharp=len(part) >= _SHARP_BYTES_MIN)
        for name, value in found
        for part in _worth_hiding(_parts(value))
    ]


def values_of_file(path: Path, name: str) -> list[Secret]:
    """What a secret file holds; nothing where it cannot be read. `name` is what people know."""
    data = _read(path)
    if not _is_text(data):
        return [Secret(name, value, is_sharp=True) for value in _encoded(data)]
    found: dict[bytes, str] = {}
    for key, value in _assignments(data, is_env=_is_env(name)):
        for part in _worth_hiding(_parts(value)):
            found.setdefault(part, key)
    if not _is_env(name):
        for value in _worth_hiding(_lines(data)):
            found.setdefault(value, name)
    secrets = (
        Secret(key, value, is_sharp=_is_sharp(value, key="" if key == name else key))
        for value, key in found.items()
    )
    return list(islice(secrets, VALUES_MAX))


def _read(path: Path) -> bytes:
    """The begin of a regular file; not of a pipe that an agent put in its place."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return b""
        return file.read(FILE_BYTES_MAX)


def _is_text(data: bytes) -> bool:
    return b"\0" not in data


def _is_env(name: str) -> bool:
    return Path(name).name.startswith(".env")


def _worth_hiding(values: Iterable[bytes]) -> Iterator[bytes]:
    for value in values:
        if len(value) < VALUE_BYTES_MIN or value.lower() in WORDS or _ARMOUR.fullmatch(value):
            continue
        if value.isdigit() and len(value) < _DIGITS_MIN:
            continue
        if not _is_place(value):
            yield value


def _is_sharp(value: bytes, *, key: str) -> bool:
    """Say whether it is secret beyond doubt: by the name of its key, or because nobody says so."""
    if len(value) < _SHARP_BYTES_MIN or b" " in value:
        return False
    if b"://" in value:
        return _USERINFO.search(value) is not None
    if _SECRET_KEY.search(key):
        return True
    kinds = (_LOWER, _UPPER, _DIGIT)
    return len(value) >= _RANDOM_BYTES_MIN and all(kind.search(value) for kind in kinds)


def _is_place(value: bytes) -> bool:
    """Say whether it is the path of something here: every second line of a log may name it."""
    return value.startswith(b"/") and len(value) < os.pathconf("/", "PC_PATH_MAX") and _lies(value)


def _lies(value: bytes) -> bool:
    try:
        return os.path.lexists(value)
    except OSError:
        return False


def _parts(value: bytes) -> Iterator[bytes]:
    """A value, its long lines, and the password of a URL."""
    yield value.strip()
    if b"\n" in value:
        yield from _long_lines(value)
    for found in _USERINFO.finditer(value):
        yield found[1]


def _assignments(data: bytes, *, is_env: bool) -> Iterator[tuple[str, bytes]]:
    """KEY=VALUE, and outside of .env also KEY: VALUE, with and without quotes and comments."""
    quote, name = b"", ""
    for line in data.splitlines():
        if quote:  # inside of a value of several lines
            yield name, line.strip().rstrip(quote)
            quote = b"" if quote in line else quote
        for separator in (b"=",) if is_env else (b"=", b":"):
            key, found, rest = line.partition(separator)
            key = key.strip().removeprefix(b"export ").strip(b" \t" + _QUOTES)
            rest = rest.strip()
            if not found or not key or len(key) > _KEY_BYTES_MAX or key.startswith(_COMMENTS):
                continue
            shown = key.rpartition(b":")[2].decode("utf-8", "replace")
            yield from ((shown, value) for value in _readings(rest))
            if not quote and rest and rest[:1] in _QUOTES and rest[:1] not in rest[1:]:
                quote, name = rest[:1], shown


def _readings(rest: bytes) -> set[bytes]:
    """What the right side of an assignment may mean."""
    bare = rest.rstrip(b",; \t")
    found = {rest, bare, rest.split(b" #")[0].strip(), bare.strip(_QUOTES)}
    if rest[:1] and rest[:1] in _QUOTES:
        inside = rest[1:].split(rest[:1])[0]
        plain = rest[1 : rest.rfind(rest[:1])] if rest.rfind(rest[:1]) > 0 else inside
        found |= {each for part in (inside, plain) for each in (part, _unescaped(part))}
    return found


def _unescaped(value: bytes) -> bytes:
    for escape, meant in ((b"\\n", b"\n"), (b'\\"', b'"'), (b"\\$", b"$"), (b"\\\\", b"\\")):
        value = value.replace(escape, meant)
    return value


def _lines(data: bytes) -> Iterator[bytes]:
    """Of what is no .env: each long line, the whole, and what JSON and netrc call a value."""
    yield data.strip()
    yield from _long_lines(data)
    for found in _NETRC.finditer(data):
        yield found[1]
    yield from _json_texts(data)


def _long_lines(data: bytes) -> Iterator[bytes]:
    for line in data.splitlines():
        if len(line.strip()) >= LINE_BYTES_MIN:
            yield line.strip()


def _json_texts(data: bytes) -> Iterator[bytes]:
    try:
        values = [json.loads(data)]
    except (ValueError, RecursionError):
        return
    while values:
        value = values.pop()
        if isinstance(value, dict):
            values += value.values()
        elif isinstance(value, list):
            values += value
        elif isinstance(value, str) and len(value) >= LINE_BYTES_MIN:
            yield from _parts(value.encode("utf-8", "surrogateescape"))


def _encoded(data: bytes) -> Iterator[bytes]:
    """Bytes show as base64 only: the lines that programs make of them."""
    encoded = base64.b64encode(data[:_ENCODED_BYTES_MAX])
    for columns in _COLUMNS:
        for at in range(0, len(encoded), columns):
            line = encoded[at : at + columns]
            if len(line) >= LINE_BYTES_MIN:
                yield line
    yield encoded
