"""A scratch repository with PRDs in it, as a user would have one."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

GIT_S_MAX = 60.0
_NOT_THEIRS = {".git", ".prd-supervise"}
_OURS = ("refs/heads/prd-supervise/", "refs/prd-supervise/")

# Holds an agent until the test makes the file `go` in its folder for temporary files.
HOLD = {"run": ["sh", "-c", 'until [ -e "$TMPDIR/go" ]; do sleep 0.02; done']}


def write(path: str, text: str) -> dict[str, Any]:
    """A step of a replay script."""
    return {"write": {"path": path, "text": text}}


def story(story_id: str, *steps: Any, **fields: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    """A story whose agent plays `steps`; without any it writes a file of its own name.

    It is verified by that file, unless `fields` says otherwise (`verify=None`: by nothing).
    """
    name = f"{story_id}.txt"
    document = {
        "id": story_id,
        "title": f"make {name}",
        "passes": False,
        "acceptanceCriteria": [f"{name} is there"],
        "verify": [f"test -s {name}"],
        "replay": list(steps) or [write(name, f"{story_id}\n")],
        **fields,
    }
    return {key: value for key, value in document.items() if value is not None}


class Repo:
    """The user's repository: what stands in it, and what became of its branches."""

    def __init__(self, path: Path, env: Mapping[str, str], *, owner: int | None = None) -> None:
        self.path = path
        self._owner = owner  # root makes it for somebody else
        self.env = dict(env) | {"GIT_OPTIONAL_LOCKS": "0"}
        self._sealed: dict[str, object] | None = None
        self._disowned: set[str] = set()
        path.mkdir(parents=True)
        self._give(path)
        self.git("init", "-q", "-b", "main", ".")
        self.git("config", "user.name", "User")
        self.git("config", "user.email", "user@example.org")
        self.put("README", "one\ntwo\nthree\nfour\nfive\nsix\nseven\n")

    @property
    def state(self) -> Path:
        """The folder of prd-supervise's own state."""
        return self.path / ".prd-supervise"

    def git(self, *words: str, cwd: Path | None = None) -> str:
        """Run git as the user; return what it prints."""
        done = subprocess.run(
            ["git", *words],
            cwd=cwd or self.path,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=GIT_S_MAX,
            check=False,
            user=self._owner,
            group=self._owner,
        )
        assert done.returncode == 0, f"git {words}: {done.stdout}{done.stderr}"
        return done.stdout.rstrip("\n")

    def put(self, name: str, text: str, *, mode: int | None = None) -> Path:
        """Write a file."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        for each in (path, *path.relative_to(self.path).parents):
            self._give(self.path / each)
        if mode is not None:
            path.chmod(mode)
        return path

    def _give(self, path: Path) -> None:
        if self._owner is not None:
            os.chown(path, self._owner, self._owner)

    def prd(self, *stories: dict[str, Any], name: str = "prd.json", **head: Any) -> Path:  # noqa: ANN401
        """Write a PRD with these stories; `form` is the key that its list stands under."""
        form = head.pop("form", "userStories")
        document = {"project": "ALPHA", **head, form: list(stories)}
        return self.put(name, json.dumps(document, indent=2) + "\n")

    def configure(self, **tables: Any) -> None:  # noqa: ANN401  JSON's values are TOML's, too
        """Write the settings: a dictionary is a table; backoff is short, the agent replays."""
        settings: dict[str, Any] = {
            "agent": {"use": "replay"},
            "restart": {"backoff_base_s": 0.05, "backoff_cap_s": 0.2},
        }
        plain: dict[str, Any] = {}
        for name, value in tables.items():
            if isinstance(value, dict):
                settings[name] = settings.get(name, {}) | value
            else:
                plain[name] = value
        lines = [f"{key} = {json.dumps(value)}" for key, value in plain.items()]
        for name, table in settings.items():
            lines += ["", f"[{name}]"]
            lines += [f"{key} = {json.dumps(value)}" for key, value in table.items()]
        self.put("prd-supervise.toml", "\n".join(lines) + "\n")

    def commit(self, message: str = "base") -> str:
        """Commit everything; return the commit."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")

    # --- what became of it ----------------------------------------------------------------------

    def show(self, branch: str, path: str) -> str:
        """A file in a branch, whole."""
        return self.git("show", f"{branch}:{path}") + "\n"

    def has(self, branch: str, path: str) -> bool:
        """Say whether a file is in a branch."""
        return bool(self.git("ls-tree", "-r", "--name-only", branch, "--", path))

    def refs(self, prefix: str = "") -> dict[str, str]:
        """Refs below the prefix, with their commits."""
        lines = self.git("for-each-ref", "--format=%(refname) %(objectname)", f"refs/{prefix}")
        return dict(line.split(" ") for line in lines.splitlines())

    def merged(self, branch: str) -> list[str]:
        """The trailers of the merges in a branch, in order: `PRD/STORY`."""
        form = "--format=%(trailers:key=PRD-Story,valueonly,separator=%x20)"
        text = self.git("log", "--first-parent", "--reverse", form, branch)
        return text.split()

    def flags(self, branch: str, path: str = "prd.json", form: str = "userStories") -> list[bool]:
        """The `passes` flags in a branch's copy of a PRD, in the order of the stories."""
        return [each["passes"] for each in json.loads(self.show(branch, path))[form]]

    def salvaged(self) -> dict[str, str]:
        """The salvage refs, by what stands behind their common prefix."""
        prefix = "prd-supervise/salvage/"
        return {name[len(f"refs/{prefix}") :]: at for name, at in self.refs(prefix).items()}

    def subjects(self, branch: str) -> list[str]:
        """The subjects of all commits of a branch, the latest first."""
        return self.git("log", "--format=%s", branch).splitlines()

    # --- what is the user's own -----------------------------------------------------------------

    def seal(self) -> None:
        """From here on the checkout is compared: the test itself changes it no more."""
        self._sealed = self.snapshot()

    def seal_once(self) -> None:
        """Seal it, if nobody has."""
        if self._sealed is None:
            self.seal()

    def check_seal(self) -> None:
        """Fail if anything of the user's own has changed since the seal."""
        if self._sealed is not None:
            then, now = self._sealed, self.snapshot()
            changed = {name: (then[name], now[name]) for name in now if now[name] != then[name]}
            assert not changed, f"the user's checkout has changed (before, now): {changed}"

    def disown(self, ref: str) -> None:
        """Give a ref of the user's to prd-supervise, after the seal."""
        self._disowned.add(ref)
        refs = (self._sealed or {}).get("refs")
        if isinstance(refs, dict):
            refs.pop(ref, None)

    def snapshot(self) -> dict[str, object]:
        """Everything in the repository that is the user's own."""
        if not (self.path / ".git").is_dir():
            return {"files": self._hashes()}
        git = self.path / ".git"
        records = self.git("for-each-ref", "--format=%(refname)", "refs/prd-supervise/branches")
        ours = (*_OURS, *(f"refs/heads/{name.split('/', 4)[4]}" for name in records.splitlines()))
        return {
            "HEAD": (git / "HEAD").read_text(),
            "index": _bytes(git / "index"),
            "config": _bytes(git / "config"),
            "status": self.git("status", "--porcelain", "-z"),
            "stash": self.git("stash", "list", "--format=%H"),
            "refs": {
                name: commit
                for name, commit in self.refs().items()
                if not name.startswith(ours) and name not in self._disowned
            },
            "files": self._hashes(),
        }

    def _hashes(self) -> dict[str, str]:
        found = sorted(self._files())
        return {
            str(path.relative_to(self.path)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in found
        }

    def _files(self) -> Iterator[Path]:
        """The user's; git's and ours are not walked through: a tree at work changes them."""
        for folder, inner, names in os.walk(self.path):
            inner[:] = [name for name in inner if name not in _NOT_THEIRS]
            paths = (Path(folder, name) for name in names if name not in _NOT_THEIRS)
            yield from (path for path in paths if path.is_file())


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""
