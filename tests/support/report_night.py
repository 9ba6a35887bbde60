"""Reports of nights that nobody had to wait for: good ones, bad ones, large ones, hostile ones."""

from __future__ import annotations

from collections.abc import Sequence

from prd_supervise.policies.costs.budget import Spent
from prd_supervise.policies.outcomes.failure import Failure
from prd_supervise.policies.outcomes.outcome import CommandRun, VerifyRun
from prd_supervise.policies.outcomes.review import Verdict
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.prd.agents.review_records import Review
from prd_supervise.supervisor.shell.status.document import AgentStatus
from prd_supervise.supervisor.shell.storage.results import Runs
from prd_supervise.supervisor.ui.report.attempts import Attempt, End, Piece, Work
from prd_supervise.supervisor.ui.report.costs import Costs, costs_added
from prd_supervise.supervisor.ui.report.figures import Figures, added, in_all
from prd_supervise.supervisor.ui.report.files import Files
from prd_supervise.supervisor.ui.report.reading import PrdPart, Report, StoryLine
from prd_supervise.workers.messages.agents import Choice

BEGAN = 1_795_212_600.0  # 2026-11-20, 22:10 UTC
HOSTILE = (
    "<script>alert('x')</script>",
    "]]> --><img src=x onerror=alert(1)> &amp; \"quoted\" 'so'",
    "\x1b[2J\x1b]0;title\x07 \u202e evil \ud800 \x00",
    "# [link](javascript:alert(1)) @everyone #1 | cell `tick` ``` www.evil.example",
    "日本語 e\u0301tage 👩\u200d👩\u200d👧 " + "a" * 300,
    "</style></title></svg></details><iframe src=//evil.example>",
)


def run(*commands: str, exit_code: int = 0) -> VerifyRun:
    """Verify commands, of which the last one ended so."""
    ended = [0] * (len(commands) - 1) + [exit_code]
    return VerifyRun(
        commit="5f067e5223aa",
        commands=tuple(
            CommandRun(command=command, exit_code=code, duration_s=41.5)
            for command, code in zip(commands, ended, strict=True)
        ),
    )


def attempt(number: int, place: int, began: float, took_s: float, end: End) -> Attempt:
    """One attempt whose agent works for most of it."""
    agent = Piece(work=Work.AGENT, began=began + 20, ended=began + took_s * 0.7)
    verify = Piece(work=Work.VERIFY, began=began + took_s * 0.75, ended=began + took_s * 0.9)
    return Attempt(
        number=number,
        place=place,
        began=began,
        ended=began + took_s,
        end=end,
        agent="claude",
        model="opus",
        reason="" if end in {End.MERGED, End.OPEN} else "`make test` exited with 2",
        type="" if end is End.MERGED else "verify_failed",
        pieces=(agent, verify),
    )


def line(story_id: str, title: str, attempts: Sequence[Attempt], state: str) -> StoryLine:
    """A story with these attempts."""
    took_s = sum(each.ended - each.began for each in attempts)
    is_done = state.startswith("done")
    cost = Spent(usd=0.42 * len(attempts), tokens=120_000 * len(attempts))
    lost = sum(each.end is End.LOST for each in attempts)
    return StoryLine(
        story_id=story_id,
        title=title,
        state=state,
        figures=Figures(
            wall_s=took_s,
            agent_s=took_s * 0.7,
            verify_s=took_s * 0.15,
            waiting_s=took_s * 0.15,
            sequential_s=took_s * 0.85,
            attempts=len(attempts),
            lost=lost,
            resolved=int(is_done and len(attempts) > 1),
        ),
        costs=Costs(spent=cost, by={Choice(agent="claude", model="opus"): cost}),
        agent="claude",
        model="opus",
        commit="5f067e5223aa" if is_done else "",
        evidence="verified on the merged tree by `make test`, red before" if is_done else "",
        runs=Runs(
            base=run("make test", exit_code=2),
            story=run("make lint", "make test", exit_code=0 if is_done else 2),
            merged=run("make lint", "make test") if is_done else None,
        ),
        files=Files(
            created=(f"src/{story_id}.py", f"tests/test_{story_id}.py"),
            modified=("src/app.py",),
            more=3,
        ),
        attempts=tuple(attempts),
    )


def failed(story: StoryLine, message: str = "given up after 3 failed attempts") -> StoryLine:
    """The same, given up."""
    failure = Failure(
        type="verify_failed",
        message=message,
        context="FAILED tests/test_cart.py::test_total - assert 3 == 4\n1 failed, 27 passed",
        recovery_hints=(
            "if the command is red without this story's work, mend it in the PRD's branch first",
            f"`prd-supervise logs ALPHA/{story.story_id}` shows what was printed",
            f"it is given up: after mending, `prd-supervise retry ALPHA/{story.story_id}`",
        ),
    )
    return replace(story, state="failed", commit="", evidence="", failure=failure)


