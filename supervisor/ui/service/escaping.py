"""Texts from outside in the words of systemd: names of instances, and what stands in unit files."""

from __future__ import annotations

import os
import re

NAME_CHARS_MAX = 255  # of a unit's name, with the suffix

_IN_NAMES = frozenset(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:_.")
_PLAIN = re.compile(r"[A-Za-z0-9/_.:,+@-]+")
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|[^\s"]+')
_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})|\\(.)")
_ENV = "/usr/bin/env"  # it becomes the program, with the same process id


class NotSayableError(Exception):
    """What cannot be said in a unit file: one line for people."""


def escaped_path(path: str) -> str:
    """The path as the name of an instance, as `systemd-escape --path` writes it."""
    parts = [part for part in os.fsencode(path).split(b"/") if part not in {b"", b"."}]
    if not path.startswith("/") or b".." in parts:
        raise NotSayableError(f"{path!r} is no absolute path without ..; name the folder itself")
    if not parts:
        return "-"
    plain = b"/".join(parts)
    first = "" if plain[:1] != b"." else r"\x2e"
    rest = plain[1:] if first else plain
    return first + "".join(_in_name(byte) for byte in rest)


def unescaped_path(name: str) -> str:
    """The path that an instance's name stands for."""
    if name == "-":
        return "/"
    found = re.sub(
        rb"\\x([0-9a-f]{2})|-",
        lambda match: bytes([int(match[1], 16)]) if match[1] else b"/",
        name.encode(),
    )
    return "/" + os.fsdecode(found)


def exec_line(program: str, *arguments: str) -> str:
    """A command for ExecStart=."""
    if '"' in program or "'" in program or "\\" in program or not _is_printable(program):
        # systemd: "Executable name contains special characters"; as an argument they are welcome.
        if "=" in program:  # env takes it for a variable
            raise NotSayableError(
                f"{program!r}: systemd takes no program with both = and quotes, backslashes or"
                " control characters in its path; install it elsewhere"
            )
        return " ".join((_ENV, argument(program), *map(argument, arguments)))
    # No variables are looked for in the program itself, so a $ stands for itself there.
    return " ".join((quoted(program), *map(argument, arguments)))


def program_in(line: str) -> str:
    """The program of a command as `exec_line` writes it; empty if it is none."""
    words = [match[1] or match[0] for match in _WORD.finditer(line)]
    if not words:
        return ""
    if words[0] == _ENV and len(words) > 1:
        return _unquoted(words[1]).replace("$$", "$")
    return _unquoted(words[0])


def argument(text: str) -> str:
    """A word behind the program."""
    return quoted(text.replace("$", "$$"))


def assignment(name: str, value: str) -> str:
    """A variable for Environment=, where a $ stands for itself."""
    return quoted(f"{name}={value}")


def quoted(text: str) -> str:
    """One word, with no specifier in it."""
    if _PLAIN.fullmatch(text):
        return text
    return '"' + "".join(_in_quotes(char) for char in text).replace("%", "%%") + '"'


def _in_quotes(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    # Of what is no UTF-8, Python keeps each byte as a character that is not printable.
    return char if char.isprintable() else "".join(f"\\x{byte:02x}" for byte in os.fsencode(char))


def _unquoted(word: str) -> str:
    raw = _ESCAPED.sub(
        lambda match: bytes([int(match[1], 16)]) if match[1] else match[2], os.fsencode(word)
    )
    return os.fsdecode(raw).replace("%%", "%")


def _in_name(byte: int) -> str:
    if byte == ord("/"):
        return "-"
    return chr(byte) if byte in _IN_NAMES else f"\\x{byte:02x}"


def _is_printable(text: str) -> bool:
    return all(char >= " " and char != "\x7f" for char in text)
