"""From a text to a document: its language is found by what stands in it."""

from __future__ import annotations

from .document import Document, UnreadableError
from .json_document import JsonDocument
from .markdown_document import MarkdownDocument


def parse(text: str) -> Document:
    """Parse a text. Raises UnreadableError."""
    if not text.strip():
        raise UnreadableError("the file is empty; a PRD is needed", line=1, column=1)
    if text.lstrip().startswith(("{", "[")):
        return JsonDocument(text)
    return MarkdownDocument(text)
