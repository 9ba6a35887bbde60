"""How git is run: with our options, our environment and a timeout; its refusals become one line."""

from __future__ import annotations

import functools
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

# GitPython would run `git version` when it is imported, wait for it without end and die of its
# failure. Of a git that cannot be run it says nothing, and takes that one by its name on PATH.
os.environ["GIT_PYTHON_REFRESH"] = "quiet"
os.environ["GIT_PYTHON_GIT_EXECUTABLE"] = os.devnull
from git.cmd import Git
from git.exc import GitError
from msgspec import Struct

from ..secrecy.urls import without_credentials
from .standstill import announce

del os.environ["GIT_PYTHON_GIT_EXECUTABLE"]

GIT_TIMEOUT_S = 120.0
MESSAGE_CHARS_MAX = 500

# The user's configuration must neither run programs of its own, nor wait for a person, nor start
# work in the background that outlives the command.
_OPTIONS = (
    "gc.auto=0",
    "maintenance.auto=false",
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "commit.gpgSign=false",
    "tag.gpgSign=false",
    "core.editor=true",
    "rerere.enabled=false",
    "submodule.recurse=false",
    # As many as there are cores: a fresh worktree of 20,000 files takes half the time with two.
    "checkout.workers=0",
    "advice.detachedHead=false",
    "advice.addEmbeddedRepo=false",
    "core.quotePath=false",
    # With it git would take for granted that nothing is edited.
    "core.ignoreStat=false",
    # It may refuse what an agent wrote, or the user's document, for the sake of line ends.
    "core.safecrlf=false",
    # Git syncs no loose object and no ref by default: a merge that the journal knows could be lost
    # with the power, and a salvage ref too.
    "core.fsync=committed,loose-object,reference",
    # Many at once, each written through and then all synced: a third of the time for 3,000 files.
    "core.fsyncMethod=batch",
    # A ref of ours that a power loss tore is restored from its log. Only branches would have one.
    "core.logAllRefUpdates=always",
)
# A checkout of ours shows pointers: their files may be large, and elsewhere.
_NO_SMUDGE = ("filter.lfs.smudge=", "filter.lfs.process=", "filter.lfs.required=false")
_ENVIRONMENT = {
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_EDITOR": "true",
    # An index that is refreshed on the way of a question would be a write into the user's checkout.
    "GIT_OPTIONAL_LOCKS": "0",
    # An agent's `git replace` must not change what its base was.
    "GIT_NO_REPLACE_OBJECTS": "1",
    # Names of files are names, whatever they look like.
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",
}
# What tells git of another repository, as in a hook or an alias of the user's that called us.
_SCRUBBED = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_GRAFT_FILE",
    "GIT_SHALLOW_FILE",
    "GIT_REPLACE_REF_BASE",
    "GIT_EXTERNAL_DIFF",
    "GIT_DIFF_OPTS",
    "GIT_REFLOG_ACTION",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
)


# What git says of the leftovers that a request can go on from.
_CHILD_KILLED = re.compile(r"^error: \S+ died of signal 9$", re.MULTILINE)
_HALF_WORKTREE = re.compile(r"failed to read .*worktrees/.*/commondir")
_LOCK = re.compile(r"Unable to create '(/.+?\.lock)': File exists")
# What git strips from both ends of a name, as it does with all below a space.
_CRUD = "".join(map(chr, range(33))) + ".,:;<>\"\\'"
_BROKEN_INDEX = re.compile(
    "index file (?:corrupt|smaller than expected)|bad index file|bad signature 0x|bad index version"
)
_EMPTY_OBJECT = re.compile(r"object file (.+) is empty")


class GitRefused(Exception):  # noqa: N818  git refuses; nothing of ours is in error
    """Git did not do what we asked for, or we must not ask; the text is one line for people.

    `lock` is the lock file, `empty_object` the object's file and `broken_index` the git directory
    whose index git stumbled over.
    """

    has_half_worktree = False
    lock: Path | None = None
    empty_object: Path | None = None
    broken_index: Path | None = None


class GitTooSlowError(GitRefused):
    """A command took longer than it may: it would the next time as well."""


class GitKilledError(GitRefused):
    """Somebody killed git in the middle: the request may be asked again."""


# All that can go wrong with a request for which nobody has to mend this program.
FAILURES = (GitRefused, GitError, OSError)


class Answer(Struct, frozen=True, kw_only=True):
    """What a git command said; `status` is its exit code, negative where a signal ended it."""

    status: int
    out: bytes
    err: str

    @property
    def line(self) -> str:
        """The output without the line's end."""
        return os.fsdecode(self.out).rstrip("\n")


