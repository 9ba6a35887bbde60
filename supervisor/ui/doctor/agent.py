"""`doctor --agent NAME`: one harmless round trip of an agent, and what there is to mend."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from ....policies.costs.budget import dollars_text, tokens_text
from ....policies.outcomes.outcome import Outcome, OutcomeKind
from ....policies.usage import Usage
from ....workers.agents.base import Traits, UnknownAgentError
from ....workers.agents.registry import adapter_for, agent_names
from ....workers.attempt.homes import OwnHome
from ....workers.attempt.trial import TRIAL_S_MAX, WORD, Tried, try_agent
from ....workers.messages.agents import AgentRules, AgentSpec, Home
from ...prd.defect import advice as nearest_advice
from ...shell.repository.checkout import RepositoryError, find_checkout
from ..errors import UsageError
from ..settings.config import load_settings
from ..settings.tree import root_settings
from ..words.times import duration, moment
from .agent_hints import how_to_install, how_to_log_in, without_sandbox
from .words import Level, Line, fail, ok, warn

_SCRIPTED = "replay"


def look_at_agent(folder: Path, name: str) -> tuple[Line, ...]:
    """Everything that is to be said of this agent; it is run, with a prompt that wants nothing."""
    rules = _rules(folder)
    if isinstance(rules, Line):
        return (rules,)
    known = sorted({*(spec.name for spec in rules.specs), *agent_names()})
    if name not in known:
        raise UsageError(f"--agent: {name!r} is no agent; {nearest_advice(name, known)}")
    spec = rules.spec(name)
    if spec.adapter == _SCRIPTED:
        return (ok("agent", "replay plays scripts of PRDs: there is nobody to be reached"),)
    try:
        traits = adapter_for(spec.adapter).TRAITS
    except UnknownAgentError as error:
        found, _, mend = str(error).partition("; ")
        return (fail("agent", found, mend),)
    before = (_program(spec, traits, os.environ), *login_lines(spec, traits, os.environ))
    if before[0].level is Level.FAIL:
        return before
    bare = without_sandbox(spec, traits)
    before = before if bare is None else (*before, bare)
    tried = try_agent(spec, os.environ)
    version = (ok("version", tried.version),) if tried.version else ()
    return (*before, *version, *_of_trial(tried, spec))


def _rules(folder: Path) -> AgentRules | Line:
    try:
        top = find_checkout(folder).top
    except RepositoryError:
        top = folder  # an agent can be tried before there is anything to be done
    settings, defects = load_settings(top, environ=os.environ, overrides={})
    if settings is None:
        return fail("configuration", str(defects[0].relative_to(top)), "`prd-supervise check`")
    return root_settings(settings, top).agents


def _program(spec: AgentSpec, traits: Traits, environ: Mapping[str, str]) -> Line:
    program = spec.command[0] if spec.command else traits.program
    if not program:
        advice = 'write command = ["./agent.sh"] under [agent]'
        return fail("agent", f"{spec.name} has no command", advice)
    place = shutil.which(program, path=environ.get("PATH"))
    if place is None:
        advice = how_to_install(spec.adapter, program, spec.name)
        return fail("agent", f"{spec.name}: there is no program {program}", advice)
    return ok("agent", f"{spec.name}: {place}")


def login_lines(spec: AgentSpec, traits: Traits, environ: Mapping[str, str]) -> Iterator[Line]:
    """Names of what it logs in by; values are nobody's business."""
    if not traits.program:
        return
    keys = [name for name in dict.fromkeys((*traits.secret_env, *spec.env)) if environ.get(name)]
    home = OwnHome(Path("/"), environ, (*traits.links, *spec.links))
    found = [*home.login_files(), *keys]
    own = (spec.home or traits.home) is Home.OWN
    where = "its own, with links" if own else "yours"
    if found:
        yield ok("login", f"{', '.join(found)}; its HOME is {where}")
    else:
        yield warn(
            "login", "neither a login nor a key of it was found", how_to_log_in(spec.adapter)
        )


def _of_trial(tried: Tried, spec: AgentSpec) -> Iterator[Line]:
    outcome = tried.outcome
    if outcome.kind is OutcomeKind.NORMAL:
        yield _answered(tried)
    else:
        yield fail("answer", _said(outcome), _advice(outcome, spec))
    told = _used(outcome.usage)
    if told:
        yield ok("used", told)
    if tried.changed:
        files = ", ".join(tried.changed)
        mend = "it was told to change nothing: look at its settings, or leave yolo out"
        yield warn("changes", f"it changed {files}", mend)
    if outcome.leftovers:
        mend = "they are ended after each run, in a night as well"
        yield warn("processes", f"it left {outcome.leftovers} running", mend)


def _answered(tried: Tried) -> Line:
    took = f"in {duration(tried.outcome.duration_s)}"
    answer = " ".join((tried.answer or tried.said).split())[:80]
    if WORD.casefold() in (tried.answer or tried.said).casefold():
        return ok("answer", f"{WORD}, {took}")
    said = f"{answer!r}, {took}" if answer else f"nothing, with exit code 0, {took}"
    return warn("answer", said, f"it was to say {WORD}: see that the prompt reaches it")


def _said(outcome: Outcome) -> str:
    kind = outcome.kind.value.replace("_", " ")
    return f"{kind}: {outcome.detail}" if outcome.detail else kind


def _used(usage: Usage) -> str:
    model = f"{usage.model}: " if usage.model else ""
    tokens = tokens_text(usage.tokens) if usage.tokens else ""
    cost = dollars_text(usage.cost_usd) if usage.cost_usd else ""
    told = ", ".join(each for each in (tokens, cost) if each)
    return f"{model}{told}" if told else usage.model


def _advice(outcome: Outcome, spec: AgentSpec) -> str:
    if outcome.kind is OutcomeKind.AUTH:
        return how_to_log_in(spec.adapter)
    if outcome.kind is OutcomeKind.RATE_LIMITED:
        return _lifted(outcome.until_s)
    told = _ADVICE.get(outcome.kind, "docs/agents.md says how its ends are judged")
    return told.format(name=spec.name)


_BY_HAND = f"run it by hand: without a person it did not end within {TRIAL_S_MAX:.0f} s"
_ADVICE = {
    OutcomeKind.BILLING: "mend the credit or the spending limit of its account",
    OutcomeKind.INTERRUPTED: "",
    OutcomeKind.MISSING: "write where it is: command = [...] under [agents.{name}]",
    OutcomeKind.PERMANENT: "is it the model? model = ... under [agents.{name}]",
    OutcomeKind.STALLED: _BY_HAND,
    OutcomeKind.TIMED_OUT: _BY_HAND,
    OutcomeKind.TRANSIENT: "try again later; is there a network, and a proxy to be named in"
    " [agent] env?",
}


def _lifted(until_s: float | None) -> str:
    if until_s is None:
        return "it does not say until when; a night tries again after growing pauses"
    return f"its limit is lifted at {moment(until_s, time.time())}; a night waits for that"
