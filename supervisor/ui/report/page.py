"""The report as one page that needs nothing else: no network, no script."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from xml.etree.ElementTree import Element

from ....policies.costs.budget import dollars_text, tokens_text
from ....policies.counting import counted
from ..words.times import spoken
from .attempts import End
from .costs import agent_lines, sentence
from .css import CSS
from .elements import add, element, page_text, phrase
from .headline import Standing, headline, standing_of, standings
from .page_story import story_element
from .prd_text import clock_text, conflicts_text
from .proof import proofs_of
from .reading import PrdPart, Report, StoryLine
from .svg import timeline
from .wants import Want, harvest_of, waits_of, wants_of

WANTS_MAX = 100
FULL_MAX = 400  # stories that are told in full; of more, those that are done are a line each
OPEN_MAX = 4  # PRDs: of more, only those are open that want somebody
_BAR = {
    Standing.DONE: "bg-g",
    Standing.FAILED: "bg-b",
    Standing.ASKS: "bg-w",
    Standing.SKIPPED: "bg-w",
    Standing.ROLLED_BACK: "bg-w",
    Standing.AT_WORK: "bg-y",
    Standing.WAITS: "bg-d",
}
_STATES = {"completed": "g", "failed": "b", "active": "y"}
_LEGEND = {
    End.MERGED: "merged",
    End.LOST: "lost",
    End.AGAIN: "again, at no cost",
    End.STOPPED: "stopped",
    End.OPEN: "at work",
}


def page(report: Report, *, zone_s: float) -> str:
    """The page; `zone_s` is how far local clocks are ahead of UTC."""
    title = headline(report) if report.prds else "nothing to report"
    body = element("body")
    main = element("main", element("h1", title), element("p", _when(report, zone_s), class_="when"))
    add(body, main)
    if report.prds:
        add(main, *_top(report), *_wants(report), *_picture(report, zone_s), *_prds(report))
    add(main, *_foot(report))
    return page_text(f"prd-supervise: {title}", CSS, body)


def _when(report: Report, zone_s: float) -> str:
    zone = timezone(timedelta(seconds=zone_s))

    def text(at: float) -> str:
        return f"{datetime.fromtimestamp(at, UTC).astimezone(zone):%a %d %b %Y, %H:%M}"

    spans = report.spans
    parts = [text(report.at)]
    if spans:
        begin, end = text(spans[0][0]), text(spans[-1][1])
        day, _, clock = end.rpartition(", ")
        parts = [f"{begin} to {clock if begin.startswith(day) else end}"]
    if report.since:
        parts.append(f"only what is newer than {text(report.since)}")
    if report.is_live:
        parts.append("still at work")
    return "; ".join(parts)


def _top(report: Report) -> Iterable[Element]:
    found = standings(report)
    shown = [
        element("span", class_=tone, style=f"flex: {found[standing]}", title=standing.value)
        for standing, tone in _BAR.items()
        if found[standing]
    ]
    yield element("div", *shown, class_="bar-all")
    figures, spent = report.figures, report.costs.spent
    cards = [
        _card("by the clock", spoken(figures.wall_s), ""),
        _card("agents", spoken(figures.agent_s), f"verify {spoken(figures.verify_s)}"),
        _card("attempts", str(figures.attempts), f"{figures.lost} lost"),
        _card("conflicts", str(figures.resolved), f"resolved, {figures.reruns} run again"),
    ]
    if figures.saved_s > 0:
        cards.insert(1, _card("saved", spoken(figures.saved_s), "against one after the other"))
    if spent.tokens or spent.usd:
        cost = dollars_text(spent.usd) if spent.usd else tokens_text(spent.tokens)
        lost = report.costs.lost.usd
        under = tokens_text(spent.tokens) if spent.usd else "cost unknown"
        cards.append(_card("cost", cost, f"{under}, {dollars_text(lost)} lost" if lost else under))
    yield element("dl", *cards, class_="cards")


def _card(name: str, value: str, more: str) -> Element:
    under = element("small", more) if more else None
    return element("div", element("dt", name), element("dd", value, under))


def _wants(report: Report) -> Iterable[Element]:
    wants = wants_of(report)
    items = [_want(each) for each in wants[:WANTS_MAX]]
    harvest = harvest_of(report)
    if harvest:
        typed = [element("code", each, class_="type") for each in harvest]
        items.append(element("li", "take the work of what is complete", *typed, class_="good"))
    waits = [phrase("li", text) for text in waits_of(report)]
    if items:
        yield element("h2", "For you")
        yield element("ul", *items, class_="wants")
    if len(wants) > WANTS_MAX:
        yield element("p", f"and {len(wants) - WANTS_MAX} more, below", class_="d")
    if waits:
        yield element("h2", "Waiting")
        yield element("ul", *waits)


def _want(want: Want) -> Element:
    hints = [phrase("div", hint, class_="hint") for hint in want.hints]
    typed = [element("code", each, class_="type") for each in want.commands]
    head, text = element("b", f"{want.target} "), phrase("span", want.text)
    return element("li", head, text, *hints, *typed, class_=_tone(want))


def _tone(want: Want) -> str:
    if want.asks:
        return "asks"
    return "urgent" if want.is_urgent else "told"


def _picture(report: Report, zone_s: float) -> Iterable[Element]:
    picture = timeline(report, zone_s=zone_s)
    if picture is None:
        return
    yield element("h2", "Timeline")
    yield element("div", picture, class_="scroll", tabindex=0)
    named = [element("span", element("i", class_=end.value), text) for end, text in _LEGEND.items()]
    words = element("span", "full: the agent; narrow: verify and review; pale: waiting")
    yield element("p", *named, words, class_="legend")


def _prds(report: Report) -> Iterable[Element]:
    yield element("h2", counted(len(report.prds), "PRD"))
    total = sum(len(part.stories) for part in report.prds)
    for part in report.prds:
        section = _prd(part, is_short=total > FULL_MAX)
        if len(report.prds) <= OPEN_MAX or part.state == "failed":
            section.set("open", "open")
        yield section


def _prd(part: PrdPart, *, is_short: bool) -> Element:
    done = sum(each.is_done for each in part.stories)
    summary = element(
        "summary",
        element("b", part.prd_id),
        f"  {part.name}  " if part.name else "  ",
        element("span", part.state, class_=_STATES.get(part.state, "w")),
        element("span", f"  {done}/{len(part.stories)}", class_="d"),
    )
    inside = element("div", class_="in")
    log = f"git log --first-parent {part.branch}" if part.branch else ""
    add(inside, element("code", log, class_="type") if log else None)
    texts = [part.landed, *part.reasons[:3], *proofs_of(part)]
    has_done = done > 0
    texts += [clock_text(part.figures, has_done=has_done), conflicts_text(part.figures)]
    spent = sentence(part.costs)
    texts.append(f"spent: {spent}" if spent else "")
    add(inside, *(phrase("p", text) for text in texts if text))
    add(inside, *_stories(part, is_short=is_short))
    return element("details", summary, inside, class_="prd")


def _stories(part: PrdPart, *, is_short: bool) -> Iterable[Element]:
    """Those that want a look first; what was done before, in a fold of its own."""
    order = list(Standing)
    order.sort(key=lambda each: each is Standing.DONE)

    def rank(story: StoryLine) -> int:
        return order.index(standing_of(part, story))

    for story in sorted((each for each in part.stories if not each.was_done), key=rank):
        is_full = not is_short or not story.is_done
        yield story_element(part, story, is_full=is_full)
    before = [each for each in part.stories if each.was_done]
    if before:
        names = [element("li", f"{each.story_id} {each.title}") for each in before]
        text = f"done before: {counted(len(before), 'story')}"
        fold = element("div", element("ul", *names), class_="in")
        yield element("details", element("summary", text), fold)


def _foot(report: Report) -> Iterable[Element]:
    texts = [*report.gaps]
    by_agent = agent_lines(report.costs)
    texts += by_agent if len(by_agent) > 1 else []
    for parked in report.parked:
        times = counted(parked.times, "time")
        texts.append(f"{parked.agent}: not started for {spoken(parked.parked_s)} ({times})")
    texts.append("made by `prd-supervise report --html`; one file, no script, no network")
    yield element("footer", *(phrase("p", text) for text in texts))
