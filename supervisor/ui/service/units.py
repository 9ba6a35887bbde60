"""The texts of our systemd units; `contrib/systemd` holds what they are for everybody."""

from __future__ import annotations

from msgspec import Struct

from .escaping import NAME_CHARS_MAX, NotSayableError, assignment, escaped_path, exec_line
from .installation import Installation

TEMPLATE = "prd-supervise@.service"
FIXED = "prd-supervise.service"
SLICE = "prd.slice"
BACKOFF = "10-backoff.conf"
SANDBOX = "20-sandbox.conf"
CEILINGS = "20-ceilings.conf"
BACKOFF_SINCE = 254  # systemd's own version
GRACE_S = 60  # of grace_s, unless somebody sets it
STOP_S = 90  # see the comment at TimeoutStopSec
LAST_STOP_S = 120  # of user@.service, which no unit below it can lengthen
SUBCOMMAND = ("resume", "--watch")


class Words(Struct, frozen=True, kw_only=True):
    """What differs from unit to unit, as it stands there: escaped already."""

    repository: str
    command: str
    path: str  # the assignment as a whole


def instance_name(repository: str) -> str:
    """The unit that serves this repository."""
    name = TEMPLATE.replace("@", f"@{escaped_path(repository)}")
    if len(name) > NAME_CHARS_MAX:
        raise NotSayableError(
            f"{repository}: as the name of a unit this path has {len(name)} characters, and systemd"
            f" takes {NAME_CHARS_MAX}; move the repository, or edit contrib/systemd/{FIXED}"
        )
    return name


def words_of(installation: Installation) -> Words:
    """The words for the template, of which each repository has an instance."""
    return Words(
        repository="%f",
        command=exec_line(str(installation.program), *SUBCOMMAND),
        path=assignment("PATH", installation.path),
    )


def unit_texts(installation: Installation, *, version: int) -> dict[str, str]:
    """What is to stand in the folder for units, by names of files there."""
    texts = {TEMPLATE: service_text(words_of(installation)), SLICE: slice_text()}
    if version >= BACKOFF_SINCE:
        texts[f"{TEMPLATE}.d/{BACKOFF}"] = backoff_text()
    return texts


def service_text(words: Words) -> str:
    """The service."""
    return f"""\
[Unit]
Description=prd-supervise for {words.repository}
ConditionPathIsDirectory={words.repository}
# Root gives up by itself (exit code 70) after 5 restarts of PRDs within 300 s. This window is
# longer than 10 such lives (10 x 305 s), so that a service that burns out again and again is given
# up in the end as well; and 10 is more than 5, so that root's own judgement comes first.
StartLimitIntervalSec=1h
StartLimitBurst=10

[Service]
# READY=1 comes when what an earlier run has left is swept and read.
Type=notify
NotifyAccess=main
TimeoutStartSec=3min
WorkingDirectory={words.repository}
# The manager's own environment is bare: this is the PATH that agents, git and node are found by.
Environment={words.path}
# Keys of agents, a NAME=value a line; nobody but you needs to read that file.
EnvironmentFile=-%E/prd-supervise/env
ExecStart={words.command}
ExecReload=/bin/kill -HUP $MAINPID
# 75 is "stopped with work left": right after a stop that the manager was asked for, and a reason
# to start again after a SIGTERM from anybody else. 2 and 78 are for a person to mend.
SuccessExitStatus=75
Restart=on-failure
RestartSec=5s
RestartForceExitStatus=75
RestartPreventExitStatus=2 78
# Agents get 60 s (grace_s) to come to an end; root tells the manager if it takes longer. At logout
# and reboot all of this ends after the {LAST_STOP_S} s of user@.service, whatever stands here.
KillMode=mixed
TimeoutStopSec={STOP_S}s
# Root alone says that it lives, and only while its PRD supervisors answer. SIGABRT has it write
# its stacks into the journal, which takes no time; a core would hold keys.
WatchdogSec=60s
TimeoutAbortSec=10s
LimitCORE=0
# A job that is killed for its memory is root's to judge; the cgroups below are root's to divide.
OOMPolicy=continue
Delegate=yes
Slice={SLICE}

[Install]
WantedBy=default.target
"""


def slice_text() -> str:
    """All instances together."""
    return """\
[Unit]
Description=All repositories of prd-supervise

[Slice]
CPUAccounting=yes
MemoryAccounting=yes
TasksAccounting=yes
"""


def backoff_text() -> str:
    """Pauses that grow, which systemd knows since 254."""
    return """\
[Unit]
# Between ten starts lie 20 minutes of these pauses, and in them ten lives of 300 s.
StartLimitIntervalSec=2h

[Service]
# 5 s, 10, 20, 39, 77, 152, and 300 from then on.
RestartSteps=6
RestartMaxDelaySec=5min
"""


def ceilings_text() -> str:
    """A ceiling for all instances together."""
    return """\
[Slice]
# Of all repositories with all agents and tests. The kernel slows down above the first, and kills
# above the second; what root itself keeps for a story is in [limits] of prd-supervise.toml.
MemoryHigh=70%
MemoryMax=80%
# 100% is one processor. A weight below 100 yields to your desktop, and costs nothing when idle.
#CPUQuota=400%
CPUWeight=50
TasksMax=8192
"""


def sandbox_text() -> str:
    """What agents may not do; each of these takes sudo from them, and newuidmap."""
    return """\
# Each line sets NoNewPrivileges: sudo and rootless podman fail in agents and verify commands.
[Service]
NoNewPrivileges=yes
RestrictSUIDSGID=yes
RestrictRealtime=yes
LockPersonality=yes
SystemCallArchitectures=native

# From systemd 257 on also these; before, they are ignored without a word, or the start fails.
# /tmp of its own; what programs of yours keep there is not seen. Owners other than you become
# "nobody", and git then refuses repositories that are not yours.
#PrivateTmp=yes
#ProtectSystem=full

# Left out, because agents need it: RestrictNamespaces (their own sandboxes), PrivateUsers,
# MemoryDenyWriteExecute (node), ProtectControlGroups (ceilings of stories).
"""
