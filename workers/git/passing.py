"""Which failures of git pass by themselves: something is short, or somebody is at work.

Git tells people of them, and nobody else: its words (in the C locale) are all that there is.
"""

from __future__ import annotations

import re

from ..process import shortage
from .commands import GitKilledError

_WORDS = re.compile(
    "No space left on device|Disk quota exceeded|Resource temporarily unavailable"
    "|Cannot allocate memory|[Oo]ut of memory|Too many open files|Input/output error"
    r"|[Cc]annot fork|\.lock': File exists|\.lock may be held by|\.lock is in the way"
    "|Text file busy|Stale file handle|\\.lock is held by another process"
    "|could not lock config file .*: File exists"
    # Somebody looks at a branch of ours: it must not move under him, and he will leave it.
    "|is checked out in |is moved by somebody else"
    # `git prune --expire=now` beside us takes objects that no ref shows yet.
    "|objects were removed|with nonexistent object"
    # ... and the folder in which git has just made a file.
    "|unable to write file .*/objects/.*: No such file or directory"
)


def passes(error: Exception) -> bool:
    """Say whether the same request may succeed in a while, without anybody's help."""
    if isinstance(error, OSError):
        return shortage.passes(error)
    return isinstance(error, GitKilledError) or _WORDS.search(str(error)) is not None
