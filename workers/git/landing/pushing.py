"""How a branch is pushed: as a shell command for a worker, because a remote may not answer."""

from __future__ import annotations

import shlex

from ...messages.landing import PlanPush, PushPlanned
from ..commands import one_line
from ..place import Place

_HEADS = "refs/heads/"
# No prompt may wait for a person who sleeps.
_QUIET = (
    "GIT_TERMINAL_PROMPT=0 GIT_ASKPASS=false SSH_ASKPASS=false "
    "SSH_ASKPASS_REQUIRE=never GCM_INTERACTIVE=never LC_ALL=C"
)
_OPTIONS = ("core.hooksPath=/dev/null", "gc.auto=0", "push.gpgSign=false", "push.followTags=false")
# What git says of an address may hold a password.
_REDACT = "s#://[^/[:space:]]*@#://[redacted]@#g"


def plan_push(place: Place, request: PlanPush) -> PushPlanned:
    """Say how the branch goes to its upstream, else to origin, where it stands as it was seen."""
    planned = PushPlanned(number=request.number)
    branch = request.into
    remote = _config(place, f"branch.{branch}.remote") or "origin"
    if remote not in place.git.run("remote").line.split("\n"):
        problem = one_line(f"there is no remote {remote}")
        return PushPlanned(number=request.number, problem=problem)
    target = _config(place, f"branch.{branch}.merge") or f"{_HEADS}{branch}"
    refs = place.refs(f"{_HEADS}{branch}")
    if f"{_HEADS}{branch}" not in refs:
        return PushPlanned(number=request.number, problem=f"there is no branch {branch}")
    commit, seen = refs[f"{_HEADS}{branch}"].commit, _seen(place, remote, target)
    if seen == commit:
        return planned
    if seen and not place.is_ancestor(seen, commit):
        problem = f"{remote} has commits that {branch} does not have; fetch and merge them"
        return PushPlanned(number=request.number, remote=remote, problem=problem)
    return PushPlanned(
        number=request.number,
        remote=remote,
        command=_command(place, remote, f"{commit}:{target}", f"{target}:{seen}"),
        folder=str(place.common_dir),
    )


def _seen(place: Place, remote: str, target: str) -> str:
    """Where the remote's branch stood when somebody fetched last; empty: nobody has seen it."""
    ref = f"refs/remotes/{remote}/{target.removeprefix(_HEADS)}"
    found = place.refs(ref).get(ref)
    return "" if found is None else found.commit


def _command(place: Place, remote: str, refspec: str, lease: str) -> str:
    ssh = _config(place, "core.sshCommand") or "ssh"
    options = (*_OPTIONS, f"core.sshCommand={ssh} -o BatchMode=yes")
    words = [
        *("git", *(word for option in options for word in ("-c", option))),
        *("push", "--porcelain", "--no-recurse-submodules", f"--force-with-lease={lease}"),
        *("--", remote, refspec),
    ]
    directory = shlex.quote(str(place.common_dir))
    # From where its user would push: the address of a remote may be relative.
    there = f"cd {shlex.quote(str(place.checkout))} && "
    push = f"{there}{_QUIET} GIT_DIR={directory} {shlex.join(words)} 2>&1"
    return f"said=$({push}); code=$?; printf '%s\\n' \"$said\" | sed '{_REDACT}'; exit $code"


def _config(place: Place, key: str) -> str:
    return place.git.ask("config", "--get", key).line
