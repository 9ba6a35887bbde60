"""How a message becomes a program that delivers it, and what the program's end means."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from ...policies.notices import Notice
from ..messages.notices import COMMAND, NotifierBegin
from ..secrecy.urls import without_credentials
from .bounds import COMMAND_S, TOTAL_S
from .errand import Done, Program
from .placeholders import VARIABLE, filled, variables_in

VERSION = 1
WORDS_CHARS_MAX = 200


class MissingVariableError(Exception):
    """A header names a variable that is not set."""


def program_of(way: str, notice: Notice, begin: NotifierBegin, env: Mapping[str, str]) -> Program:
    """What delivers it; MissingVariableError where a header cannot be made."""
    cwd = Path(begin.repository)
    if way == COMMAND:
        argv = filled(begin.rules.command, notice)
        return Program(argv=argv, cwd=cwd, env=env, timeout_s=COMMAND_S)
    told = {
        "url": begin.rules.webhook,
        "headers": _headers(begin, notice, env),
        "body": json.dumps(body_of(notice, begin.repository), ensure_ascii=False),
    }
    argv = (sys.executable, "-P", "-m", f"{__package__}.post")
    text = json.dumps(told).encode()
    return Program(argv=argv, cwd=cwd, env=env, timeout_s=TOTAL_S, told=text)


def body_of(notice: Notice, repository: str) -> dict[str, object]:
    """What is posted: docs/schema/notification.schema.json. Chats read `text`, or `content`."""
    text = "\n".join(part for part in (notice.title, notice.body) if part)
    return {
        "version": VERSION,
        "event": notice.event,
        "title": notice.title,
        "body": notice.body,
        "prd": notice.prd or None,
        "story": notice.story or None,
        "count": notice.count,
        "at": datetime.fromtimestamp(notice.at, UTC).isoformat(timespec="seconds"),
        "repository": repository,
        "text": text,
        "content": text,
    }


def problem_of(way: str, done: Done, begin: NotifierBegin) -> str:
    """Why the message has not arrived, in a line; empty if it has."""
    name = os.path.basename(begin.rules.command[0]) if way == COMMAND else WEBHOOK_NAME  # noqa: PTH119  a word
    said = " ".join(without_credentials(done.printed).split())[-WORDS_CHARS_MAX:]
    if done.is_late:
        return f"{name}: not over after {COMMAND_S if way == COMMAND else TOTAL_S:g} s: ended"
    if done.code == 0:
        return ""
    if way != COMMAND and said:
        return f"{name}: {said}"
    how = f"exit {done.code}" if done.code > 0 else f"signal {-done.code}"
    return f"{name}: {how}" + (f": {said}" if said else "")


WEBHOOK_NAME = "webhook"


def _headers(begin: NotifierBegin, notice: Notice, env: Mapping[str, str]) -> dict[str, str]:
    headers = begin.rules.headers
    missing = [name for name in variables_in(headers) if not env.get(name)]
    if missing:
        raise MissingVariableError(f"webhook: the variable {missing[0]} is not set where root runs")
    made = {name: VARIABLE.sub(lambda found: env[found[1]].strip(), text) for name, text in headers}
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "prd-supervise",
        "X-Prd-Supervise-Event": notice.event,
        **made,
    }
