"""What a model says and does by turns, where its program does not count them."""

from __future__ import annotations

from ..base import Activity

TEXT_CHARS_MAX = 64 << 10


class Speaking:
    """Follows the turns: each begins with the first word or tool after the last tool's answer."""

    def __init__(self) -> None:
        self.text = ""  # the last thing that it said, put together
        self._is_its_turn = False
        self._has_acted = False

    def says(self, piece: str) -> Activity:
        """Take in a piece of a text."""
        if self._has_acted or not self._is_its_turn:
            self.text = ""
            self._has_acted = False
        self.text = (self.text + piece)[:TEXT_CHARS_MAX]
        return Activity(is_turn=self._begins(), text=self.text)

    def acts(self, tool: str) -> Activity:
        """Take in that it uses a tool."""
        self._has_acted = True
        return Activity(what=tool[:80] or "a tool", is_turn=self._begins())

    def hears(self) -> Activity:
        """Take in that a tool has answered."""
        self._is_its_turn = False
        return Activity()

    def _begins(self) -> bool:
        begins, self._is_its_turn = not self._is_its_turn, True
        return begins
