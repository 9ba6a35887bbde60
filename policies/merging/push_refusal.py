"""Why a remote did not take a push, in one line for people."""

from __future__ import annotations

import re

_REFUSED = re.compile(r"^!.*\[(?:remote )?rejected\] \((.+)\)$")
# The remote's branch stands elsewhere than where we saw it: git's words depend on what it knows.
_MOVED = frozenset({"stale info", "fetch first", "non-fast-forward"})
_NOISE = "error: failed to push some refs"
_CHARS_MAX = 300
_LINES_MAX = 3


def why_refused(output: str, remote: str) -> str:
    """What `git push --porcelain` and the remote have said, the remote's own words first."""
    lines = [" ".join(line.split()) for line in output.splitlines()]
    why = next((found[1] for line in lines if (found := _REFUSED.match(line))), "")
    if why in _MOVED:
        return f"it does not stand there as it was fetched last ({why}); fetch, merge and push it"
    said = [line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:")]
    told = "; ".join([line for line in said if line][:_LINES_MAX])
    if told:
        return f"{told[:_CHARS_MAX]} ({why or f'says {remote}'})"
    if why:
        return why
    telling = [line for line in lines if line.startswith(("!", "fatal:", "error:"))]
    telling = [line for line in telling if not line.startswith(_NOISE)] or telling
    return "; ".join(telling[:2] or [line for line in lines if line][-1:])[:_CHARS_MAX]
