"""One run of an agent, from what has to stand before it to what is left after it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct

from ...policies.costs.price import priced
from ...policies.outcomes.claims import MARK, no_change_claim
from ...policies.outcomes.outcome import Outcome, OutcomeKind
from ...policies.values import replace
from ..agents.base import AgentRun
from ..agents.registry import adapter_for
from ..agents.start import prepare
from ..jobs.environment import agent_environment, story_variables
from ..jobs.running import Command, Running, Surroundings
from ..jobs.signs_of_life import fingerprint, last_lines
from ..messages.agents import AgentSpec, Home
from ..messages.rules import SecretSources
from ..messages.story import AgentEnded, AgentNews, Assign, RunAgent
from ..secrecy.hiding import Hiding
from .hearing import Hearing
from .homes import OwnHome
from .news import Bulletin
from .runaway import Tally
from .temporary import QUICK_S, REMOVAL_S_MAX, make_temporary, remove_tree, sweep_temporary

PROMPT_NAME = "prompt.md"
REVIEW_PROMPT_NAME = "review.md"


class Bench(Struct, frozen=True, kw_only=True):
    """What every run of a worker has to do with."""

    assign: Assign
    around: Surroundings
    hiding: Hiding
    lock: int  # the story's
    environ: Mapping[str, str]
    tell: Callable[[AgentNews], None]
    will_stand_still: Callable[[float], None]


class AgentAtWork:
    """An agent that runs. `on_end` is called once, when all of it is gone."""

    def __init__(self, order: RunAgent, bench: Bench, on_end: Callable[[AgentEnded], None]) -> None:
        self._order = order
        self._bench = bench
        self._on_end = on_end
        spec = order.agent
        self._adapter = adapter_for(spec.adapter)
        self._home = self._own_home(spec)
        bench.hiding.also(self._secrets())
        bench.hiding.look(Path(bench.assign.worktree))
        assign = bench.assign
        sweep_temporary(assign.marker, assign.prd_id, assign.story_id)
        self._temporary = make_temporary(assign.marker, assign.prd_id, assign.story_id)
        try:
            self.running = self._start(spec)
        except BaseException:
            remove_tree(self._temporary)
            raise

    def _start(self, spec: AgentSpec) -> Running:
        order, assign = self._order, self._bench.assign
        folder = Path(assign.attempt_dir)
        prompt = folder / (REVIEW_PROMPT_NAME if order.is_review else PROMPT_NAME)
        write_private(prompt, self._bench.hiding.text(order.prompt))
        if self._home is not None:
            self._home.lay()
        run = AgentRun(
            worktree=assign.worktree,
            attempt_dir=str(folder),
            prompt_file=str(prompt),
            home="" if self._home is None else str(self._home.path),
            session=order.session if spec.resumes else "",
            is_review=order.is_review,
            may_run=order.may_run,
        )
        self._hearing = self._hear(spec, run)
        argv = prepare(self._adapter, spec, run)
        self._refuse_secrets(argv)
        self._log = folder / ("review.log" if order.is_review else "agent.log")
        command = Command(
            argv=argv,
            cwd=Path(assign.worktree),
            env=self._environment(spec, run),
            log=self._log,
            stdin=prompt if self._adapter.TRAITS.takes_stdin else None,
            keep_fds=(self._bench.lock,),
            timeout_s=spec.timeout_s,
            idle_timeout_s=spec.idle_timeout_s,
            processes_max=spec.processes_max,
            ear=self._hearing,
        )
        return Running(command, self._bench.around, self._ended)

    def _refuse_secrets(self, argv: tuple[str, ...]) -> None:
        """Every user of the machine can read a command line."""
        line = "\0".join(argv).encode("utf-8", "surrogateescape")
        leaks = self._bench.hiding.without_leaks(line, lambda _value: False)
        if leaks is not None:
            names = ", ".join(leaks[1])
            raise ValueError(
                f"its command line would show the value of {names}; let it read that by itself"
            )

    def _hear(self, spec: AgentSpec, run: AgentRun) -> Hearing:
        bench = self._bench
        worktree = Path(run.worktree)
        return Hearing(
            self._adapter.listener(spec, run),
            Tally(spec.bounds, lambda: fingerprint(worktree), is_resumed=bool(run.session)),
            Bulletin(bench.assign.attempt, self._tell, bench.around.loop.now_s),
            agent=spec.name,
            hears_pieces=not self._adapter.TRAITS.is_structured,
            price=lambda usage: priced(usage, spec.prices, spec.model),
        )

    def _tell(self, news: AgentNews) -> None:
        self._bench.tell(replace(news, activity=self._bench.hiding.text(news.activity)))
        if self._home is not None:
            self._home.give_back()

    # --- what is its own ------------------------------------------------------------------------

    def _own_home(self, spec: AgentSpec) -> OwnHome | None:
        traits = self._adapter.TRAITS
        if (spec.home or traits.home) is not Home.OWN:
            return None
        home = self._order.home or str(Path(self._bench.assign.attempt_dir, "home"))
        return OwnHome(Path(home), self._bench.environ, (*traits.links, *spec.links))

    def _secrets(self) -> SecretSources:
        logins = self._home.login_files() if self._home is not None else ()
        return SecretSources(env=self._adapter.TRAITS.secret_env, logins=logins)

    def _environment(self, spec: AgentSpec, run: AgentRun) -> dict[str, str]:
        traits, temporary = self._adapter.TRAITS, str(self._temporary)
        own = {} if self._home is None else self._home.variables(temporary)
        assigned = {
            **own,
            "TMPDIR": temporary,
            **self._adapter.env(spec, run),
            **story_variables(self._bench.assign, run.prompt_file),
        }
        names = (*spec.env, *traits.env, *traits.secret_env)
        return agent_environment(self._bench.environ, extra_names=names, assigned=assigned)

    def leave(self) -> None:
        """The worker ends now, and the agent has with it."""
        if self._home is not None:
            self._home.give_back()
        remove_tree(self._temporary, within_s=QUICK_S)

    # --- its end --------------------------------------------------------------------------------

    def _ended(self, outcome: Outcome) -> None:
        bench = self._bench
        if self._home is not None:
            self._home.give_back()
            bench.hiding.look()  # a login that was renewed has new values
        bench.will_stand_still(REMOVAL_S_MAX)
        remove_tree(self._temporary)
        self._on_end(
            AgentEnded(
                attempt=bench.assign.attempt,
                outcome=replace(outcome, detail=bench.hiding.text(outcome.detail)),
                answer=bench.hiding.text(self._answer()),
                printed=bench.hiding.text(self._printed(outcome)),
            )
        )

    def _answer(self) -> str:
        """A reviewer's whole answer; of anybody else's only the line that may claim something."""
        verdict = self._hearing.verdict
        answer = "" if verdict is None else verdict.answer
        if self._order.is_review:
            return answer
        claim = no_change_claim(answer or self._last_lines())
        return f"{MARK} {claim}" if claim else ""

    def _printed(self, outcome: Outcome) -> str:
        return "" if outcome.kind is OutcomeKind.NORMAL else self._last_lines()

    def _last_lines(self) -> str:
        """The end of its log, where that is what it said, and not its events."""
        return "" if self._adapter.TRAITS.is_structured else last_lines(self._log)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
