"""Of what people are notified, and how; and why that may not work, before a night relies on it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from ....policies.notices import EVENTS
from ....policies.values import replace
from ....workers.messages.notices import NotifyRules
from ....workers.notify.placeholders import PLACEHOLDERS, unknown_in, variables_in
from ...prd.defect import Defect, Severity, advice, quoted
from .config import Settings
from .origin import at_its_origin

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_OURS = frozenset({"host", "content-length", "content-type", "transfer-encoding", "connection"})
_SECRET = re.compile(r"auth|cookie|token|key|secret|password", re.IGNORECASE)
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
Found = Iterator[tuple[str, str]]  # the key, and what is wrong


def notify_rules(settings: Settings, top: Path) -> NotifyRules:
    """Translate them; a program that is named with a path stands in the checkout."""
    command = settings.notify
    if command and "/" in command[0]:
        command = (str(top / command[0]), *command[1:])
    return NotifyRules(
        command=command,
        webhook=settings.webhook,
        headers=tuple(_header(text) for text in settings.webhook_headers),
        on=settings.notify_on,
    )


def notice_defects(settings: Settings, top: Path, environ: Mapping[str, str]) -> tuple[Defect, ...]:
    """What is wrong with the words. No value of a header or an address is shown."""
    found = (
        *_of_placeholders(settings),
        *_of_events(settings),
        *_of_webhook(settings),
        *_of_headers(settings),
    )
    return _placed(found, top, environ)


def notice_hindrances(
    settings: Settings, top: Path, environ: Mapping[str, str]
) -> tuple[Defect, ...]:
    """Why people would not be notified here and now."""
    return _placed((*_of_program(settings, top), *_of_variables(settings, environ)), top, environ)


def notice_warnings(
    settings: Settings, top: Path, environ: Mapping[str, str]
) -> tuple[Defect, ...]:
    """What works, and is no good idea."""
    if not _is_plain(settings.webhook):
        return ()
    text = "webhook: http:// can be read on its way; write https:// if the other side can do that"
    warned = at_its_origin(("webhook",), text, top, environ)
    return (replace(warned, severity=Severity.WARNING, code="plain-http"),)


def _placed(
    found: Iterable[tuple[str, str]], top: Path, environ: Mapping[str, str]
) -> tuple[Defect, ...]:
    return tuple(at_its_origin((key,), f"{key}: {message}", top, environ) for key, message in found)


def _of_placeholders(settings: Settings) -> Found:
    for name in dict.fromkeys(unknown_in(settings.notify)):
        wanted = "{" + name + "}"
        yield "notify", f"{quoted(wanted)} is no placeholder; {advice(name, list(PLACEHOLDERS))}"
    if settings.notify and "{" in settings.notify[0]:
        yield "notify", "the program itself cannot be a placeholder; write its name"


def _of_program(settings: Settings, top: Path) -> Found:
    if not settings.notify:
        return
    program = notify_rules(settings, top).command[0]
    if shutil.which(program) is None:
        yield "notify", f"{quoted(settings.notify[0])} cannot be run; install it, or write its path"


def _of_events(settings: Settings) -> Found:
    for name in settings.notify_on:
        if name not in EVENTS:
            hint = advice(name, list(EVENTS))
            yield "notify_on", f"{quoted(name)} is nothing that people are notified of; {hint}"


def _of_webhook(settings: Settings) -> Found:
    if not settings.webhook:
        if settings.webhook_headers:
            yield "webhook_headers", "there is no webhook that they would be for; write webhook"
        return
    try:
        parts = urlsplit(settings.webhook)
        _ = parts.port
    except ValueError:
        yield "webhook", "this is no URL; write one such as https://example.org/hook"
        return
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        yield "webhook", "this is no web address; write one such as https://example.org/hook"
    elif parts.username or parts.password:
        example = 'webhook_headers = ["Authorization: Bearer $TOKEN"]'
        yield "webhook", f"no name or password may stand in it; write {example}"
    elif not settings.webhook.isascii() or " " in settings.webhook:
        yield "webhook", "only ASCII without blanks can be an address; write the rest as %XX"


def _of_headers(settings: Settings) -> Found:
    key = "webhook_headers"
    for number, text in enumerate(settings.webhook_headers, start=1):
        name, value = _header(text)
        if not _NAME.fullmatch(name) or not value:
            yield key, f"number {number} is no header; write one such as 'X-Token: $MY_TOKEN'"
        elif not value.isascii() or not value.isprintable():
            yield key, f"{name}: only printable ASCII can be sent; write that"
        elif name.lower() in _OURS:
            yield key, f"{name} is set by prd-supervise itself; leave it out"
        elif _SECRET.search(name) and not variables_in(((name, value),)):
            message = "a secret stands in no file; write the name of a variable"
            yield key, f"{name}: {message}: '{name}: $MY_TOKEN'"


def _of_variables(settings: Settings, environ: Mapping[str, str]) -> Found:
    key = "webhook_headers"
    for name in variables_in(tuple(_header(text) for text in settings.webhook_headers)):
        if not environ.get(name):
            yield key, f"the variable {name} is not set here; set it where prd-supervise is started"


def _header(text: str) -> tuple[str, str]:
    name, _, value = text.partition(":")
    return name.strip(), value.strip()


def _is_plain(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "http" and parts.hostname not in _LOCAL
