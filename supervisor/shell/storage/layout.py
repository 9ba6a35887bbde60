"""Where everything lies below .prd-supervise/."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from msgspec import Struct

SOCKET_PATH_BYTES = 104  # macOS; Linux takes four more; the closing NUL is one of them
SOCKET_NAME_BYTES = len("/0123456789abcdef.sock")
_FOLDER_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")


class Layout(Struct, frozen=True, kw_only=True):
    """The places of one repository. `common_dir` is git's, shared by all linked worktrees."""

    repository: Path  # the checkout that we were called on
    common_dir: Path
    state_dir: Path
    worktrees: Path

    @property
    def root_lock(self) -> Path:
        """Held by root for life."""
        return self.common_dir / "prd-supervise.lock"

    @property
    def git_lock(self) -> Path:
        """Held for a moment around what git cannot do twice at once."""
        return self.common_dir / "prd-supervise-git.lock"

    @property
    def control_link(self) -> Path:
        """A link to the control socket."""
        return self.state_dir / "control.sock"

    @property
    def version(self) -> Path:
        """Of which number the state is."""
        return self.state_dir / "version.json"

    @property
    def takeover(self) -> Path:
        """What becomes of an older state, until all of it stands in its place."""
        return self.state_dir / "takeover"

    @property
    def backups(self) -> Path:
        """Older states as they were before they were taken over."""
        return self.state_dir / "backups"

    def backup(self, state: int) -> Path:
        """The one of this number."""
        return self.backups / f"state-{state}"

    @property
    def registry(self) -> Path:
        """The public snapshot of which PRD is where."""
        return self.state_dir / "registry.json"

    @property
    def events(self) -> Path:
        """The public event log."""
        return self.state_dir / "events.jsonl"

    @property
    def metrics(self) -> Path:
        """What was counted and timed."""
        return self.state_dir / "metrics.jsonl"

    @property
    def embeddings(self) -> Path:
        """The vectors of stories' texts, so that each is computed once."""
        return self.state_dir / "embeddings.json"

    @property
    def crash_log(self) -> Path:
        """Where children's standard error goes."""
        return self.state_dir / "supervise.log"

    @property
    def background_log(self) -> Path:
        """What a root prints that runs in the background."""
        return self.state_dir / "start.log"

    def plan(self, prd_id: str) -> Path:
        """A PRD as root accepted it."""
        return self.state_dir / "plans" / f"{prd_id}.json"

    def document(self, prd_id: str) -> Path:
        """Its file as root accepted it, byte for byte."""
        return self.state_dir / "plans" / f"{prd_id}.document"

    def implementation_log(self, prd_id: str) -> Path:
        """What became of each story of a PRD, for other programs."""
        return self.prd(prd_id) / "implementation-log.json"

    def prd_file(self, prd_id: str) -> Path:
        """The folder for copies of the PRD file on their way between git and its readers."""
        return self.prd(prd_id) / "prd-file"

    def prd(self, prd_id: str) -> Path:
        """The folder of a PRD's supervisor."""
        return self.state_dir / "prds" / prd_id

    def story_lock(self, prd_id: str, story_id: str) -> Path:
        """Held by a story's worker and everything that it starts."""
        return self.prd(prd_id) / "stories" / story_id / "lock"

    def attempt(self, prd_id: str, story_id: str, attempt: int) -> Path:
        """The folder of an attempt's prompt, logs and result."""
        return self.prd(prd_id) / "stories" / story_id / str(attempt)

    def homes(self, prd_id: str, story_id: str) -> Path:
        """What agents have as HOME while they work on a story, over all its attempts."""
        return self.prd(prd_id) / "stories" / story_id / "homes"

    def home(self, prd_id: str, story_id: str, agent: str) -> Path:
        """The HOME of one of them: its conversations lie there."""
        is_name = _FOLDER_NAME.fullmatch(agent) is not None
        name = agent if is_name else hashlib.sha256(agent.encode()).hexdigest()[:16]
        return self.homes(prd_id, story_id) / name

    def landing(self, prd_id: str) -> Path:
        """The folder of what is run when the PRD goes into another branch."""
        return self.prd(prd_id) / "landing"

    @property
    def marker(self) -> str:
        """What PRD_SUPERVISE_RUN says in every process of this repository's tree."""
        return hashlib.sha256(os.fsencode(self.common_dir)).hexdigest()[:16]

    @property
    def control_socket(self) -> Path:
        """The socket itself: socket paths are short, so it lies in the runtime folder."""
        return runtime_dir() / f"{self.marker}.sock"

    @property
    def open_socket(self) -> Path:
        """Where the root that runs listens: its runtime folder may be another one than ours.

        A shell of `su`, of cron or of an ssh without a session has no XDG_RUNTIME_DIR.
        """
        try:
            return self.control_link.readlink()  # not the link: its own path may be too long
        except OSError:
            return self.control_socket


def runtime_dir() -> Path:
    """The user's folder for sockets: XDG's, or one of our own that only the user can enter."""
    given = os.environ.get("XDG_RUNTIME_DIR")
    if given and Path(given).is_dir() and os.access(given, os.W_OK):
        folder = Path(given) / "prd-supervise"
        if _is_short(folder):
            return folder
    folder = Path(tempfile.gettempdir()) / f"prd-supervise-{os.getuid()}"
    return folder if _is_short(folder) else Path("/tmp") / folder.name  # noqa: S108  checked by who binds


def _is_short(folder: Path) -> bool:
    """Say whether a socket in it has a path that the kernel takes."""
    return len(os.fsencode(folder)) + SOCKET_NAME_BYTES < SOCKET_PATH_BYTES
