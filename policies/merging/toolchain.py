"""Formatters and type checks that a repository is set up for, told from its files alone."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

# The files at the root whose contents say something; the names of others are enough.
TEXTS = (
    "pyproject.toml",
    "ruff.toml",
    ".ruff.toml",
    "mypy.ini",
    ".mypy.ini",
    "setup.cfg",
    "package.json",
    "Cargo.toml",
)
_LOCAL = "npx --no-install "
_PRETTIER = re.compile(r"\.prettierrc(\..+)?|prettier\.config\..+")
_EDITION = re.compile(r"[0-9]{4}")
_C_FAMILY = tuple(".c .cc .cpp .cxx .h .hh .hpp .hxx .m .mm .proto".split())
_SCRIPTS = tuple(".js .jsx .mjs .cjs .ts .tsx .mts .cts".split())
_MARKUP = tuple(".css .scss .less .json .jsonc .html .vue .md .mdx .yaml .yml .graphql".split())
# What a formatter can read; of one that is not here we do not know, and give it everything.
_SUFFIXES = {
    "ruff": (".py", ".pyi"),
    "black": (".py", ".pyi"),
    "isort": (".py", ".pyi"),
    "prettier": (*_SCRIPTS, *_MARKUP),
    "biome": (*_SCRIPTS, ".json", ".jsonc", ".css"),
    "rustfmt": (".rs",),
    "clang-format": _C_FAMILY,
    "gofmt": (".go",),
}
_RUNNERS = frozenset(("npx", "pnpm", "yarn", "bunx", "uv", "poetry", "python", "python3", "exec"))


class Tool(Struct, frozen=True, kw_only=True):
    """A program that the repository is set up for: `because` of which file, and how it is run."""

    name: str
    command: str
    because: str
    is_here: bool


class Toolchain(Struct, frozen=True, kw_only=True):
    """What was found, in the order in which it is run."""

    formatters: tuple[Tool, ...] = ()
    checks: tuple[Tool, ...] = ()


def detect(
    names: Collection[str], texts: Mapping[str, str], is_here: Callable[[str], bool]
) -> Toolchain:
    """Find out; `names` are the files at the root, `texts` those of TEXTS that are there.

    `is_here` says whether a program can be run. A file that cannot be read says nothing.
    """
    project, package = _toml(texts, "pyproject.toml").get("tool"), _json(texts, "package.json")
    tables = project if isinstance(project, dict) else {}
    return Toolchain(
        formatters=tuple(
            Tool(name=name, command=command, because=because, is_here=is_here(name))
            for name, command, because in _formatters(names, texts, tables, package)
        ),
        checks=tuple(
            Tool(name=name, command=command, because=because, is_here=is_here(name))
            for name, command, because in _checks(names, texts, tables)
        ),
    )


def format_commands(formatters: Sequence[str], files: Sequence[str]) -> tuple[str, ...]:
    """Shell commands that format these files, each with those that it can read."""
    commands = []
    for formatter in formatters:
        suffixes = _SUFFIXES.get(_program(formatter))
        fitting = [name for name in files if suffixes is None or name.endswith(suffixes)]
        if fitting:
            # A name that begins with a dash is an option to most programs.
            named = " ".join(shlex.quote(f"./{name}") for name in fitting)
            commands.append(f"{formatter} {named}")
    return tuple(commands)


def _program(command: str) -> str:
    """The name of the program that a command runs, whoever runs it."""
    for word in command.split():
        name = word.rpartition("/")[2]
        if name not in _RUNNERS and not word.startswith("-") and "=" not in word and name != "run":
            return name
    return ""


def _formatters(
    names: Collection[str],
    texts: Mapping[str, str],
    tables: Mapping[str, Any],
    package: Mapping[str, Any],
) -> Iterator[tuple[str, str, str]]:
    yield from _python_formatters(texts, tables)
    prettier = next(filter(_PRETTIER.fullmatch, sorted(names)), "")
    if not prettier and "prettier" in package:
        prettier = "package.json prettier"
    if prettier:
        command = f"{_LOCAL}prettier --write --ignore-unknown --log-level warn"
        yield "prettier", command, prettier
    for program, command, files in (
        ("biome", f"{_LOCAL}biome format --write", ("biome.json", "biome.jsonc")),
        ("rustfmt", f"rustfmt --edition {_edition(texts)}", ("rustfmt.toml", ".rustfmt.toml")),
        ("clang-format", "clang-format -i", (".clang-format",)),
        ("gofmt", "gofmt -w", ("go.mod",)),
    ):
        for name in files:
            if name in names:
                yield program, command, name
                break


def _python_formatters(
    texts: Mapping[str, str], tables: Mapping[str, Any]
) -> Iterator[tuple[str, str, str]]:
    ruff = tables.get("ruff")
    because = "pyproject.toml [tool.ruff.format]"
    is_set_up = isinstance(ruff, dict) and "format" in ruff
    for name in ("ruff.toml", ".ruff.toml"):
        if not is_set_up and "format" in _toml(texts, name):
            is_set_up, because = True, f"{name} [format]"
    if is_set_up:
        yield "ruff", "ruff format --force-exclude", because
    if "black" in tables:
        yield "black", "black --quiet", "pyproject.toml [tool.black]"


def _checks(
    names: Collection[str], texts: Mapping[str, str], tables: Mapping[str, Any]
) -> Iterator[tuple[str, str, str]]:
    mypy = tables.get("mypy")
    if isinstance(mypy, dict):
        targets = {"files", "packages", "modules"} & mypy.keys()
        yield "mypy", "mypy" if targets else "mypy .", "pyproject.toml [tool.mypy]"
    else:
        for name in ("mypy.ini", ".mypy.ini", "setup.cfg"):
            text = texts.get(name, "")
            if "[mypy]" in text:
                named = re.search(r"^(files|packages|modules)\s*=", text, re.MULTILINE)
                yield "mypy", "mypy" if named else "mypy .", f"{name} [mypy]"
                break
    if "pyrightconfig.json" in names or "pyright" in tables:
        is_file = "pyrightconfig.json" in names
        yield "pyright", "pyright", "pyrightconfig.json" if is_file else "pyproject.toml"
    if "tsconfig.json" in names:
        yield "tsc", f"{_LOCAL}tsc --noEmit", "tsconfig.json"
    if "Cargo.toml" in names:
        yield "cargo", "cargo check --offline --quiet --workspace --all-targets", "Cargo.toml"


def _edition(texts: Mapping[str, str]) -> str:
    cargo = _toml(texts, "Cargo.toml")
    package = cargo.get("package") or (cargo.get("workspace") or {}).get("package") or {}
    edition = str(package.get("edition", "")) if isinstance(package, dict) else ""
    return edition if _EDITION.fullmatch(edition) else "2021"


def _toml(texts: Mapping[str, str], name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(texts.get(name, ""))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _json(texts: Mapping[str, str], name: str) -> dict[str, Any]:
    try:
        found = json.loads(texts.get(name) or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
