"""The grammars by which stories are compared and conflicts looked into: whether each is usable."""

from __future__ import annotations

from ....workers.syntax.languages import Language
from ....workers.syntax.outline import outline
from .words import Line, ok, warn


def grammars() -> Line:
    """The languages in which conflicts can be looked into; each grammar is loaded."""
    broken = []
    for language in Language:
        try:
            if outline(language, b"") is None:
                broken.append(f"{language.value}: it cannot be used")
        except (ImportError, OSError, ValueError, TypeError) as error:
            broken.append(f"{language.value}: {error}")
    if broken:
        advice = "install prd-supervise anew; till then files of these languages only merge by line"
        return warn("grammars", "; ".join(broken), advice)
    return ok("grammars", ", ".join(language.value for language in Language))
