"""`notify`: what people are notified of, and `notify --test`, one message by each way."""

from __future__ import annotations

import os
import textwrap
import time
from collections.abc import Sequence
from pathlib import Path

from ....policies.notices import EVENTS, Notice
from ....workers.messages.notices import COMMAND, Deliver, Delivered, NotifierBegin, NotifyRules
from ....workers.messages.rules import Rules, sources_of
from ....workers.notify.bounds import TOTAL_S
from ....workers.notify.courier import Courier
from ....workers.process.entry import become
from ....workers.process.eventloop import EventLoop
from ...shell.children.sweep import MARKER
from ...shell.lines import safe
from ..errors import UsageError
from ..invalid_input import raise_if
from ..place import Place, place_of
from ..printer import say
from ..settings.notices import notice_defects, notice_hindrances
from ..settings.tree import root_settings

WIDTH = 78
DEADLINE_S = TOTAL_S + 5.0
_NOT_SET = (
    'nobody is notified: write notify = ["notify-send", "{title}", "{body}"] or webhook = '
    '"https://..." into prd-supervise.toml (docs/notifications.md)'
)


def notify(folder: Path, *, is_test: bool) -> int:
    """Say what is set, or send one message and say what came of it."""
    place = place_of(folder, {})
    top = place.checkout.top
    raise_if(notice_defects(place.settings, top, os.environ))
    settings = root_settings(place.settings, top)
    rules = settings.notices
    if not rules.ways:
        if is_test:
            raise UsageError(_NOT_SET)
        say(_NOT_SET)
        return 0
    if not is_test:
        _show(rules)
        return 0
    raise_if(notice_hindrances(place.settings, top, os.environ))
    secrets = Rules(worktree=settings.worktree, secrets=settings.secrets)
    begin = NotifierBegin(rules=rules, repository=str(top), secrets=sources_of(secrets, str(top)))
    return _test(place, begin)


def _show(rules: NotifyRules) -> None:
    if rules.command:
        say(f"command   {safe(' '.join(rules.command))}")
    if rules.webhook:
        names = ", ".join(name for name, _ in rules.headers)
        say(f"webhook   {_host(rules)}" + (f", with the headers {safe(names)}" if names else ""))
    _say_names("events", rules.on)
    _say_names("not", [name for name in EVENTS if name not in rules.on])
    say("\n`prd-supervise notify --test` sends one message by each way")


def _say_names(title: str, names: Sequence[str]) -> None:
    """Names in lines of their own width, behind what they are."""
    text = textwrap.fill(
        ", ".join(names), WIDTH, initial_indent=f"{title:<10}", subsequent_indent=" " * 10
    )
    if names:
        say(text)


def _test(place: Place, begin: NotifierBegin) -> int:
    become("notify --test")
    os.environ[MARKER] = place.layout.marker  # a root that begins meanwhile ends what is left
    loop, began_s = EventLoop(), time.monotonic()
    heard: dict[str, Delivered] = {}

    def on_delivered(delivered: Delivered) -> None:
        heard[delivered.way] = delivered
        _tell(delivered, begin.rules, time.monotonic() - began_s)

    ways = begin.rules.ways
    say(f"one message by {' and '.join(ways)}; this can take {DEADLINE_S:.0f} s")
    courier = Courier(begin, loop, on_delivered)
    courier.take(Deliver(number=1, notice=_message(place.checkout.top), ways=ways))
    while len(heard) < len(ways) and time.monotonic() < began_s + DEADLINE_S:
        loop.call_at(began_s + DEADLINE_S, lambda: None)
        loop.run_once()
    return 0 if all(way in heard and not heard[way].problem for way in ways) else 1


def _message(top: Path) -> Notice:
    return Notice(
        event="test",
        title="prd-supervise can reach you",
        body=f"`prd-supervise notify --test` was typed in {safe(top.name)}.",
        at=time.time(),
    )


def _tell(delivered: Delivered, rules: NotifyRules, took_s: float) -> None:
    name = safe(rules.command[0]) if delivered.way == COMMAND else _host(rules)
    if delivered.problem:
        problem = safe(delivered.problem).removeprefix(f"{delivered.way}: ")
        say(f"{delivered.way:<8}  failed after {took_s:.1f} s: {problem}")
    else:
        say(f"{delivered.way:<8}  delivered after {took_s:.1f} s: {name}")


def _host(rules: NotifyRules) -> str:
    """Where the webhook is; the rest of its address may be a secret."""
    return safe(rules.webhook.split("/")[2])
