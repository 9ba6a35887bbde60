"""Who was asked for: PRDs and stories by name, or whatever is at work; and when that is over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...core.prd.view import LIVE_STATES
from ...shell.control.stories import stories_of
from ...shell.control.targets import Target, TargetError, resolve
from ...shell.status.document import PrdStatus, StatusDocument
from ...shell.status.states import LOST, is_done
from ...shell.storage.layout import Layout
from ...shell.storage.locks import holder_of
from ..errors import UsageError
from ..known import known_board
from ..looking import Looker
from .sources import Log, folders

_GOES_ON = frozenset({"queued", "active"})


class Asked:
    """These PRDs and stories, and what is known of them."""

    def __init__(self, layout: Layout, targets: Sequence[Target], *, is_by_name: bool) -> None:
        self._layout = layout
        self._looker = Looker(layout)
        self._is_by_name = is_by_name
        self._targets = tuple(targets)
        self._at_work: frozenset[tuple[str, str]] = frozenset()
        if not is_by_name:  # who is named is not waited for: root may hang
            self._at_work = frozenset(_at_work(self._looker.look().document))

    def targets(self) -> tuple[Target, ...]:
        """Who is meant: where nobody is named, each PRD that there is by now."""
        if self._is_by_name:
            return self._targets
        prds = folders(self._layout.state_dir / "prds")
        return tuple(Target(prd_id=prd_id) for prd_id in prds)

    def begins_with(self, log: Log) -> bool:
        """Say whether what a log has now is to be shown."""
        return self._is_by_name or (log.prd_id, log.story_id) in self._at_work

    def is_at_work(self) -> bool:
        """Say whether a root is there that may still write."""
        return holder_of(self._layout.root_lock) is not None

    def is_over(self) -> bool:
        """Say whether nothing of it will be printed any more."""
        if not self.is_at_work():
            return True
        look = self._looker.look()
        if not look.is_live or not self._is_by_name:
            return False  # a root that is slow to answer may be at work; it has the lock
        prds = {prd.id: prd for prd in look.document.prds}
        return all(_is_decided(target, prds.get(target.prd_id)) for target in self._targets)

    def nothing(self, *, is_followed: bool) -> str:
        """Why there is nothing to be shown."""
        names = ", ".join(map(str, self.targets()))
        if self._is_by_name:
            return f"{names}: nothing was printed yet, or nothing that was asked for"
        if is_followed and self.is_at_work():
            return "nothing is at work just now; what comes is shown"
        known = f"`prd-supervise logs PRD` shows what was: {names}" if names else "nothing ran here"
        return f"nothing is at work; {known}"


def asked(layout: Layout, names: Sequence[str]) -> Asked:
    """Find out who is meant."""
    if not names:
        return Asked(layout, (), is_by_name=False)
    known = stories_of(layout, known_board(layout))
    try:
        targets = [resolve(name, known) for name in dict.fromkeys(names)]
    except TargetError as error:
        raise UsageError(str(error)) from None
    whole = {target.prd_id for target in targets if not target.story_id}
    kept = [each for each in targets if not each.story_id or each.prd_id not in whole]
    return Asked(layout, kept, is_by_name=True)


def _at_work(document: StatusDocument) -> Iterator[tuple[str, str]]:
    for prd in document.prds:
        if prd.state == "active":
            yield prd.id, ""  # its landing
        for story in prd.stories:
            if story.state in LIVE_STATES:
                yield prd.id, story.id


def _is_decided(target: Target, prd: PrdStatus | None) -> bool:
    if prd is None or prd.state not in _GOES_ON:
        return True
    if not target.story_id:
        return False
    states = [story.state for story in prd.stories if story.id == target.story_id]
    return any(is_done(state) or state in LOST for state in states)
