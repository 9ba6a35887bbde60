"""What the tree removes by itself: what is finished and old, as `policies/keeping.py` has it.

Git's things and the logs of attempts go as `clean` takes them. Besides: full event logs, and the
folders of PRDs that root has forgotten.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from msgspec import Struct, field

from ....policies.keeping import BUSY, PRD_BRANCH, Ended, Terms, may_be_forgotten
from ....workers.attempt.temporary import remove_tree
from ....workers.git.commands import FAILURES, one_line
from ....workers.git.letting_go import is_held, let_go
from ....workers.git.remains import Item
from ....workers.messages.keeping import Tidied
from ..repository.checkout import RepositoryError
from ..repository.cleaning import Known, States, Wish, clean, in_git, known_prds, survey
from ..repository.places import place_of
from ..storage.eventlog import KEPT_MAX
from ..storage.layout import Layout
from .finished import journalled
from .strangers import strangers

Step = Callable[[], None]  # before each part that may take a while
EVENTS, FOLDER = "event log", "folder"


class _Round(Struct, kw_only=True):
    """One look at everything."""

    layout: Layout
    terms: Terms
    states: States
    may_forget: bool
    gone: Counter[str] = field(default_factory=Counter)
    size_bytes: int = 0
    only_copies: list[str] = field(default_factory=list)
    outlived: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def took(self, items: Sequence[Item]) -> None:
        """Count what has gone."""
        self.gone.update(item.kind for item in items)
        self.size_bytes += sum(item.size_bytes for item in items)


def tidy(layout: Layout, before_s: float, step: Step, *, may_forget: bool = True) -> Tidied:
    """Remove what may go of everything that ended before then."""
    terms = Terms(is_by_itself=True, before_s=before_s)
    states_now = partial(journalled, layout)
    now = _Round(layout=layout, terms=terms, states=states_now, may_forget=may_forget)
    states = now.states()
    for prd_id in known_prds(layout, states):
        if prd_id in states and states[prd_id].ended_s < before_s:
            step()
            try:
                _tidy_prd(now, prd_id)
            except (RepositoryError, *FAILURES) as error:
                now.problems.append(f"{prd_id}: {one_line(str(error))}")
    step()
    now.gone.update(_old_events(layout, before_s))
    _remove_forgotten(now)
    return Tidied(
        gone=dict(now.gone),
        size_bytes=now.size_bytes,
        only_copies=tuple(now.only_copies),
        outlived=tuple(now.outlived),
        problems=tuple(now.problems),
    )


def _tidy_prd(now: _Round, prd_id: str) -> None:
    wish = Wish(prds=(prd_id,), terms=now.terms)
    before = survey(now.layout, wish, now.states)
    now.only_copies += [item.name for item in before if item.is_only_copy]
    if any(item.can_go for item in before):
        now.took(clean(now.layout, wish, now.states))
    known = now.states().get(prd_id)
    if known is None:
        return
    place = place_of(now.layout, prd_id)
    left = [item for item in survey(now.layout, wish, now.states) if item.kind != PRD_BRANCH]
    ended = Ended(
        state=known.state,
        ended_s=known.ended_s,
        has_document=Path(known.path).exists(),
        has_remains=bool(left) or not is_held(place),
        is_wanted=known.is_wanted or not now.may_forget,
    )
    # Without our record its branch is somebody else's: who comes back begins a new one.
    if may_be_forgotten(ended, now.terms) and let_go(
        place, is_wanted=lambda: _is_wanted(now.states(), prd_id)
    ):
        now.outlived.append(prd_id)


def _is_wanted(states: Mapping[str, Known], prd_id: str) -> bool:
    known = states.get(prd_id)
    if known is None:
        return False
    return known.state in BUSY or known.is_wanted or Path(known.path).exists()


def _old_events(layout: Layout, before_s: float) -> Iterator[str]:
    """Full event logs whose last event is old."""
    for number in range(1, KEPT_MAX + 1):
        path = layout.events.with_suffix(f".jsonl.{number}")
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before_s:
                path.unlink()
                yield EVENTS


def _remove_forgotten(now: _Round) -> None:
    """The folders and plans of PRDs that root has forgotten, where nothing in them is young.

    Before it forgets one, nothing of it is left in git. Of whom git still knows, root has lost its
    journal: their folders tell what was tried and answered, once they are started again.
    """
    layout = now.layout
    for prd_id in sorted(set(strangers(layout, now.states())) - in_git(layout)):
        paths = (layout.prd(prd_id), layout.plan(prd_id), layout.document(prd_id))
        if max(map(_latest, paths)) >= now.terms.before_s:
            continue
        try:
            for path in paths:
                _remove(path)
        except OSError as error:
            now.problems.append(f"{prd_id}: {error}")
        else:
            now.gone[FOLDER] += 1


def _remove(path: Path) -> None:
    if not path.is_dir() or path.is_symlink():
        path.unlink(missing_ok=True)
        return
    remove_tree(path)  # homes of agents are in it, with whatever may not be written
    if path.exists():
        raise OSError(f"{path} cannot be removed")


def _latest(path: Path) -> float:
    """When something changed there last, in the folder itself or one below it."""
    moments = [0.0]
    for each in (path, *(path.iterdir() if path.is_dir() else ())):
        with suppress(OSError):
            moments.append(each.lstat().st_mtime)
    return max(moments)
