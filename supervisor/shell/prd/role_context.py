"""The files that a role brings into its prompts: read once for all stories, bounded, no secrets."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from msgspec import Struct

from ....policies.counting import counted
from ....policies.sizes import size_text
from ....workers.messages.agents import AgentRules, Role
from ....workers.messages.rules import SecretRules
from ....workers.secrecy.copied import copied_files
from ....workers.secrecy.names import SecretNames
from ...prd.prompt.render import encoded, fenced

FILES_MAX = 2000  # of a role
NAMED_MAX = 200  # of files that are only named
BYTES_MAX = 256 << 10  # whatever the configuration allows: a prompt has to go in one message

_NOT_THEIRS = frozenset({".git", ".prd-supervise"})


class Context(Struct, frozen=True, kw_only=True):
    """What stands in the prompt, and a line for people about it."""

    text: str = ""
    note: str = ""


class RoleContexts:
    """Reads what roles name in the user's checkout, each once until it is cleared."""

    def __init__(
        self,
        checkout: Path,
        secret_files: tuple[str, ...],
        bytes_max: int,
        hide: Callable[[str], str],
    ) -> None:
        """`hide` takes out values that nobody may see."""
        self._checkout = Path(os.path.realpath(checkout))
        self._is_secret = SecretNames(secret_files).match
        self._bytes_max = min(bytes_max, BYTES_MAX)
        self._hide = hide
        self._known: dict[str, Context] = {}

    def clear(self) -> None:
        """Read everything again when it is wanted next."""
        self._known.clear()

    def of(self, role: Role) -> Context:
        """What whoever works in that role has to know."""
        if role.name not in self._known:
            self._known[role.name] = self._read(role)
        return self._known[role.name]

    def _read(self, role: Role) -> Context:
        shown: list[str] = []
        named: list[str] = []
        size = 0
        for name in self._names(role):
            begin = self._begin(name)
            if begin is None:
                continue
            data, length = begin
            part = f"### {name}\n\n{fenced(self._hide(data.decode().rstrip()))}"
            cost = encoded(part)
            if length > len(data) or size + cost > self._bytes_max:
                named.append(f"- {name} ({size_text(length)})")
            else:
                shown.append(part)
                size += cost
        return Context(
            text="\n\n".join((*shown, *_named(named, has_shown=bool(shown)))),
            note=_note(role, shown=len(shown), named=len(named), size=size, most=self._bytes_max),
        )

    def _names(self, role: Role) -> Iterator[str]:
        """The files, in the order of the globs; secret ones and those elsewhere are none."""
        names = (name for glob in role.context for name in copied_files(self._checkout, (glob,)))
        for name in islice(dict.fromkeys(names), FILES_MAX):
            place = Path(os.path.realpath(self._checkout / name))
            if place.is_relative_to(self._checkout) and place.is_file():
                real = str(place.relative_to(self._checkout))
                hidden = self._is_secret(name) or self._is_secret(real)
                if not hidden and real.partition("/")[0] not in _NOT_THEIRS:
                    yield name

    def _begin(self, name: str) -> tuple[bytes, int] | None:
        """The text of a file, or the begin of one that is too long; None where it is no text."""
        try:
            with (self._checkout / name).open("rb") as file:
                length = os.fstat(file.fileno()).st_size
                data = file.read(self._bytes_max + 1)
        except OSError:
            return None
        # What is cut off may begin within a character.
        text = data[:-3] if len(data) > self._bytes_max else data
        try:
            text.decode()
        except UnicodeDecodeError as error:
            if error.start < len(text) - 3 or text is data:
                return None
            text = text[: error.start]
        return None if b"\0" in text else (text, length)


def contexts_of(
    checkout: Path,
    secrets: SecretRules,
    rules: AgentRules,
    hide: Callable[[str], str] = lambda text: text,
) -> RoleContexts:
    """The contexts of roles, as the configuration has it."""
    return RoleContexts(checkout, secrets.files, rules.context_bytes_max, hide)


def _named(names: list[str], *, has_shown: bool) -> list[str]:
    if not names:
        return []
    more = len(names) - NAMED_MAX
    lines = [*names[:NAMED_MAX], *([f"- and {more} more"] if more > 0 else [])]
    head = "Read these as well, they are too long for this text:"
    return [f"{head if has_shown else 'Read these:'}\n\n" + "\n".join(lines)]


def _note(role: Role, *, shown: int, named: int, size: int, most: int) -> str:
    if not shown and not named:
        return f"the role {role.name}: no file is called {' or '.join(role.context)}"
    rest = f"; {counted(named, 'file')} more only by name" if named else ""
    files = counted(shown, "file")
    return f"the role {role.name}: {files}, {size_text(size)} of {size_text(most)}{rest}"
