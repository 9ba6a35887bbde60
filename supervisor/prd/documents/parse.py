"""From a text to a document: its language is found by what stands in it."""

from __future__ import annotations

from .document import Document, UnreadableError
from .json_document import JsonDocument
from .languages import fenced_json, has_signs_of_markdown, has_structure, is_json, may_be_yaml
from .lines import unreadable


def parse(text: str) -> Document:
    """Parse a text. Raises UnreadableError."""
    body = text.lstrip()
    if not body:
        raise UnreadableError("the file is empty; a PRD is needed", line=1, column=1)
    if is_json(body):
        return JsonDocument(text)
    if fenced_json(body):
        message = "this is JSON between the fences of Markdown; remove the lines with ```"
        raise unreadable(text, len(text) - len(body), message)
    found = _yaml(text) if may_be_yaml(body) else None
    return found or _markdown(text)


# Who reads JSON alone, as most do, pays for no other language: a third of `status`, 4 MiB.


def _markdown(text: str) -> Document:
    from .markdown_document import MarkdownDocument  # noqa: PLC0415

    return MarkdownDocument(text)


def _yaml(text: str) -> Document | None:
    """The text as YAML; None if it is Markdown that could be taken for it."""
    from .yaml_document import YamlDocument  # noqa: PLC0415

    try:
        found = YamlDocument(text)
    except UnreadableError:
        if has_signs_of_markdown(text):
            return None
        raise
    return found if has_structure(found.value) else None
