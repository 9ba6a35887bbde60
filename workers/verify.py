"""The verify commands, one after the other, until one fails."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

from ..policies.outcomes.outcome import CommandRun, Outcome, OutcomeKind, VerifyRun
from .jobs.output import open_log
from .jobs.running import Command, Running, Surroundings
from .messages.story import RunVerify

TAIL_BYTES = 4000
NOT_STARTED = 127  # as a shell says it
_OF_ONE_STORY = ("STORY_ID", "STORY_TITLE", "ATTEMPT", "PROMPT_FILE", "BASE")


def environment_of(order: RunVerify, env: Mapping[str, str]) -> dict[str, str]:
    """The commands' environment, from the one that the story of this worker has."""
    told = {**env, "PRD_SUPERVISE_WORKTREE": order.cwd}
    if order.stories:
        for name in _OF_ONE_STORY:
            told.pop(f"PRD_SUPERVISE_{name}", None)
        told["PRD_SUPERVISE_STORIES"] = " ".join(order.stories)
    return told


class Verification:
    """One run of the verify commands over one commit; `on_end` gets what came out.

    What the worktree needs first goes first; a setup that fails is told as the command that failed.
    """

    def __init__(
        self,
        order: RunVerify,
        around: Surroundings,
        *,
        env: Mapping[str, str],
        log: Path,
        keep_fds: tuple[int, ...],
        on_end: Callable[[VerifyRun, str], None],
    ) -> None:
        self._order = order
        self._around = around
        self._env = env
        self._log = log
        self._keep_fds = keep_fds
        self._on_end = on_end
        self._setups = order.setup.commands if order.setup is not None else ()
        self._set_up = 0  # how many of them have passed
        self._setup_s = 0.0
        self._done: list[CommandRun] = []
        self._output_from = 0
        self.running: Running | None = None

    def start(self) -> None:
        """Run the next command, or report."""
        if not self._is_in_setup and len(self._done) == len(self._order.commands):
            self._report(interrupted=False)
            return
        self._note(f"== {self._order.stage} {self._order.commit[:12]}: {self._name}\n")
        self._output_from = self._log.stat().st_size
        try:
            self.running = self._run()
        except OSError as error:
            self._note(f"cannot be started: {error}\n")
            self._done.append(self._came_to(NOT_STARTED, 0.0))
            self._report(interrupted=False)

    @property
    def _is_in_setup(self) -> bool:
        return self._set_up < len(self._setups)

    @property
    def _command(self) -> str:
        """The next one, or the one at work."""
        if self._is_in_setup:
            return self._setups[self._set_up]
        return self._order.commands[len(self._done)]

    @property
    def _name(self) -> str:
        return f"setup: {self._command}" if self._is_in_setup else self._command

    def _run(self) -> Running:
        setup = self._order.setup if self._is_in_setup else None
        return Running(
            Command(
                argv=("/bin/sh", "-c", self._command),
                cwd=Path(self._order.cwd),
                env=self._env,
                log=self._log,
                stdin=None,
                keep_fds=self._keep_fds,
                timeout_s=self._order.timeout_s if setup is None else setup.timeout_s,
            ),
            self._around,
            self._on_command_ended,
        )

    def interrupt(self) -> None:
        """Stop: what is known by now says nothing about the commit."""
        if self.running is not None:
            self.running.kill()

    def end_command(self, detail: str, *, at_once: bool) -> None:
        """End the command at work for a ceiling: it has failed, and this is why."""
        if self.running is not None:
            self._note(f"\nended by prd-supervise: {detail}\n")
            if at_once:
                self.running.kill(OutcomeKind.OVER_LIMIT, detail=detail)
            else:
                self.running.terminate(OutcomeKind.OVER_LIMIT, detail=detail)

    def _on_command_ended(self, outcome: Outcome) -> None:
        self.running = None
        timed_out = outcome.kind is OutcomeKind.TIMED_OUT
        run = self._came_to(None if timed_out else _code_of(outcome), outcome.duration_s)
        if outcome.kind is OutcomeKind.INTERRUPTED:
            self._done.append(run)
            self._report(interrupted=True)
        elif self._is_in_setup and run.exit_code == 0:
            self._set_up += 1
            self._setup_s += run.duration_s
            if not self._is_in_setup:
                self._stamp()
            self.start()
        else:
            self._done.append(run)
            if run.exit_code == 0:
                self.start()
            else:
                self._report(interrupted=False)

    def _came_to(self, exit_code: int | None, duration_s: float) -> CommandRun:
        return CommandRun(command=self._name, exit_code=exit_code, duration_s=round(duration_s, 3))

    def _stamp(self) -> None:
        """Note that the worktree is set up; without the note it will be set up once more."""
        setup = self._order.setup
        if setup is None:
            return
        fresh = Path(f"{setup.stamp}.new")
        try:
            fresh.write_text(f"{setup.fingerprint}\n")
            fresh.replace(setup.stamp)
        except OSError as error:
            self._note(f"cannot be noted: {error}\n")

    def _report(self, *, interrupted: bool) -> None:
        run = VerifyRun(
            commit=self._order.commit,
            commands=tuple(self._done),
            interrupted=interrupted,
            setup_s=round(self._setup_s, 3),
        )
        self._on_end(run, "" if run.is_green else self._tail())

    def _tail(self) -> str:
        with self._log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            begin = self._output_from if self._output_from <= size else 0  # else the log was cut
            file.seek(max(begin, size - TAIL_BYTES))
            return file.read(TAIL_BYTES).decode(errors="replace")

    def _note(self, text: str) -> None:
        redactor = self._around.redactor()
        shown = text if redactor is None else redactor.text(text)
        with os.fdopen(open_log(self._log), "a", encoding="utf-8") as file:
            file.write(shown)


def _code_of(outcome: Outcome) -> int | None:
    """The exit code; a command that a ceiling ended has failed, also where it said 0 at the end."""
    is_over = outcome.kind is OutcomeKind.OVER_LIMIT
    return -signal.SIGTERM if is_over and outcome.exit_code == 0 else outcome.exit_code
