"""Which form a document has: decided by what stands in it, never by its name."""

from __future__ import annotations

from ....policies.values import replace
from ..members.draft import Draft
from ..members.fields import Findings
from ..members.identity import with_made_ids
from . import batches, markdown, phase_plan, phased, ralph, signals, tagged

# The first that takes the document has it: the more particular ones stand first.
_FORMS = (
    markdown.drafts,
    batches.drafts,
    ralph.drafts,
    signals.drafts,
    phased.drafts,
    phase_plan.drafts,
    tagged.drafts,
)


def recognise(document: object, findings: Findings) -> tuple[Draft, ...]:
    """The PRDs in a document; none if it has no form of ours. Every story has an id afterwards."""
    for form in _FORMS:
        found = form(document, findings)
        if found is not None:
            return tuple(replace(draft, stories=with_made_ids(draft.stories)) for draft in found)
    return ()
