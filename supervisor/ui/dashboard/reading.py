"""What stands on a page of a PRD or a story: read from files and git, bounded, changing nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from ....workers.git.commands import FAILURES, one_line
from ....workers.git.showing_story import StoryAsked, show_story
from ....workers.secrecy.hiding import Hiding
from ...shell.lines import line_of, safe
from ...shell.repository.checkout import RepositoryError
from ...shell.repository.places import place_of
from ...shell.status.document import StatusDocument
from ...shell.storage import chronicle
from ...shell.storage.journal import JOURNAL
from ...shell.storage.layout import Layout
from ..logs.tail import last_lines
from .chosen import Opened
from .evidence import evidence_lines
from .seen import Page, PageKind

LINES_MAX = 4000
LINE_CHARS_MAX = 2000
LOG_LINES_MAX = 1500  # of one log
LOGS_MAX = 20
BYTES_MAX = 512 << 10
TAB = 4


class Wanted(Struct, frozen=True, kw_only=True):
    """A page, and what the status document says of whose page it is."""

    kind: PageKind
    prd: str
    story: str = ""  # "": the PRD's own
    attempt: int = 0
    worktree: str = ""
    branch: str = ""
    base: str = ""
    reasons: tuple[str, ...] = ()  # of a PRD: why it stands as it does, what its stories show


def wanted_of(document: StatusDocument, opened: Opened) -> Wanted:
    """The page that is open, with what is known of whose page it is."""
    prd_id, story_id = opened.name
    prd = next((each for each in document.prds if each.id == prd_id), None)
    if prd is None:
        return Wanted(kind=opened.kind, prd=prd_id, story=story_id)
    shows: tuple[str, ...] = ()
    if opened.kind is PageKind.EVIDENCE and not story_id:
        shows = tuple(f"{each.id}: {each.evidence}" for each in prd.stories if each.evidence)
    return Wanted(
        kind=opened.kind,
        prd=prd_id,
        story=story_id,
        worktree=next((each.worktree or "" for each in prd.stories if each.id == story_id), ""),
        branch=prd.branch,
        base=prd.base,
        reasons=() if story_id else (*prd.reasons, *shows),
    )


_NO_LOG = "a log is a story's; what a landing of the PRD prints will stand here"
Read = Callable[[Layout, Wanted], tuple[Iterable[str], str]]


def page_of(layout: Layout, wanted: Wanted) -> Page:
    """Find out what stands there; what cannot be read is a note."""
    try:
        lines, note = _READ[wanted.kind](layout, wanted)
    except RepositoryError as error:
        lines, note = (), str(error)
    except FAILURES as error:
        lines, note = (), one_line(str(error))
    shown = [shown_line(line) for line in lines]
    if len(shown) > LINES_MAX:
        note = "; ".join(filter(None, (note, f"the last {LINES_MAX} of {len(shown)} lines")))
    return Page(
        name=(wanted.prd, wanted.story),
        kind=wanted.kind,
        lines=tuple(shown[-LINES_MAX:]),
        note=note,
    )


def state_of(layout: Layout, wanted: Wanted) -> object:
    """What changes whenever the page does; None where only reading tells."""
    match wanted.kind:
        case PageKind.LOG:
            return wanted, tuple(map(_stamp, _logs(layout, wanted)))
        case PageKind.PROMPT | PageKind.EVIDENCE:
            return wanted, tuple(_stamp(path) for path in _files(layout, wanted))
        case PageKind.EVENTS:
            return wanted, tuple(map(_stamp, _journals(layout, wanted)))
        case PageKind.DIFF:
            return None


def shown_line(line: str) -> str:
    """A line of a file as a terminal can have it."""
    short = line[:LINE_CHARS_MAX].expandtabs(TAB)
    return safe(short) + ("…" if len(line) > LINE_CHARS_MAX else "")


# --- what is read ---------------------------------------------------------------------------------


def _log(layout: Layout, wanted: Wanted) -> tuple[Iterable[str], str]:
    found = list(_logs(layout, wanted))
    lines: list[str] = []
    for path in found:
        told = last_lines(path, LOG_LINES_MAX)
        if not told:
            continue
        if len(found) > 1:
            lines += ["", f"--- {_name_of(path)} ---"] if lines else [f"--- {_name_of(path)} ---"]
        lines += told
    empty = "nothing was printed yet" if wanted.story else _NO_LOG
    return lines, "" if lines else empty


def _name_of(log: Path) -> str:
    attempt = f"attempt {log.parent.name}, " if log.parent.name.isdigit() else ""
    return f"{attempt}{log.name.removesuffix('.log')}"


def _prompt(layout: Layout, wanted: Wanted) -> tuple[Iterable[str], str]:
    for path in _files(layout, wanted):
        if path.name == "prompt.md" and path.is_file():
            return _text(path), f"of attempt {path.parent.name}"
    return (), "no agent was told anything yet" if wanted.story else "a prompt is a story's"


def _diff(layout: Layout, wanted: Wanted) -> tuple[Iterable[str], str]:
    if not wanted.story:
        return (), f"`git diff {wanted.base[:10]} {wanted.branch}` has the whole PRD's"
    asked = StoryAsked(
        story_id=wanted.story, branch=wanted.branch, base=wanted.base, worktree=wanted.worktree
    )
    shown = show_story(place_of(layout, wanted.prd), asked)
    hiding = _hiding(layout)
    hiding.look(*(Path(each) for each in (wanted.worktree,) if each))
    left = [f"not shown: {name}" for name in shown.left_out]
    lines = hiding.text("\n".join([*shown.diff.splitlines(), *left])).splitlines()
    return lines, shown.about if lines else f"{shown.about}; nothing differs"


def _hiding(layout: Layout) -> Hiding:
    """What an agent has just written has gone through nobody's hands."""
    from ..hiding import hiding_of  # noqa: PLC0415  the settings: no other page needs them

    return hiding_of(layout)


