"""The agents that the settings put to work: whether each answers, and has a login or a key."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress

from ....workers.agents.base import Traits, UnknownAgentError
from ....workers.agents.registry import adapter_for
from ....workers.jobs.environment import agent_environment
from ....workers.messages.agents import AgentSpec
from ...shell.lines import readable
from ..settings.agent import COMMAND
from ..settings.config import Settings
from .agent import login_lines
from .around import Here
from .words import Line, fail, ok, warn

AGENTS_MAX = 6
ANSWER_S = 10.0  # for its version, of each
_BYTES_MAX = 4096
_SHOWN = 200  # characters of a line
_ASKED = frozenset(("replay", COMMAND))  # of these there is nothing to be asked


def used_lines(here: Here) -> Iterator[Line]:
    """Version and login of each; whether it works is for `doctor --agent NAME` to find out."""
    for name in _used(here.settings)[:AGENTS_MAX]:
        spec = here.rules.spec(name)
        if spec.adapter in _ASKED:
            continue
        try:
            adapter = adapter_for(spec.adapter)
        except UnknownAgentError:
            continue  # the check of the agent itself says so
        program = spec.command[0] if spec.command else adapter.TRAITS.program
        if not program or shutil.which(program) is None:
            continue  # likewise
        argv = adapter.version_argv(spec)
        if argv:
            yield _version(name, argv, _environment(spec, adapter.TRAITS, os.environ))
        yield from login_lines(spec, adapter.TRAITS, os.environ)


def _used(settings: Settings) -> list[str]:
    agent = settings.agent
    return list(dict.fromkeys(filter(None, (agent.use, *agent.fallback, settings.review.agent))))


def _environment(spec: AgentSpec, traits: Traits, environ: Mapping[str, str]) -> dict[str, str]:
    return agent_environment(environ, extra_names=(*spec.env, *traits.env), assigned={})


def _version(name: str, argv: tuple[str, ...], env: Mapping[str, str]) -> Line:
    """Ask for it, and end whatever that has started."""
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                argv,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            return fail("version", f"{name}: {error.strerror}", "install it anew")
        try:
            code = process.wait(ANSWER_S)
        except subprocess.TimeoutExpired:
            text = f"{name}: `{' '.join(argv)}` did not end within {ANSWER_S:.0f} s"
            return warn(
                "version", text, f"run it by hand, then `prd-supervise doctor --agent {name}`"
            )
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        output.seek(0)
        said = output.read(_BYTES_MAX).decode(errors="replace").strip()
    lines = [readable(each)[:_SHOWN] for each in said.splitlines()]
    if code != 0:
        text = f"{name}: `{' '.join(argv)}` ended with {code}: {lines[-1] if lines else 'no word'}"
        return fail("version", text, f"run it by hand, then `prd-supervise doctor --agent {name}`")
    return ok("version", f"{name}: {lines[0] if lines else 'it tells none'}")
