"""The report as Markdown, fit to be pasted into a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ...shell.lines import safe
from ..looks.rows import Style
from ..words.times import duration
from .costs import agent_lines, sentence
from .gantt import gantt
from .headline import Standing, headline, standing_of
from .page_story import MARKS
from .prd_text import COMMIT_CHARS, clock_text, conflicts_text, files_text
from .proof import proofs_of
from .reading import PrdPart, Report, StoryLine
from .ticked import pieces
from .wants import Want, harvest_of, waits_of, wants_of

WIDTH = 100
WANTS_MAX = 50
STORIES_MAX = 300  # of one PRD
FILES_MAX = 200
TEXT_MAX = 600
# What Markdown, HTML in it, or a forge could take for more than a character: also what would
# mention a person, name an issue, or make a link of an address.
_MARKED = re.compile(r"[\\`*_{}\[\]<>|~@&#]|:(?=\S)|(?<=www)\.|^[-+=]|^\d+(?=[.)])", re.IGNORECASE)


def markdown(report: Report, *, zone_s: float = 0.0) -> str:
    """The whole report."""
    if not report.prds:
        return "Nothing was run here yet: nothing to report."
    parts = [f"## {plain(headline(report))}", *_wants(report)]
    waits = [f"* {plain(each)}" for each in waits_of(report)]
    if waits:
        parts.append("### Waiting\n\n" + "\n".join(waits))
    for part in report.prds:
        parts += _prd(part)
    rows = gantt(report, width=WIDTH, style=Style(has_colour=False), zone_s=zone_s)
    if rows:
        lines = ["".join(span.text for span in row).rstrip() for row in rows]
        parts.append(_fold("Timeline", fenced("\n".join(lines))))
    parts += _foot(report)
    return "\n\n".join(parts)


def plain(text: str) -> str:
    """Text that is shown as it is, in one line; what stands between backticks is code."""
    short = safe(text if len(text) <= TEXT_MAX else f"{text[:TEXT_MAX]} ...")
    line = " ".join(short.split())
    return "".join(
        code(piece) if is_code else _MARKED.sub(_escaped, piece) for piece, is_code in pieces(line)
    )


def _escaped(match: re.Match[str]) -> str:
    # A character reference keeps forges, too, from seeing a mention or an issue.
    return "".join(f"&#{ord(char)};" for char in match[0])


def code(text: str) -> str:
    """Text as code, in one line, whatever backticks are in it."""
    shown = safe(text).strip() or " "
    ticks = "`" * (_longest(shown) + 1)
    edge = " " if "`" in (shown[0], shown[-1]) else ""
    # In a table a bar would end its cell, also in code.
    return f"{ticks}{edge}{shown}{edge}{ticks}".replace("|", "\\|")


def fenced(text: str, language: str = "") -> str:
    """Lines as they are."""
    shown = "\n".join(map(safe, text.splitlines()))
    ticks = "`" * max(3, _longest(shown) + 1)
    return f"{ticks}{language}\n{shown}\n{ticks}"


def _longest(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _fold(title: str, text: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"


def _wants(report: Report) -> Iterable[str]:
    wants, harvest = wants_of(report), harvest_of(report)
    items = [_want(each) for each in wants[:WANTS_MAX]]
    if len(wants) > WANTS_MAX:
        items.append(f"* and {len(wants) - WANTS_MAX} more")
    if items:
        yield "### What wants somebody\n\n" + "\n".join(items)
    if harvest:
        yield "To take the work:\n\n" + fenced("\n".join(harvest), "sh")


def _want(want: Want) -> str:
    lines = [f"* **{plain(want.target)}** {plain(want.text)}"]
    lines += [f"  * {plain(each)}" for each in want.hints]
    lines += [f"  * {code(each)}" for each in want.commands]
    return "\n".join(lines)


def _prd(part: PrdPart) -> Iterable[str]:
    done = sum(each.is_done for each in part.stories)
    yield (
        f"### {plain(part.prd_id)}{f': {plain(part.name)}' if part.name else ''}\n\n"
        f"{plain(part.state)}, {done} of {len(part.stories)} stories"
        + (f", on {code(part.branch)}" if part.branch else "")
    )
    tried = [each for each in part.stories if not each.was_done]
    if tried:
        yield "\n".join(_table(part, tried))
    texts = [part.landed, *proofs_of(part)]
    texts += [clock_text(part.figures, has_done=done > 0), conflicts_text(part.figures)]
    spent = sentence(part.costs)
    texts.append(f"spent: {spent}" if spent else "")
    before = len(part.stories) - len(tried)
    texts.append(f"done before: {before} more" if before else "")
    yield "\n".join(f"* {plain(text)}" for text in texts if text)
    if named := _files(part):
        yield _fold("Files", named)


def _table(part: PrdPart, stories: Sequence[StoryLine]) -> Iterable[str]:
    yield "| | story | state | time | attempts | commit | files | title |"
    yield "|---|---|---|---:|---:|---|---|---|"
    for story in stories[:STORIES_MAX]:
        yield _row(part, story)
    if len(stories) > STORIES_MAX:
        yield f"| | and {len(stories) - STORIES_MAX} more | | | | | | |"


def _row(part: PrdPart, story: StoryLine) -> str:
    figures = story.figures
    is_begun = figures.attempts > 0
    cells = [
        MARKS[standing_of(part, story)][0],
        plain(story.story_id),
        plain(story.state),
        duration(figures.wall_s) if is_begun else "",
        str(figures.attempts) if is_begun else "",
        code(story.commit[:COMMIT_CHARS]) if story.commit else "",
        plain(files_text(story.files)) if story.files.count else "",
        plain(story.title),
    ]
    return f"| {' | '.join(cells)} |"


def _files(part: PrdPart) -> str:
    lines: list[str] = []
    for story in part.stories:
        if standing_of(part, story) is Standing.DONE and story.files.count:
            files = story.files
            names = [*(f"+ {each}" for each in files.created)]
            names += [f"~ {each}" for each in files.modified]
            names += [f"- {each}" for each in files.deleted]
            lines += [f"{story.story_id}", *(f"  {safe(name)}" for name in names)]
    if not lines:
        return ""
    more = len(lines) - FILES_MAX
    return fenced("\n".join([*lines[:FILES_MAX], *([f"and {more} more"] if more > 0 else [])]))


def _foot(report: Report) -> Iterable[str]:
    texts = [*report.gaps]
    by_agent = agent_lines(report.costs)
    texts += by_agent if len(by_agent) > 1 else []
    if texts:
        yield "\n".join(f"* {plain(text)}" for text in texts)
