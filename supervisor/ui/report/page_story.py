"""A story on the page of a report: a line, and all that is known of it when that is opened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element

from ....policies.counting import counted
from ....policies.outcomes.outcome import CommandRun, VerifyRun
from ..words.times import duration
from .attempts import Attempt, End
from .costs import sentence
from .elements import add, element, lines, phrase
from .headline import Standing, standing_of
from .prd_text import COMMIT_CHARS, files_text
from .reading import PrdPart, StoryLine

FILES_MAX = 60
ATTEMPTS_MAX = 25
LINES_MAX = 40  # of what was printed
MARKS = {
    Standing.DONE: ("✓", "g"),
    Standing.FAILED: ("✗", "b"),
    Standing.ASKS: ("?", "w"),
    Standing.AT_WORK: ("●", "y"),
    Standing.WAITS: ("○", "d"),
    Standing.SKIPPED: ("-", "w"),
    Standing.ROLLED_BACK: ("↶", "w"),
    Standing.UNWANTED: ("-", "d"),
}
_ENDS = {
    End.MERGED: ("merged", "g"),
    End.LOST: ("lost", "b"),
    End.AGAIN: ("again, at no cost", "w"),
    End.STOPPED: ("stopped", "d"),
    End.OPEN: ("open", "y"),
}


def story_element(part: PrdPart, story: StoryLine, *, is_full: bool = True) -> Element:
    """The story; not in full, it is a line alone."""
    summary = _summary(part, story)
    if not is_full:
        return element("details", element("summary", *summary), class_="story bare")
    inside = element("div", class_="in")
    add(inside, *_parts(story))
    return element(
        "details",
        element("summary", *summary),
        inside,
        class_="story",
        id=f"{part.prd_id}/{story.story_id}",
    )


def _summary(part: PrdPart, story: StoryLine) -> Sequence[Element]:
    standing = standing_of(part, story)
    mark, tone = MARKS[standing]
    figures = story.figures
    took = story.state
    if figures.attempts:
        tries = counted(figures.attempts, "attempt")
        took = f"{story.state}, {duration(figures.wall_s)}, {tries}"
    name = element("span", element("span", mark, class_=f"mark {tone}"), story.story_id)
    name.set("class", "id")
    return (
        name,
        element("span", story.title, class_="title"),
        element("span", took, class_="took"),
    )


def _parts(story: StoryLine) -> Iterable[Element]:
    yield from _failure(story)
    yield from _evidence(story)
    yield from _listed("Tampering, put back or told", story.tampering)
    yield from _listed("Remarks", story.remarks)
    yield from _work(story)
    yield from _attempts(story)
    figures = story.figures
    if figures.attempts:
        parts = [
            f"agent {duration(figures.agent_s)}",
            f"verify {duration(figures.verify_s)}",
            f"waited {duration(figures.waiting_s)}",
        ]
        spent = sentence(story.costs)
        yield element("h3", "Time and cost")
        yield element("p", ", ".join(parts) + (f"; {spent}" if spent else ""))


def _failure(story: StoryLine) -> Iterable[Element]:
    failure = story.failure
    if story.is_done or (failure is None and not story.reason):
        return
    yield element("h3", "Why it is not done")
    yield phrase("p", failure.message if failure is not None else story.reason)
    if failure is None:
        return
    if failure.context:
        context = "\n".join(failure.context.splitlines()[-LINES_MAX:])
        yield lines("pre", context)
    hints = [phrase("li", hint) for hint in failure.recovery_hints]
    if hints:
        yield element("ul", *hints)


def _evidence(story: StoryLine) -> Iterable[Element]:
    if not (story.evidence or story.runs.story or story.runs.merged):
        return
    yield element("h3", "Evidence")
    if story.evidence:
        yield phrase("p", story.evidence)
    rows = []
    trees = (
        ("where it started", story.runs.base),
        ("its own tree", story.runs.story),
        ("merged", story.runs.merged),
    )
    for where, run in trees:
        rows += _run_rows(where, run)
    if rows:
        head = element("tr", *(element("th", each) for each in ("tree", "command", "result", "")))
        yield element("table", element("thead", head), element("tbody", *rows), class_="wide")
    if story.review.verdict is not None:
        yield element("p", story.review.words)
        if story.review.text:
            yield lines("pre", story.review.text)


def _run_rows(where: str, run: VerifyRun | None) -> list[Element]:
    if run is None:
        return []
    return [
        element(
            "tr",
            element("td", where),
            element("td", element("code", each.command)),
            _result(each),
            element("td", duration(each.duration_s), class_="n"),
        )
        for each in run.commands
    ]


def _result(run: CommandRun) -> Element:
    if run.exit_code == 0:
        return element("td", "passed", class_="g n")
    text = "ran out of time" if run.exit_code is None else f"exit {run.exit_code}"
    return element("td", text, class_="b n")


def _work(story: StoryLine) -> Iterable[Element]:
    files = story.files
    if not files.count:
        return
    named = [
        *(f"+ {name}" for name in files.created),
        *(f"~ {name}" for name in files.modified),
        *(f"- {name}" for name in files.deleted),
    ]
    yield element("h3", "Work")
    if story.commit:
        subject = f"  Merge {story.story_id}: {story.title}"
        commit = element("code", story.commit[:COMMIT_CHARS])
        yield element("p", commit, subject, element("span", f"  {files_text(files)}", class_="d"))
    shown = [element("li", element("code", name)) for name in named[:FILES_MAX]]
    yield element("ul", *shown, class_="files")
    more = len(named) - FILES_MAX + files.more if len(named) > FILES_MAX else files.more
    if more:
        yield element("p", f"and {counted(more, 'file')} more", class_="d")


def _attempts(story: StoryLine) -> Iterable[Element]:
    tries = story.attempts
    if len(tries) < 2 and all(each.end is End.MERGED for each in tries):  # noqa: PLR2004  one, and well
        return
    yield element("h3", "Attempts")
    rows = [_attempt(each) for each in tries[-ATTEMPTS_MAX:]]
    yield element("table", element("tbody", *rows), class_="wide")
    if len(tries) > ATTEMPTS_MAX:
        yield element("p", f"the last {ATTEMPTS_MAX} of {len(tries)}", class_="d")


def _attempt(attempt: Attempt) -> Element:
    text, tone = _ENDS[attempt.end]
    who = attempt.agent + (f" ({attempt.model})" if attempt.model else "")
    return element(
        "tr",
        element("td", str(attempt.number), class_="n"),
        element("td", who),
        element("td", text, class_=f"{tone} n"),
        element("td", duration(attempt.ended - attempt.began), class_="n"),
        phrase("td", attempt.reason),
    )


def _listed(title: str, texts: Sequence[str]) -> Iterable[Element]:
    if texts:
        yield element("h3", title)
        yield element("ul", *(phrase("li", text) for text in texts))
