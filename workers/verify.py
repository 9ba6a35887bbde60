"""The verify commands, one after the other, until one fails."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

from ..policies.outcome import CommandRun, Outcome, OutcomeKind, VerifyRun
from .jobs.output import open_log
from .jobs.running import Command, Running, Surroundings
from .messages.story import RunVerify

TAIL_BYTES = 4000
NOT_STARTED = 127  # as a shell says it


class Verification:
    """One run of the verify commands over one commit; `on_end` gets what came out."""

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
        self._done: list[CommandRun] = []
        self._output_from = 0
        self.running: Running | None = None

    def start(self) -> None:
        """Run the next command, or report."""
        if len(self._done) == len(self._order.commands):
            self._report(interrupted=False)
            return
        command = self._order.commands[len(self._done)]
        self._note(f"== {self._order.stage} {self._order.commit[:12]}: {command}\n")
        self._output_from = self._log.stat().st_size
        try:
            self.running = self._run(command)
        except OSError as error:
            self._note(f"cannot be started: {error}\n")
            self._done.append(CommandRun(command=command, exit_code=NOT_STARTED, duration_s=0.0))
            self._report(interrupted=False)

    def _run(self, command: str) -> Running:
        return Running(
            Command(
                argv=("/bin/sh", "-c", command),
                cwd=Path(self._order.cwd),
                env=self._env,
                log=self._log,
                stdin=None,
                keep_fds=self._keep_fds,
                timeout_s=self._order.timeout_s,
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
        run = CommandRun(
            command=self._order.commands[len(self._done)],
            exit_code=None if timed_out else _code_of(outcome),
            duration_s=round(outcome.duration_s, 3),
        )
        self._done.append(run)
        if outcome.kind is OutcomeKind.INTERRUPTED:
            self._report(interrupted=True)
        elif run.exit_code == 0:
            self.start()
        else:
            self._report(interrupted=False)

    def _report(self, *, interrupted: bool) -> None:
        run = VerifyRun(
            commit=self._order.commit, commands=tuple(self._done), interrupted=interrupted
        )
        self._on_end(run, "" if run.is_green else self._tail())

    def _tail(self) -> str:
        with self._log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            begin = self._output_from if self._output_from < size else 0  # else the log was cut
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
