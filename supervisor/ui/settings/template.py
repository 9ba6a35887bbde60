"""[agent] prompt: the user's own template, read from the checkout."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ...prd.defect import Defect, quoted
from ...prd.documents.document import UnreadableError
from ...prd.documents.text import read_text
from ...prd.prompt.default import PLACEHOLDERS
from ...prd.prompt.template import Flaw, flaws, names_in
from .origin import at_its_origin

CHARS_MAX = 50_000
_KEY = ("agent", "prompt")
# Without one of them nobody would know what to do.
_NEEDED = ("story", "criteria", "title")


def template_text(prompt: str, top: Path) -> str:
    """The template at this path; empty where none is set, or none can be read."""
    try:
        return read_text(top / prompt) if prompt else ""
    except UnreadableError:
        return ""


def template_defects(prompt: str, top: Path, environ: Mapping[str, str]) -> tuple[Defect, ...]:
    """What keeps the template from being used, at its place."""
    if not prompt:
        return ()
    path = top / prompt
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(top)):
        return (_at_the_key(f"{quoted(prompt)} is not in the repository", top, environ),)
    if not path.is_file():
        return (_at_the_key(f"{quoted(prompt)} is no file in the repository", top, environ),)
    try:
        text = read_text(path)
    except UnreadableError as error:
        flaw = Flaw(line=error.line, column=error.column, message=error.message)
        return (_in_it(path, flaw),)
    if len(text) > CHARS_MAX:
        message = f"this template has {len(text)} characters; {CHARS_MAX} are allowed, shorten it"
        return (_in_it(path, Flaw(line=1, column=1, message=message)),)
    wrong = flaws(text, PLACEHOLDERS)
    if not wrong and not {*_NEEDED} & names_in(text):
        needed = ", ".join(f"${name}" for name in _NEEDED)
        message = f"no agent could tell from this what to do; put in one of {needed}"
        wrong = (Flaw(line=1, column=1, message=message),)
    return tuple(_in_it(path, flaw) for flaw in wrong)


def _in_it(path: Path, flaw: Flaw) -> Defect:
    return Defect(path=str(path), line=flaw.line, column=flaw.column, message=flaw.message)


def _at_the_key(problem: str, top: Path, environ: Mapping[str, str]) -> Defect:
    message = f"agent.prompt: {problem}; write the path of a template in it"
    return at_its_origin(_KEY, message, top, environ)
