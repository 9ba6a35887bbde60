"""Conversations that a program finds again only from the folder in which they were held.

Gemini and Qwen refuse another folder, opencode waits there for ever. So the name that we keep has
the worktree in it, and from any other worktree the agent begins anew.
"""

from __future__ import annotations

import re
from pathlib import PurePath

from .base import AgentRun

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,127}")


def name_of(session: str, run: AgentRun) -> str:
    """Name a conversation that is held here; empty where its own name is no plain word."""
    return f"{session}@{_place(run)}" if _PLAIN.fullmatch(session) else ""


def session_here(run: AgentRun) -> str:
    """Give the program's own name of the conversation to go on with, if it was held here."""
    session, _, place = run.session.partition("@")
    return session if place == _place(run) and _PLAIN.fullmatch(session) else ""


def _place(run: AgentRun) -> str:
    return PurePath(run.worktree).name
