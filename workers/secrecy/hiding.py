"""What one process may not show: known as soon as there is anything, and loaded only then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, TypeVar

from ...policies.values import replace
from ..messages.rules import SecretSources
from .urls import without_credentials
from .words import with_texts

_Word = TypeVar("_Word")


class Stream(Protocol):
    """A text in pieces; what may turn out to be secret is held back."""

    held: bytes

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes, and give what may be shown."""

    def end(self) -> bytes:
        """Give the rest."""


class Redactor(Protocol):
    """Knows what has to be hidden; `redaction` has the only one."""

    def stream(self) -> Stream:
        """Begin with a text that comes in pieces."""

    def data(self, data: bytes) -> bytes:
        """Hide it in whole bytes."""

    def text(self, text: str) -> str:
        """Hide it in a whole text."""


class _Known(Protocol):
    def go_by(self, sources: SecretSources, environ: Mapping[str, str]) -> None:
        """Read from these from now on."""

    def look(self, *worktrees: Path) -> Redactor:
        """Read again what has to be hidden."""

    def without_leaks(
        self, data: bytes, is_public: Callable[[bytes], bool]
    ) -> tuple[bytes, tuple[str, ...]] | None:
        """The bytes without what is secret beyond doubt, and the names of that."""


class Hiding:
    """Hides the values that come from `sources`; without any of them it costs nothing."""

    def __init__(
        self, sources: SecretSources | None = None, environ: Mapping[str, str] | None = None
    ) -> None:
        self._sources = sources or SecretSources()
        self._environ = environ or {}
        self._known: _Known | None = None
        self._redactor: Redactor | None = None

    def also(self, sources: SecretSources) -> None:
        """Hide what comes from there, too; values that are known already stay hidden."""
        env = tuple(dict.fromkeys((*self._sources.env, *sources.env)))
        logins = tuple(dict.fromkeys((*self._sources.logins, *sources.logins)))
        wanted = replace(self._sources, env=env, logins=logins)
        if wanted != self._sources:
            self._sources = wanted
            if self._known is not None:
                self._known.go_by(wanted, self._environ)

    def look(self, *worktrees: Path) -> Redactor | None:
        """Read the values again, also from the copies in these worktrees; None: there are none."""
        if not self._sources:
            return None
        if self._known is None:
            from .known import KnownSecrets  # noqa: PLC0415  few have secrets

            self._known = KnownSecrets(self._sources, self._environ)
        self._redactor = self._known.look(*worktrees) or None
        return self._redactor

    @property
    def redactor(self) -> Redactor | None:
        """What was known at the last look, which is made now if there was none."""
        return self.look() if self._known is None else self._redactor

    def text(self, text: str) -> str:
        """A text as it may be shown."""
        redactor = self.redactor
        return text if redactor is None else redactor.text(text)

    def data(self, data: bytes) -> bytes:
        """Bytes as they may be shown."""
        redactor = self.redactor
        return data if redactor is None else redactor.data(data)

    def without_leaks(
        self, data: bytes, is_public: Callable[[bytes], bool]
    ) -> tuple[bytes, tuple[str, ...]] | None:
        """The bytes without what is secret beyond doubt, and its names; None: nothing is."""
        if self.redactor is None or self._known is None:
            return None
        return self._known.without_leaks(data, is_public)

    def word(self, word: _Word) -> _Word:
        """A word whose texts, git's own among them, may be shown."""
        return with_texts(word, lambda text: without_credentials(self.text(text)))
