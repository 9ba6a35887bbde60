"""A command in an acceptance criterion: it looks as if somebody meant it to be run."""

from __future__ import annotations

import re

from ..members.commands import looks_runnable
from ..members.criteria import TEST_COMMAND

CHARS_MAX = 500  # a criterion that is longer is prose

# These say by themselves what they do; of others the words behind them do: `npm run build`.
_ALONE = {
    *("pytest", "tox", "nox", "mypy", "pyright", "tsc", "eslint", "vitest", "jest", "rspec"),
    *("ctest", "phpunit", "golangci-lint", "shellcheck", "rake", "biome"),
}
# In plain prose these pairs begin a command; "make sure", "go to", "test that" do not.
_IN_PROSE = re.compile(
    r"(?:run(?:ning)?\s+)?"
    r"((?:(?:npm|pnpm|yarn|bun|npx)\s+(?:run\s+)?[\w:./-]{2,40}"
    r"|(?:cargo|go|dotnet|mix|swift|flutter|gradle|mvn)\s+(?:test|build|check|clippy|vet|fmt)"
    r"|make\s+(?:test|tests|check|lint|build|all|ci|typecheck|verify)"
    r"|(?:python3?\s+-m|uv\s+run|poetry\s+run)\s+[\w.-]{2,40}"
    r"|ruff\s+check|pytest|mypy|tsc|vitest|jest)"
    r"(?:\s+(?:-{1,2}[\w=./:-]{1,60}|[\w.-]{1,60}/[\w./:*-]{0,60})){0,6})"
    r"(?:\s*\.?$"
    r"|\s+(?:passes|pass|succeeds|succeed|exits\s+(?:with\s+)?(?:code\s+)?0|is\s+(?:green|clean))\b)",
    re.IGNORECASE,
)
_TESTED_BY = re.compile(rf"\({TEST_COMMAND}: `([^`]{{1,{CHARS_MAX}}})`\)$")
_SPAN = re.compile(r"`([^`\n]{2,200})`")
_GOOD_END = re.compile(
    r"\b(?:pass(?:es|ing)?|succeeds?|exits?\s+(?:with\s+)?(?:code\s+)?0|returns?\s+0|green|clean"
    r"|runs|without\s+(?:errors?|warnings?)|(?:no|zero|0)\s+(?:type\s+)?(?:errors?|failures?))\b",
    re.IGNORECASE,
)
_BAD_END = re.compile(
    r"\b(?:not|never|fails?|failing|non-?zero|documents?|documented|readme|describes?|lists?"
    r"|mentions?|prints?|shows?|outputs?)\b",
    re.IGNORECASE,
)


def command_in(criterion: str) -> str:
    """The command that a criterion wants to pass; empty if it names none that surely is one."""
    text = criterion.strip()
    if len(text) > CHARS_MAX:
        return ""
    tested_by = _TESTED_BY.search(text)
    if tested_by is not None:
        command = tested_by.group(1).strip()
        return command if looks_runnable(command, is_known=False) else ""
    rest = _SPAN.sub(" ", text)
    spans = [span for span in map(str.strip, _SPAN.findall(text)) if _is_command(span)]
    if spans:
        is_meant = not rest.strip(" .:;,()*-") or _GOOD_END.search(rest)
        return spans[0] if is_meant and not _BAD_END.search(rest) else ""
    found = _IN_PROSE.match(text)
    if found is None or _BAD_END.search(rest):
        return ""
    command = " ".join(found.group(1).split())
    return command if command.endswith("...") else command.removesuffix(".")


def _is_command(span: str) -> bool:
    is_whole = " " in span or span in _ALONE or span.startswith("./")
    return is_whole and looks_runnable(span)
