"""Which language a file is written in, and its grammar, loaded when it is first needed."""

from __future__ import annotations

from enum import Enum
from functools import cache
from pathlib import PurePosixPath


class Language(Enum):
    """The languages that are read; everything else is lines."""

    PYTHON = "Python"
    RUST = "Rust"
    TYPESCRIPT = "TypeScript"
    TSX = "TSX"
    JAVASCRIPT = "JavaScript"


_ENDS = {
    ".py": Language.PYTHON,
    ".pyi": Language.PYTHON,
    ".pyw": Language.PYTHON,
    ".rs": Language.RUST,
    ".ts": Language.TYPESCRIPT,
    ".mts": Language.TYPESCRIPT,
    ".cts": Language.TYPESCRIPT,
    ".tsx": Language.TSX,
    ".js": Language.JAVASCRIPT,
    ".jsx": Language.JAVASCRIPT,
    ".mjs": Language.JAVASCRIPT,
    ".cjs": Language.JAVASCRIPT,
}
_RUNNERS = {
    b"python": Language.PYTHON,
    b"node": Language.JAVASCRIPT,
    b"deno": Language.TYPESCRIPT,
    b"bun": Language.TYPESCRIPT,
}


def language_of(path: str, first_bytes: bytes = b"") -> Language | None:
    """Tell by the name's end, else by the program that the first line names."""
    end = PurePosixPath(path).suffix.lower()
    if end or not first_bytes.startswith(b"#!"):
        return _ENDS.get(end)
    first_line = first_bytes.partition(b"\n")[0]
    words = first_line[2:200].replace(b"/", b" ").split()
    names = (word.rstrip(b"0123456789.") for word in words)
    return next((_RUNNERS[name] for name in names if name in _RUNNERS), None)


@cache
def grammar_of(language: Language) -> object:
    """The grammar, as tree_sitter.Language takes it."""
    match language:
        case Language.PYTHON:
            import tree_sitter_python  # noqa: PLC0415  only who meets the language loads it

            return tree_sitter_python.language()
        case Language.RUST:
            import tree_sitter_rust  # noqa: PLC0415

            return tree_sitter_rust.language()
        case Language.JAVASCRIPT:
            import tree_sitter_javascript  # noqa: PLC0415

            return tree_sitter_javascript.language()
        case Language.TYPESCRIPT | Language.TSX:
            import tree_sitter_typescript  # noqa: PLC0415

            if language is Language.TSX:
                return tree_sitter_typescript.language_tsx()
            return tree_sitter_typescript.language_typescript()
