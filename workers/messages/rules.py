"""What the configuration says of worktrees, secrets and merging, as the tree is told it."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct


class Strategy(Enum):
    """How carefully stories are kept from each other's files."""

    ENTITY = "entity"  # functions, classes, imports: what shares a file may run side by side
    FILE = "file"  # declared files are locks, and a file that two stories changed is a conflict
    NONE = "none"  # only what the PRD says: dependencies and mutex


class OnFailure(Enum):
    """What becomes of the branch of a PRD that failed."""

    KEEP = "keep"
    ROLLBACK = "rollback"  # it returns to where it began; the work stands under a salvage ref


class WorktreeRules(Struct, frozen=True, kw_only=True):
    """How a worktree is furnished. Paths and globs are relative to the repository's root."""

    setup: tuple[str, ...] = ()  # commands, once a slot
    setup_when: tuple[str, ...] = ()  # ... and again when one of these files has changed
    setup_timeout_s: float = 900.0
    copy: tuple[str, ...] = ()  # from the user's checkout, each worktree its own
    link: tuple[str, ...] = ()  # likewise, but shared by a symbolic link
    sparse: tuple[str, ...] = ()  # folders to check out (cone mode); empty: everything
    free_bytes_min: int = 0  # on the disk of the worktrees, before one is made


class SecretRules(Struct, frozen=True, kw_only=True):
    """What nobody may see and no commit may hold."""

    env: tuple[str, ...] = ()  # names of variables; agents get them, logs do not
    files: tuple[str, ...] = ()  # globs in git's words (.gitignore), besides those that we know
    logins: tuple[str, ...] = ()  # files of agents, absolute: what is beyond doubt in them


class SecretSources(Struct, frozen=True, kw_only=True):
    """Where the values come from that nobody may see; values themselves are never told."""

    checkout: str = ""
    copied: tuple[str, ...] = ()  # globs; of what they lead to, what is secret by its name
    files: tuple[str, ...] = ()  # globs in git's words, besides those that we know
    env: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()  # as in SecretRules

    def __bool__(self) -> bool:
        return bool(self.copied or self.env or self.logins)


class MergeRules(Struct, frozen=True, kw_only=True):
    """How the work of stories comes together, and what becomes of it at the end."""

    strategy: Strategy = Strategy.ENTITY
    reconcile: bool = True  # resolve what is trivial
    fallback: bool = True  # what conflicts goes again on top of what was merged; else it has failed
    speculate: bool = True  # stories may start from a merge that is not verified yet
    cars_max: int = 8  # stories that are merged and verified together
    compare_s: float = 30.0  # how often the work of running stories is compared; 0 = never
    checks: tuple[str, ...] | None = None  # after a reconciliation; None: what is detected
    formatters: tuple[str, ...] | None = None  # likewise; the files' names are added
    on_failure: OnFailure = OnFailure.KEEP
    auto: bool = False  # merge the branch of a completed PRD into its base
    into: str = ""  # the branch that is merged into; empty: the one that the PRD started from
    allow_protected: bool = False  # also into main and master
    push: bool = False
    push_timeout_s: float = 120.0


class Rules(Struct, frozen=True, kw_only=True):
    """All three, as an integrator knows them."""

    worktree: WorktreeRules = WorktreeRules()
    secrets: SecretRules = SecretRules()
    merging: MergeRules = MergeRules()


def sources_of(rules: Rules, checkout: str) -> SecretSources:
    """Where the values come from for somebody who works by these rules."""
    return SecretSources(
        checkout=checkout,
        copied=rules.worktree.copy,
        files=rules.secrets.files,
        env=rules.secrets.env,
        logins=rules.secrets.logins,
    )
