"""Which environment the agent and the verify commands see."""

from __future__ import annotations

from collections.abc import Mapping

from ..messages.story import Assign

_NAMES = frozenset(
    {
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "SHELL",
        "LANG",
        "TERM",
        "TMPDIR",
        "TZ",  # in which agents tell when a limit is lifted
        "SSH_AUTH_SOCK",
    }
)
_PREFIXES = ("LC_", "XDG_", "GIT_AUTHOR_", "GIT_COMMITTER_")

# Not even if the configuration names them.
_NEVER = frozenset(
    {
        # `git rev-parse --local-env-vars`, and what its child processes see besides: with one of
        # these, git would work on the user's repository, from the story's worktree.
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_PARAMETERS",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NAMESPACE",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_QUARANTINE_PATH",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
        # An agent that believes to be inside of another one refuses to start, or hangs.
        "CLAUDECODE",
        "CLAUDE_CODE_ENTRYPOINT",
        "CLAUDE_CODE_SSE_PORT",
        # The service manager's, for root alone.
        "NOTIFY_SOCKET",
        "WATCHDOG_PID",
        "WATCHDOG_USEC",
        "LISTEN_FDS",
        "LISTEN_PID",
        # setproctitle's, for our own processes.
        "SPT_NOENV",
    }
)
_NEVER_PREFIXES = ("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_", "PRD_SUPERVISE_")


def agent_environment(
    source: Mapping[str, str], *, extra_names: tuple[str, ...], assigned: Mapping[str, str]
) -> dict[str, str]:
    """Take from `source` what an agent may see and what the configuration names; add `assigned`."""
    allowed = _NAMES.union(extra_names) - _NEVER
    taken = {
        name: value
        for name, value in source.items()
        if (name in allowed or name.startswith(_PREFIXES)) and not name.startswith(_NEVER_PREFIXES)
    }
    return {**taken, **assigned}


def story_variables(assign: Assign, prompt_file: str) -> dict[str, str]:
    """Tell the commands of a story which story it is."""
    return {
        "PRD_SUPERVISE_PRD_ID": assign.prd_id,
        "PRD_SUPERVISE_STORY_ID": assign.story_id,
        "PRD_SUPERVISE_STORY_TITLE": assign.title,
        "PRD_SUPERVISE_ATTEMPT": str(assign.attempt),
        "PRD_SUPERVISE_WORKTREE": assign.worktree,
        "PRD_SUPERVISE_PROMPT_FILE": prompt_file,
        "PRD_SUPERVISE_BASE": assign.base,
        "PRD_SUPERVISE_RUN": assign.marker,
    }
