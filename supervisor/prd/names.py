"""Names from outside, before they become a ref, a path, a process title or a line on a terminal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ...policies.values import replace
from .model import Plan

NAME_MAX = 64
TITLE_MAX = 200
BRANCH_MAX = 200
OWN_BRANCHES = "prd-supervise"

_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_UNSAFE_RUN = re.compile(r"[^A-Za-z0-9._-]+")
_FORBIDDEN_IN_REF = frozenset(" ~^:?*[\\")
_FORBIDDEN_WORDS = ("..", "@{", "//")
# They reorder what a terminal shows, so that one name can pose as another.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
SAFE_NAME_RULE = (
    f"letters, digits, '.', '_' and '-' are allowed, at most {NAME_MAX} of them, the first one a "
    "letter or digit, no '..', no '.' or '.lock' at the end"
)


def is_safe_name(name: str) -> bool:
    """Say whether an id can be a git ref component, a file name and a word on a terminal."""
    return (
        len(name) <= NAME_MAX
        and _SAFE_NAME.fullmatch(name) is not None
        and ".." not in name
        and not name.endswith((".lock", "."))
    )


def slug(text: str) -> str:
    """A safe name made of free text; empty if nothing of it can be kept."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    name = re.sub(r"\.{2,}", ".", _UNSAFE_RUN.sub("-", plain))
    name = re.sub(r"-{2,}", "-", name).lstrip("._-")[:NAME_MAX].rstrip("._-")
    while name.endswith(".lock"):
        name = name.removesuffix(".lock").rstrip("._-")
    return name


def clean_title(text: str) -> str:
    """A title in one bounded line, without control characters."""
    shown = "".join(" " if _is_control(char) else char for char in text)
    line = " ".join(shown.split())
    return line if len(line) <= TITLE_MAX else line[: TITLE_MAX - 1].rstrip() + "…"


def clean_text(text: str) -> str:
    """Free text that can be encoded: JSON's escapes can write half a character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def ref_problem(name: str) -> str:
    """Why git would refuse a branch of this name, or we would; empty if it is fine."""
    # git-check-ref-format(1), and the rule of `git branch` about a leading '-'.
    parts = name.split("/")
    rules = (
        (not name, "it is empty"),
        (
            name.startswith(("-", "/")) or name.endswith(("/", ".")),
            "a branch starts with neither '-' nor '/' and ends with neither '/' nor '.'",
        ),
        (
            any(word in name for word in _FORBIDDEN_WORDS) or name in {"@", "HEAD"},
            "'..', '@{', '//', '@' and 'HEAD' are not allowed as a branch",
        ),
        (
            any(char in _FORBIDDEN_IN_REF or not char.isprintable() for char in name),
            "spaces, control characters and ~ ^ : ? * [ \\ are not allowed in a branch",
        ),
        (
            any(part.startswith(".") or part.endswith(".lock") for part in parts),
            "no part of a branch starts with '.' or ends with '.lock'",
        ),
        (len(name) > BRANCH_MAX, f"a branch has at most {BRANCH_MAX} characters"),
        (parts[0] == OWN_BRANCHES, f"branches below '{OWN_BRANCHES}' are kept for stories"),
    )
    return next((rule for is_broken, rule in rules if is_broken), "")


def unique_ids(plans: Sequence[Plan]) -> tuple[Plan, ...]:
    """The plans with unique ids: the first of a name keeps it, later ones get -2, -3 and so on.

    Names are compared without case, as some file systems do.
    """
    wanted = {plan.prd_id.casefold() for plan in plans}
    taken: set[str] = set()
    named = []
    for plan in plans:
        prd_id = plan.prd_id
        if prd_id.casefold() in taken:
            prd_id = _numbered(prd_id, wanted | taken)
        taken.add(prd_id.casefold())
        named.append(replace(plan, prd_id=prd_id))
    return tuple(named)


def _numbered(name: str, occupied: set[str]) -> str:
    number = 2
    while True:
        suffix = f"-{number}"
        candidate = name[: NAME_MAX - len(suffix)].rstrip("._-") + suffix
        if candidate.casefold() not in occupied:
            return candidate
        number += 1


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} or char in _BIDI
