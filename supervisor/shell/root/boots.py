"""Boots of the machine: root notes the one that it began in, and people are told of a new one."""

from __future__ import annotations

import time
from datetime import datetime

from ....workers.process.boot import booted_at, is_rebooted, read_boot
from ...core.root.records import BootSeen
from ..board import Board
from ..storage.store import Store


def note_boot(store: Store, board: Board) -> str:
    """Record this boot, if it is another one, and say since when; it is durable with what follows.

    Empty where nothing was recorded before, or the system does not tell.
    """
    text, now = reboot_text(board), read_boot()
    if now and now != board.boot:
        record = BootSeen(boot=now)
        store.append(record, at=time.time())
        board.on_record(record, time.time())
    return text


def reboot_text(board: Board) -> str:
    """Say that the machine was restarted since root began last; empty if it was not."""
    if not is_rebooted(board.boot):
        return ""
    began = booted_at()
    if began is None:
        return "the machine was restarted"
    at = datetime.fromtimestamp(began).astimezone()
    return f"the machine was restarted at {at:%Y-%m-%d %H:%M:%S}"
