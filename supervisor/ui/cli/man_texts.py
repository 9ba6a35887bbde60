"""What the man page says besides the commands: exit codes, variables, files."""

from __future__ import annotations

Rows = tuple[tuple[str, str], ...]

EXITS: Rows = (
    ("0", "Everything that was asked for is done."),
    ("1", "It ended, but some story or PRD failed; doctor: something fails; or it was refused."),
    ("2", "Asked wrongly: no repository, no such PRD, an unknown option."),
    ("70", "An internal failure, or more restarts than intensity allows."),
    ("75", "Stopped with work left; resume goes on."),
    ("78", "The configuration or a PRD is invalid; nothing was started or changed."),
    ("130", "Ended by ^C."),
)

ENVIRONMENT: Rows = (
    ("PRD_SUPERVISE_*", "Every setting has a variable: PRD_SUPERVISE_MAX_PRDS is max_prds."),
    ("NO_COLOR", "No colours, if it is not empty."),
    ("XDG_CONFIG_HOME", "Where prd-supervise/config.toml lies (~/.config)."),
    ("XDG_RUNTIME_DIR", "Where the control socket lies."),
)

FILES: Rows = (
    ("prd-supervise.toml", "The repository's settings; or [tool.prd-supervise] in pyproject.toml."),
    ("~/.config/prd-supervise/config.toml", "The user's own."),
    (".prd-supervise/", "All state of a repository: journals, events, logs, worktrees."),
)

SEE_ALSO = "git-worktree(1), git-merge-tree(1), systemd.service(5)"