class Commands:
    """Git in one directory. It never looks for a repository by itself where GIT_DIR is given."""

    def __init__(
        self,
        directory: Path,
        *,
        timeout_s: float,
        environment: Mapping[str, str],
        options: tuple[str, ...] = (),
    ) -> None:
        self._directory = directory
        self._timeout_s = timeout_s
        self._environment = dict(environment)
        self._options = options
        self._git = Git(directory)
        self._git.set_persistent_git_options(c=(*_OPTIONS, *_without_lfs(), *options))
        self._git.update_environment(**{**_ENVIRONMENT, **environment})

    @property
    def directory(self) -> Path:
        """Where it runs."""
        return self._directory

    def at(
        self,
        directory: Path,
        *,
        environment: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
        options: tuple[str, ...] = (),
    ) -> Commands:
        """Git in another directory, and with more environment; the last of equal options holds."""
        return Commands(
            directory,
            timeout_s=self._timeout_s if timeout_s is None else timeout_s,
            environment={**self._environment, **(environment or {})},
            options=(*self._options, *options),
        )

    def without_smudging(self) -> Commands:
        """Git that leaves the pointers of Git LFS as they are: nothing is downloaded for us."""
        return self.at(self._directory, options=_NO_SMUDGE)

    def with_index(self, index: Path) -> Commands:
        """Git in the same directory, on an index of its own."""
        return self.at(self._directory, environment={"GIT_INDEX_FILE": str(index)})

    def ask(self, command: str, *arguments: str, stdin: bytes | None = None) -> Answer:
        """Run a command whose exit code is part of its answer."""
        # Without its directory, GitPython would run git wherever this process happens to stand.
        if not self._directory.is_dir():
            raise GitRefused(f"git {command}: there is no folder {self._directory}")
        announce(self._timeout_s)
        with tempfile.TemporaryFile() as given:
            given.write(stdin or b"")
            given.seek(0)
            status, out, err = getattr(self._git, command)(
                *arguments,
                istream=given if stdin is not None else None,
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
                kill_after_timeout=self._timeout_s,
            )
        if status < 0 and err.startswith("Timeout:"):
            raise GitTooSlowError(
                f"git {command.replace('_', '-')}: no end within {self._timeout_s:g} s; look at "
                "what it waits for: the disk, the remote, a filter that the repository configures"
            )
        if status < 0 or _CHILD_KILLED.search(err):
            # No answer at all, though some callers would read one from the exit code.
            killed = f"by signal {-status}" if status < 0 else f"in the middle: {one_line(err)}"
            raise GitKilledError(f"git {command.replace('_', '-')}: killed {killed}")
        return Answer(status=status, out=out, err=err)

    def run(self, command: str, *arguments: str, stdin: bytes | None = None) -> Answer:
        """Run a command that has to succeed."""
        answer = self.ask(command, *arguments, stdin=stdin)
        if answer.status != 0:
            refused = refusal(command, answer)
            if _BROKEN_INDEX.search(answer.err) and "GIT_INDEX_FILE" not in self._environment:
                refused.broken_index = Path(self._environment.get("GIT_DIR", ""))
            raise refused
        return answer

    def holds(self, command: str, *arguments: str) -> bool:
        """Ask a question that git answers by exit code 0 or 1."""
        answer = self.ask(command, *arguments)
        if answer.status not in {0, 1}:
            raise refusal(command, answer)
        return answer.status == 0


@functools.cache
def _without_lfs() -> tuple[str, ...]:
    """Where Git LFS is configured and not installed, git would refuse to add and to check out."""
    return () if shutil.which("git-lfs") else (*_NO_SMUDGE, "filter.lfs.clean=")


def refusal(command: str, answer: Answer) -> GitRefused:
    """The error for a command that failed, with git's own words."""
    lines = [line.strip() for line in answer.err.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:"))]
    words = "; ".join(telling or lines[-1:]) or f"exit {answer.status}, without a word"
    refused = GitRefused(one_line(f"git {command.replace('_', '-')}: {words}"))
    refused.has_half_worktree = _HALF_WORKTREE.search(answer.err) is not None
    refused.lock = _named(_LOCK, answer)
    refused.empty_object = _named(_EMPTY_OBJECT, answer)
    return refused


def _named(pattern: re.Pattern[str], answer: Answer) -> Path | None:
    found = pattern.search(answer.err)
    return None if found is None else Path(found[1])


def one_line(text: str) -> str:
    """Text of unknown origin as one bounded line that every terminal and JSON writer takes."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return without_credentials(line)[:MESSAGE_CHARS_MAX]


def scrub_environment() -> None:
    """Forget which repository our caller worked in: GitPython hands our environment on to git."""
    for name in _SCRUBBED:
        os.environ.pop(name, None)


def fallback_identity(git: Commands) -> dict[str, str]:
    """Name an author only where the user has configured none: git would refuse to commit.

    A name that is set, but of which git leaves nothing, counts as none.
    """
    pattern = r"^(user|author|committer)\.(name|email)$"
    found = git.ask("config", "--null", "--get-regexp", pattern).line.split("\0")
    # The last one of a name counts, as for git.
    pairs = dict(each.partition("\n")[::2] for each in found)
    configured = {name for name, value in pairs.items() if value.strip(_CRUD)}
    return {
        f"GIT_{role.upper()}_{field.upper()}": value
        for role in ("author", "committer")
        for field, value in (("name", "prd-supervise"), ("email", "prd-supervise@localhost"))
        if not {f"user.{field}", f"{role}.{field}"}.intersection(configured)
        and not os.environ.get(f"GIT_{role.upper()}_{field.upper()}", "").strip(_CRUD)
        and not (field == "email" and os.environ.get("EMAIL"))
    }
