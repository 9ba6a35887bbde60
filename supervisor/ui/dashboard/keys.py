"""What a viewer can press: a character stands for itself, every other key has a name."""

from __future__ import annotations

from enum import StrEnum


class Key(StrEnum):
    """Keys that type no character; each name is longer than one."""

    UP = "up"
    DOWN = "down"
    LEFT = "left"
    RIGHT = "right"
    PAGE_UP = "page up"
    PAGE_DOWN = "page down"
    HOME = "home"
    END = "end"
    ENTER = "enter"
    TAB = "tab"
    BACK_TAB = "back tab"
    ESCAPE = "escape"
    BACKSPACE = "backspace"
    ERASE = "erase"  # the whole line: Ctrl-U


Press = Key | str  # a str is what was typed; pasted text comes a character at a time
