"""A LaunchAgent for launchd, as launchd.plist(5) and launchctl(1) describe it: texts alone."""

from __future__ import annotations

import hashlib
import os
import plistlib
import re
from collections.abc import Mapping
from pathlib import Path

from ...shell.service.launchd import log_path
from ...shell.service.manager import LAUNCHD_LABEL
from .installation import Installation
from .signing import Whose
from .units import STOP_S, SUBCOMMAND

THROTTLE_S = 30  # launchd counts no starts and never gives up: this is how often it tries again
FILES = 4096  # launchd's own 256 are soon used up by a night
_NAME_CHARS_MAX = 48
_HASH_CHARS = 8
_OPENING = b'<plist version="1.0">\n'
_HEAD = """\
<!-- Written by `prd-supervise service install`, and removed by `prd-supervise service uninstall`.
     What you change here is kept, and no longer kept up to date. sha256: {digest} -->
"""
_SIGNED = re.compile(
    re.escape(_HEAD).replace(re.escape("{digest}"), "([0-9a-f]{64})").encode(), re.MULTILINE
)
_PROPERTY = re.compile(
    r"^\t(state|pid|runs|last exit code|last terminating signal) = (.*)$", re.MULTILINE
)


def label_of(repository: Path) -> str:
    """The job's name: readable by the folder's name, its own by the path."""
    digest = hashlib.sha256(os.fsencode(repository)).hexdigest()[:_HASH_CHARS]
    name = re.sub(r"[^A-Za-z0-9]+", "-", repository.name).strip("-")[:_NAME_CHARS_MAX]
    return f"{LAUNCHD_LABEL}.{name or 'repository'}-{digest}"


def plist_path(home: Path, label: str) -> Path:
    """Where launchd looks for the agents of a user."""
    return home / "Library" / "LaunchAgents" / f"{label}.plist"


def plist_of(installation: Installation) -> bytes:
    """The whole file, with a head by which it is known again."""
    label = label_of(installation.repository)
    log = str(log_path(installation.home, label))
    job = {
        "Label": label,
        "ProgramArguments": [str(installation.program), *SUBCOMMAND],
        "WorkingDirectory": str(installation.repository),
        "EnvironmentVariables": {"PATH": installation.path},
        "RunAtLoad": True,
        # Not after 0: an operator's stop, and what a person has to mend first.
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": THROTTLE_S,
        "ExitTimeOut": STOP_S,
        # "Background" would put agents and tests onto slow cores, with little of the disk.
        "ProcessType": "Standard",
        "StandardOutPath": log,
        "StandardErrorPath": log,
        "SoftResourceLimits": {"NumberOfFiles": FILES, "Core": 0},
    }
    return signed_plist(plistlib.dumps(job))


def signed_plist(data: bytes) -> bytes:
    """The file with our head in it."""
    head = _HEAD.format(digest=hashlib.sha256(data).hexdigest()).encode()
    return data.replace(_OPENING, _OPENING + head, 1)


def whose_plist(found: bytes | None) -> Whose:
    """Whose a file is that holds this; None: there is none."""
    if found is None:
        return Whose.NOBODY
    head = _SIGNED.search(found)
    if head is None:
        return Whose.FOREIGN
    rest = found[: head.start()] + found[head.end() :]
    return Whose.OURS if head[1].decode() == hashlib.sha256(rest).hexdigest() else Whose.CHANGED


def program_in(plist: bytes) -> str:
    """The program that the job starts; empty if that is no such file."""
    try:
        words = plistlib.loads(plist).get("ProgramArguments")
    except (ValueError, AttributeError, plistlib.InvalidFileException):
        return ""
    return words[0] if isinstance(words, list) and words and isinstance(words[0], str) else ""


# --- launchctl --------------------------------------------------------------------------------


def domain_of(uid: int) -> str:
    """Where the agents of a user run who is logged in at the screen."""
    return f"gui/{uid}"


def bootstrap(domain: str, plist: Path) -> tuple[str, ...]:
    """Load the job, which starts it."""
    return ("launchctl", "bootstrap", domain, str(plist))


def bootout(domain: str, label: str) -> tuple[str, ...]:
    """Stop the job, and forget it."""
    return ("launchctl", "bootout", f"{domain}/{label}")


def enable(domain: str, label: str) -> tuple[str, ...]:
    """Take back what `launchctl disable` has said of it; else it could not be loaded."""
    return ("launchctl", "enable", f"{domain}/{label}")


def kickstart(domain: str, label: str) -> tuple[str, ...]:
    """Start a job that is loaded and does not run."""
    return ("launchctl", "kickstart", f"{domain}/{label}")


def print_job(domain: str, label: str) -> tuple[str, ...]:
    """Tell of the job; it fails where the job is not loaded."""
    return ("launchctl", "print", f"{domain}/{label}")


def parsed(printed: str) -> Mapping[str, str]:
    """What `launchctl print` says of a job itself, not of what is nested in it.

    Its manual promises no form: what is not found is not known.
    """
    found: dict[str, str] = {}
    for name, value in _PROPERTY.findall(printed):
        found.setdefault(name, value.strip())
    return found
