"""Which language a text is written in, as far as that shows before it is parsed."""

from __future__ import annotations

import re

# `[x] ...`, `[name](place)` and `[![badge` begin a text of Markdown; JSON goes on with a value.
_NO_JSON = re.compile(r"\[(?:[ xX]\][ \t]|[ \t]*[^\s\[\]{}\"\d\-tfnN/'.#])")
_FENCED = re.compile(r"(?:```|~~~)[ \t]*(?:json|jsonc|json5)?[ \t]*\r?\n\s*[{\[]", re.IGNORECASE)
# A line that begins at the margin, and says more than a comment or the sign of a document.
_MARGIN = re.compile(r"^(?!#|---|\.\.\.|%)\S[^\n]{0,200}", re.MULTILINE)
_KEY = r"""(?:"[^"]{0,80}"|'[^']{0,80}'|(?!\d+[.)]\s)[\w$@][\w ./-]{0,60}):(?:\s|$)"""
_MEMBER = re.compile(_KEY)
_ITEM = re.compile(rf"-(?:\s+(?:[&!]\S+\s+)*{_KEY}|\s+\{{|\s+[&!]\S+\s*$|\s*$)")
_LIST = re.compile(r"-\s|[\]}]")
_MARKDOWN = re.compile(r"^(?:#{2,6}[ \t]\S|[ \t]*[-*+][ \t]+\[[ xX]\][ \t]|\*\*\S)", re.MULTILINE)
_AFTER_FRONT_MATTER = re.compile(
    r"^(?:---|\.\.\.)[ \t]*\r?\n\s*(?:#{1,6}[ \t]|[^\W\d]\w* \w)", re.MULTILINE
)


def is_json(text: str) -> bool:
    """Say whether the text is JSON, sound or not; it has no blanks at its beginning."""
    if text.startswith(("{", "//", "/*")):
        return True
    return text.startswith("[") and _NO_JSON.match(text) is None


def fenced_json(text: str) -> bool:
    """Say whether the text is JSON as a chat shows it, between fences."""
    return _FENCED.match(text) is not None


def may_be_yaml(text: str) -> bool:
    """Say whether the lines at the margin are those of a YAML text, but for a few slips.

    Members and items of a mapping or a list are; a line of prose is not. `# Goals` is a comment of
    one language and a heading of the other: it says nothing here.
    """
    lines = _MARGIN.finditer(text)
    first = next(lines, None)
    if first is None or not (_MEMBER.match(first[0]) or _ITEM.match(first[0])):
        return False
    if text.startswith("---") and _AFTER_FRONT_MATTER.search(text, 3):
        return False
    others = sum(1 for line in lines if not (_MEMBER.match(line[0]) or _LIST.match(line[0])))
    return others == 0 or others * 4 < sum(1 for _ in _MARGIN.finditer(text))


def has_signs_of_markdown(text: str) -> bool:
    """Say whether lines stand in the text that hardly any YAML has."""
    return _MARKDOWN.search(text) is not None


def has_structure(value: object) -> bool:
    """Say whether a YAML value is more than words with colons: lists or mappings are in it."""
    match value:
        case dict():
            return any(isinstance(inner, (dict, list)) for inner in value.values())
        case list():
            return any(isinstance(inner, dict) for inner in value)
        case _:
            return False