def part(prd_id: str, title: str, stories: Sequence[StoryLine], state: str) -> PrdPart:
    """A PRD with these stories."""
    ends = [each.ended for story in stories for each in story.attempts]
    begins = [each.began for story in stories for each in story.attempts]
    span = (min(begins, default=BEGAN), max(ends, default=BEGAN))
    return PrdPart(
        prd_id=prd_id,
        title=title,
        state=state,
        branch=f"feature/{prd_id}",
        base="811037fcdb00",
        landed="",
        figures=replace(added(each.figures for each in stories), wall_s=span[1] - span[0]),
        spans=(span,),
        stories=tuple(stories),
        costs=costs_added(each.costs for each in stories),
    )


def report(*parts: PrdPart, agents: tuple[AgentStatus, ...] = ()) -> Report:
    """All of them."""
    return Report(
        prds=parts,
        figures=in_all((each.figures, each.spans) for each in parts),
        costs=costs_added(each.costs for each in parts),
        at=max((end for each in parts for _, end in each.spans), default=BEGAN),
        agents=agents,
    )


def night() -> Report:
    """Two PRDs: one is complete, of the other one story failed, one asks, and one was tampered."""
    hour = 3600.0
    shop = [
        line("US-001", "Prices are shown", [attempt(1, 1, BEGAN, hour, End.MERGED)], "done"),
        line(
            "US-002",
            "A cart that keeps what is in it",
            [
                attempt(1, 2, BEGAN + 60, 0.4 * hour, End.LOST),
                attempt(2, 2, BEGAN + 0.5 * hour, 0.9 * hour, End.MERGED),
            ],
            "done",
        ),
        line("US-003", "Music", [attempt(1, 1, BEGAN + hour, 1.4 * hour, End.MERGED)], "done"),
    ]
    late = BEGAN + 1.2 * hour
    tries = [
        attempt(n, 1, late + n * 0.8 * hour, 0.7 * hour, End.LOST if n != 2 else End.AGAIN)
        for n in (1, 2, 3, 4)
    ]
    asks = line("PAY-3", "Invoices", [attempt(1, 2, late, hour, End.OPEN)], "waiting for approval")
    pay = [
        failed(line("PAY-1", "Cards are charged once", tries, "failed")),
        replace(line("PAY-2", "Receipts", [], "skipped"), failure=_needs("PAY-1")),
        replace(asks, awaits="merge"),
        replace(
            line("PAY-4", "Refunds", [attempt(1, 2, late + hour, hour, End.MERGED)], "done"),
            tampering=("the verify commands of PAY-4 were changed in prd.json: put back",),
            review=Review(verdict=Verdict.ACCEPTED, agent="codex", text="Looks right.\nTested."),
        ),
    ]
    parked = AgentStatus(
        agent="claude",
        account="claude",
        state="parked",
        why="its account's limit is used up",
        until=BEGAN + 9 * hour,
    )
    return report(
        part("shop", "A shop for books", shop, "completed"),
        part("pay", "Payment", pay, "failed"),
        agents=(parked,),
    )


def _needs(cause: str) -> Failure:
    return Failure(
        type="needs_failed",
        message=f"needs {cause}, which failed",
        recovery_hints=(f"mend and retry ALPHA/{cause}: this one is retried with it",),
    )


def hostile() -> Report:
    """Every text of it comes from somebody who means harm."""
    stories = [
        replace(
            failed(
                line(f"US-{at}", text, [attempt(1, 1, BEGAN + 100 * at, 90, End.LOST)], "failed"),
                message=text,
            ),
            tampering=(text,),
            files=Files(created=(text,), modified=(text,), deleted=(text,)),
            runs=Runs(story=run(text, exit_code=1)),
            review=Review(verdict=Verdict.REFUSED, agent="codex", text=text),
            agent=text,
        )
        for at, text in enumerate(HOSTILE)
    ]
    return report(part("EVIL", HOSTILE[0], stories, "failed"))


def large(prds: int = 50, stories: int = 40) -> Report:
    """As many PRDs with as many stories each, with long reasons and many files."""
    parts = []
    for number in range(prds):
        lines = []
        for at in range(stories):
            began = BEGAN + 600.0 * (at // 3)
            tries = [
                attempt(1, 1 + at % 3, began, 280.0, End.LOST),
                attempt(2, 1 + at % 3, began + 300.0, 290.0, End.MERGED),
            ]
            each = line(f"US-{at:03}", f"Story {at} of PRD {number}", tries, "done")
            files = tuple(f"src/module_{at}/file_{n}.py" for n in range(100))
            each = replace(each, files=Files(created=files, more=900))
            lines.append(failed(each, "x" * 20_000) if at % 10 == 9 else each)
        parts.append(part(f"PRD-{number:03}", f"PRD number {number}", lines, "failed"))
    return report(*parts)
