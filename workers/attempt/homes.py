"""The HOME that an agent has for itself: a folder of its story's, with links to what it needs.

Its login is a link, too. A login that it renews by putting a file in the link's place is given back
to the user, whose other programs could not log in any more without it.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path, PurePosixPath

from ..process.syncing import sync_file

# What the programs that build and test a project keep there. Only what the user has is linked.
TOOLS = tuple(
    ".asdf .bun .bundle .cabal .cache .cargo .composer .conda .deno .dotnet .gem .ghcup .gitignore "
    ".gitignore_global .gradle .ivy2 .julia .local/bin .local/lib .local/share/mise "
    ".local/share/pnpm .local/share/uv .m2 .mix .node-gyp .npm .npmrc .nuget .nvm .pnpm-store "
    ".pub-cache .pyenv .rbenv .rustup .rye .sbt .sdkman .stack .tool-versions .volta .yarn .yarnrc "
    ".yarnrc.yml go".split()
)
LINKS_MAX = 500  # that one pattern may lead to
_PROSE = frozenset({".md", ".mdc", ".rst", ".txt"})  # its words would be hidden as if secret
_LOGIN_BYTES_MAX = 1 << 20
_XDG = {
    "XDG_CONFIG_HOME": ".config",
    "XDG_CACHE_HOME": ".cache",
    "XDG_DATA_HOME": ".local/share",
    "XDG_STATE_HOME": ".local/state",
}


class OwnHome:
    """One such folder. `environ` is the user's environment, `logins` are names in the user's."""

    def __init__(self, home: Path, environ: Mapping[str, str], logins: Iterable[str]) -> None:
        self.path = home
        self._environ = environ
        self._user_home = Path(environ.get("HOME") or Path.home())
        self._logins = tuple(dict.fromkeys(logins))

    def lay(self) -> None:
        """Make it, or bring it up to date."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.give_back()
        for name in (*TOOLS, *self._logins):
            for place, wanted in self._links(name):
                _link(place, wanted)
        self._include_git_config()

    def variables(self, runtime_dir: str) -> dict[str, str]:
        """What leads programs into it."""
        places = {name: str(self.path / folder) for name, folder in _XDG.items()}
        return {"HOME": str(self.path), "XDG_RUNTIME_DIR": runtime_dir, **places}

    def login_files(self) -> tuple[str, ...]:
        """The user's files with what it logs in by; prose that is linked besides holds no login."""
        found = (wanted for name in self._logins for _, wanted in self._links(name))
        return tuple(
            str(wanted) for wanted in found if wanted.suffix not in _PROSE and wanted.is_file()
        )

    def give_back(self) -> bool:
        """Take every login that was renewed over to the user, and link it again."""
        given = [_give_back(*link) for name in self._logins for link in self._links(name)]
        return any(given)

    def _links(self, name: str) -> Iterator[tuple[Path, Path]]:
        """Each place in this home, with what it has to lead to; patterns lead to what there is."""
        inner = PurePosixPath(name)
        if inner.is_absolute() or ".." in inner.parts or not inner.parts:
            return
        base, rest = self._in_user_home(inner)
        if not any(mark in name for mark in "*?["):
            if os.path.lexists(base / rest):
                yield self.path / inner, base / rest
            return
        above = PurePosixPath(*inner.parts[: len(inner.parts) - len(rest.parts)])
        for found in islice(base.glob(str(rest)), LINKS_MAX):
            yield self.path / above / found.relative_to(base), found

    def _in_user_home(self, inner: PurePosixPath) -> tuple[Path, PurePosixPath]:
        """Where a name lies with the user, whose XDG folders may be elsewhere."""
        for variable, folder in _XDG.items():
            given = self._environ.get(variable, "")
            if given.startswith("/") and inner.is_relative_to(folder):
                return Path(given), inner.relative_to(folder)
        return self._user_home, inner

    def _include_git_config(self) -> None:
        """Let git find who the user is; what the agent sets for itself stays in its own file."""
        config = self.path / ".gitconfig"
        if os.path.lexists(config):
            return
        base, rest = self._in_user_home(PurePosixPath(".config/git/config"))
        given = self._environ.get("GIT_CONFIG_GLOBAL")
        files = [Path(given)] if given else [base / rest, self._user_home / ".gitconfig"]
        quoted = (str(file).replace("\\", "\\\\").replace('"', '\\"') for file in files)
        config.write_text("".join(f'[include]\n\tpath = "{path}"\n' for path in quoted))


def _link(place: Path, wanted: Path) -> None:
    """Make it a link, unless the agent has put something there that is no link."""
    if place.is_symlink():
        if place.readlink() == wanted:
            return
    elif place.exists():
        return
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _put_link(place, wanted)


def _put_link(place: Path, wanted: Path) -> None:
    fresh = place.with_name(f"{place.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(wanted)
    fresh.replace(place)


def _give_back(place: Path, wanted: Path) -> bool:
    """Say whether the user got a newer file; where two stories renewed it, the newest wins."""
    try:
        mine = place.lstat()
    except OSError:
        return False
    if not stat.S_ISREG(mine.st_mode):
        return False
    given = False
    with suppress(OSError):  # gone again, or not ours to write: the agent goes on with its own
        user_file = wanted.resolve()
        if user_file.is_file() and mine.st_mtime_ns > user_file.stat().st_mtime_ns:
            given = _is_login(place, user_file)
            if given:
                _copy(place, user_file, mine.st_mtime_ns)
        if place.lstat().st_mtime_ns == mine.st_mtime_ns:  # else it was renewed once more
            _put_link(place, wanted)
    return given


def _is_login(place: Path, user_file: Path) -> bool:
    """Say whether it is whole: what stood there as JSON is JSON again."""
    data = _read(place)
    return bool(data.strip()) and (_is_json(data) or not _is_json(_read(user_file)))


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def _read(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(_LOGIN_BYTES_MAX + 1)
    return data if len(data) <= _LOGIN_BYTES_MAX else b""


def _copy(source: Path, target: Path, mtime_ns: int) -> None:
    """Put it there in one step, as old as it is, for its owner alone."""
    fresh = target.with_name(f".{target.name}.{os.getpid()}.new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    with os.fdopen(os.open(fresh, flags, 0o600), "wb") as file:
        file.write(_read(source))
        file.flush()
        sync_file(file.fileno())
    os.utime(fresh, ns=(mtime_ns, mtime_ns))
    fresh.replace(target)
