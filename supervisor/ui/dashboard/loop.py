"""The dashboard's loop: keyboard, root, clock and signals come in, the screen follows."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from enum import Enum

from ....workers.process.eventloop import EventLoop, Timer
from ...shell.storage.layout import Layout
from ..looking import Look
from .keyboard import Control, Keyboard, Pasted, Stroke
from .terminal import FullScreen
from .viewing import Stop, Viewing

LOOK_EVERY_S = 1.0
DRAW_EVERY_S = 0.04  # at most, whatever happens; what is typed is shown at once
_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_OURS = (*_ENDING, signal.SIGINT, signal.SIGWINCH, signal.SIGTSTP, signal.SIGCONT, signal.SIGCHLD)


class Left(Enum):
    """Why the dashboard ended."""

    QUIT = "quit"
    OVER = "over"  # what it was to show has ended
    GONE = "gone"  # the terminal, or somebody has ended us


class Dashboard:
    """One terminal that looks at one tree, until it is left or `is_over`."""

    def __init__(
        self,
        layout: Layout,
        terminal: FullScreen,
        *,
        is_over: Callable[[Look | None], bool] = lambda _: False,
        stop: Stop | None = None,
    ) -> None:
        self._loop = EventLoop()
        self._terminal = terminal
        self._is_over = is_over
        self._viewing = Viewing(self._loop, layout, self._draw_soon, stop=stop)
        self._keyboard = Keyboard()
        self._draw_timer: Timer | None = None
        self._give_up_timer: Timer | None = None
        self._drawn_s = 0.0
        self._left: Left | None = None

    def run(self) -> Left:
        """Show it until it is left; the terminal is given back in any case."""
        handlers = {number: signal.getsignal(number) for number in _OURS}
        try:
            self._listen()
            self._terminal.enter()
            self._tick()
            while self._left is None:
                self._loop.run_once()
            return self._left
        finally:
            self._terminal.close()
            self._viewing.close()
            self._loop.close()
            for number, handler in handlers.items():
                signal.signal(number, handler)

    def _listen(self) -> None:
        self._loop.on_signals(
            {
                **dict.fromkeys(_ENDING, lambda: self._leave(Left.GONE)),
                signal.SIGINT: self._on_interrupt,
                signal.SIGWINCH: self._repaint,
                signal.SIGTSTP: self._suspend,
                signal.SIGCONT: self._take_again,
                signal.SIGCHLD: self._look_whether_over,
            }
        )
        self._loop.watch(self._terminal.input, self._on_input)
        self._loop.watch(self._viewing.fileno, self._viewing.look)

    def _leave(self, why: Left) -> None:
        self._left = self._left or why

    def _tick(self) -> None:
        self._loop.call_at(self._loop.now_s() + LOOK_EVERY_S, self._tick)
        self._viewing.look_around()
        self._look_whether_over()

    def _look_whether_over(self) -> None:
        if self._is_over(self._viewing.seen_last):
            self._leave(Left.OVER)

    # --- what is typed ----------------------------------------------------------------------------

    def _on_input(self) -> None:
        data = self._terminal.read()
        if data is None:
            self._leave(Left.GONE)
            return
        self._on_strokes(self._keyboard.take(data))
        self._wait_for_more()

    def _wait_for_more(self) -> None:
        if self._give_up_timer is not None:
            self._give_up_timer.cancel()
            self._give_up_timer = None
        wait_s = self._keyboard.undecided_s
        if wait_s is not None:
            at_s = self._loop.now_s() + wait_s
            self._give_up_timer = self._loop.call_at(
                at_s, lambda: self._on_strokes(self._keyboard.give_up())
            )

    def _on_strokes(self, strokes: list[Stroke]) -> None:
        for stroke in strokes:
            match stroke:
                case Control(letter="L"):
                    self._terminal.forget()
                case Control():
                    pass
                case Pasted(text=text):
                    self._viewing.paste(text, self._terminal.size)
                case _:
                    self._viewing.press(stroke, self._terminal.size)
        self._after_viewer(has_done=bool(strokes))

    def _on_interrupt(self) -> None:
        self._viewing.interrupt()
        self._after_viewer(has_done=True)

    def _after_viewer(self, *, has_done: bool) -> None:
        if self._viewing.wants_to_quit:
            self._leave(Left.QUIT)
        elif has_done:
            self._draw()

    # --- what is shown ----------------------------------------------------------------------------

    def _draw_soon(self) -> None:
        if self._draw_timer is None:
            at_s = max(self._loop.now_s(), self._drawn_s + DRAW_EVERY_S)
            self._draw_timer = self._loop.call_at(at_s, self._draw)

    def _draw(self) -> None:
        if self._draw_timer is not None:
            self._draw_timer.cancel()
            self._draw_timer = None
        self._drawn_s = self._loop.now_s()
        terminal = self._terminal
        if not terminal.is_behind:  # else a later picture is shown instead of this one
            terminal.draw(self._viewing.picture(terminal.size, terminal.style))
        self._follow_terminal()

    def _follow_terminal(self) -> None:
        if self._terminal.is_behind:
            self._loop.watch(self._terminal.output, _nothing, self._on_writable)
        else:
            self._loop.unwatch(self._terminal.output)

    def _on_writable(self) -> None:
        self._terminal.go_on()
        self._follow_terminal()
        if not self._terminal.is_behind:
            self._draw_soon()

    def _repaint(self) -> None:
        self._terminal.forget()
        self._draw()

    # --- somebody else has the terminal for a while -----------------------------------------------

    def _suspend(self) -> None:
        """Stop as ^Z asks for, with the terminal as the shell wants it."""
        self._terminal.leave()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        self._loop.on_signals({signal.SIGTSTP: self._suspend})
        self._take_again()

    def _take_again(self) -> None:
        self._terminal.enter()
        self._draw_soon()


def _nothing() -> None:
    """Do nothing: a terminal is read as the keyboard."""
