"""Which form a document has: decided by what stands in it, never by its name."""

from __future__ import annotations

from . import markdown, ralph
from .draft import Draft
from .fields import Findings

# The first that takes the document has it: the more particular ones stand first.
_FORMS = (markdown.drafts, ralph.drafts)


def recognise(document: object, findings: Findings) -> tuple[Draft, ...]:
    """The PRDs in a document; none if it has no form of ours."""
    for form in _FORMS:
        found = form(document, findings)
        if found is not None:
            return found
    return ()