def _evidence(layout: Layout, wanted: Wanted) -> tuple[Iterable[str], str]:
    lines = list(wanted.reasons)
    for folder in _attempts(layout, wanted):
        document = _json(folder / "result.json")
        if lines:
            lines.append("")
        lines.append(f"--- attempt {folder.name} ---")
        lines += evidence_lines(document) if document else ["it is not decided yet"]
    return lines, "" if lines else "nothing is decided yet"


def _events(layout: Layout, wanted: Wanted) -> tuple[Iterable[str], str]:
    if wanted.story:
        told = chronicle.of_story(layout, wanted.prd, wanted.story)
    else:
        told = chronicle.of_prd(layout, wanted.prd)
    lines = [line_of(event, has_date=True) for event in told.events[-LINES_MAX:]]
    return lines, "; ".join(told.gaps) or ("" if lines else "nothing has happened to it yet")


_READ: dict[PageKind, Read] = {
    PageKind.LOG: _log,
    PageKind.PROMPT: _prompt,
    PageKind.DIFF: _diff,
    PageKind.EVIDENCE: _evidence,
    PageKind.EVENTS: _events,
}

# --- where it stands ------------------------------------------------------------------------------


def _attempts(layout: Layout, wanted: Wanted) -> list[Path]:
    """The folders of the story's attempts, the latest first."""
    if not wanted.story:
        return []
    folder = layout.prd(wanted.prd) / "stories" / wanted.story
    found = [path for path in folder.glob("*") if path.name.isdecimal()]
    return sorted(found, key=lambda path: int(path.name), reverse=True)


def _logs(layout: Layout, wanted: Wanted) -> Iterator[Path]:
    """The logs of the PRD's landing, or of the story's last attempt, the latest one last."""
    folders = _attempts(layout, wanted)[:1] if wanted.story else [layout.landing(wanted.prd)]
    found = [(_stamp(path), path) for folder in folders for path in folder.glob("*.log")]
    there = sorted((stamp[1], path) for stamp, path in found if stamp is not None)
    yield from (path for _, path in there[-LOGS_MAX:])


def _files(layout: Layout, wanted: Wanted) -> Iterator[Path]:
    name = "prompt.md" if wanted.kind is PageKind.PROMPT else "result.json"
    yield from (folder / name for folder in _attempts(layout, wanted))


def _journals(layout: Layout, wanted: Wanted) -> Sequence[Path]:
    return layout.state_dir / JOURNAL, layout.prd(wanted.prd) / JOURNAL


def _stamp(path: Path) -> tuple[str, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return str(path), found.st_mtime_ns, found.st_size


def _text(path: Path) -> list[str]:
    """The beginning of a file, in lines."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    with open(descriptor, "rb") as file:  # noqa: PTH123  it is a descriptor
        data = file.read(BYTES_MAX + 1)
    lines = data[:BYTES_MAX].decode(errors="replace").splitlines()
    return [*lines, "[cut here]"] if len(data) > BYTES_MAX else lines


def _json(path: Path) -> dict[str, object] | None:
    try:
        found = json.loads("\n".join(_text(path)))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
