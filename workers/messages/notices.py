"""What root and its notifier say to each other."""

from __future__ import annotations

from msgspec import Struct

from ...policies.notices import Notice
from .rules import SecretSources

COMMAND, WEBHOOK = "command", "webhook"


class NotifyRules(Struct, frozen=True, kw_only=True):
    """Of what people are notified, and how. Headers may name variables: `Bearer $TOKEN`."""

    command: tuple[str, ...] = ()
    webhook: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    on: tuple[str, ...] = ()  # events

    @property
    def ways(self) -> tuple[str, ...]:
        """How they are."""
        return (*((COMMAND,) if self.command else ()), *((WEBHOOK,) if self.webhook else ()))


NO_NOTICES = NotifyRules()


class NotifierBegin(Struct, frozen=True, kw_only=True):
    """Notify people by these rules; the names of variables, never values, are told."""

    rules: NotifyRules
    repository: str  # the checkout, in which the command runs
    secrets: SecretSources = SecretSources()


class Deliver(Struct, frozen=True, kw_only=True):
    """Deliver this, by these ways."""

    number: int
    notice: Notice
    ways: tuple[str, ...]


class Delivered(Struct, frozen=True, kw_only=True):
    """One way is over; `problem` is a line for people, empty if the message has arrived."""

    number: int
    way: str
    problem: str = ""
