"""The values that one process knows of, gathered from where they come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ..messages.rules import SecretSources
from .copied import copied_files
from .names import SecretNames
from .redaction import Redactor, Secret
from .values import values_of_file, values_of_variables


class KnownSecrets:
    """What was a value once stays one: a log of an hour ago may be told of."""

    def __init__(self, sources: SecretSources, environ: Mapping[str, str]) -> None:
        self._sources = sources
        self._known = dict.fromkeys(values_of_variables(sources.env, environ))
        self._redactor = Redactor(self._known)
        self._sharp = [secret for secret in self._known if secret.is_sharp]

    def go_by(self, sources: SecretSources, environ: Mapping[str, str]) -> None:
        """Read from these from now on; look() has to be called."""
        self._sources = sources
        self._learn(dict.fromkeys(values_of_variables(sources.env, environ)))

    def look(self, *worktrees: Path) -> Redactor:
        """Read the files that are copied, and their copies in these worktrees."""
        sources = self._sources
        secret = SecretNames(sources.files)
        found: dict[Secret, None] = {}
        for name in copied_files(Path(sources.checkout), sources.copied):
            if secret.match(name):
                for folder in (Path(sources.checkout), *worktrees):
                    found |= dict.fromkeys(values_of_file(folder / name, name))
        for path in map(Path, sources.logins):
            # A login lies among settings, whose values are words of every log.
            values = values_of_file(path, path.name)
            found |= dict.fromkeys(value for value in values if value.is_sharp)
        self._learn(found)
        return self._redactor

    def _learn(self, found: dict[Secret, None]) -> None:
        if not found.keys() <= self._known.keys():
            self._known |= found
            self._redactor = Redactor(self._known)
            self._sharp = [secret for secret in self._known if secret.is_sharp]

    def without_leaks(
        self, data: bytes, is_public: Callable[[bytes], bool]
    ) -> tuple[bytes, tuple[str, ...]] | None:
        """The bytes without the sharp values in them that are not public, and these' names."""
        if not self._redactor.finds(data):
            return None
        found = [
            secret
            for secret in self._sharp
            if Redactor((secret,)).finds(data) and not is_public(secret.value)
        ]
        names = tuple(dict.fromkeys(secret.name for secret in found))
        return (Redactor(found).data(data), names) if found else None
