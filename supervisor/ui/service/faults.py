"""What is wrong with a service that stands so, and what to type about it; pure."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from .properties import last_end, result_told
from .signing import Whose
from .standing import OTHER_PATH, OUTDATED, Standing

AGAIN = "`prd-supervise service install` writes it anew"
_UNWRITTEN = frozenset({Whose.NOBODY.value, Whose.CHANGED.value, Whose.FOREIGN.value})


class Fault(Struct, frozen=True, kw_only=True):
    """One of them; with a bad one nothing runs."""

    text: str
    fix: str
    is_bad: bool = False


def faults_of(standing: Standing, *, program_exists: bool) -> Iterator[Fault]:
    """All of them, the worst first; of what is not installed nothing is wrong."""
    if not standing.is_installed:
        return
    if standing.program and not program_exists:
        yield Fault(
            text=f"its program is gone: {standing.program}",
            fix="install that again, or `prd-supervise service install` with the one you have",
            is_bad=True,
        )
    yield from _of_its_end(standing)
    for path, state in standing.files.items():
        if state == OUTDATED:
            yield Fault(text=f"{path} is not what would be written now", fix=AGAIN)
        elif state == OTHER_PATH:
            yield Fault(
                text="it finds agents by another PATH than this shell",
                fix="`prd-supervise service install` takes this one, if that is meant",
            )
        elif state in _UNWRITTEN:
            yield Fault(text=f"{path} is {_SAID[state]}", fix=_FIXES[state])
    if standing.properties.get("NeedDaemonReload") == "yes":
        fix = "`systemctl --user daemon-reload`"
        yield Fault(text="the manager has not read what is written now", fix=fix)
    if not standing.is_enabled:
        fix = f"`systemctl --user enable '{standing.unit}'`"
        yield Fault(text="it is not enabled: it does not start by itself", fix=fix)


def lingering_faults(standing: Standing) -> Iterator[Fault]:
    """What the end of a session means for it."""
    if standing.is_installed and not standing.lingers:
        yield Fault(
            text="it ends when you log out, and starts when you log in: lingering is off",
            fix=f"`loginctl enable-linger {standing.user}`",
        )


def _of_its_end(standing: Standing) -> Iterator[Fault]:
    if standing.properties.get("SubState") == "auto-restart":
        fix = f"`journalctl --user -u '{standing.unit}'` says why"
        yield Fault(text="it has ended, and waits to be started again", fix=fix)
    if standing.state != "failed":
        return
    told = [result_told(standing.properties), last_end(standing.properties)]
    why = "; the last: ".join(filter(None, told)) or standing.properties.get("Result", "")
    again = f"`systemctl --user reset-failed '{standing.unit}'`, then start it"
    fix = f"`journalctl --user -u '{standing.unit}'`; when it is mended, {again}"
    yield Fault(text=f"it has failed: {why}", fix=fix, is_bad=True)


_SAID = {
    Whose.NOBODY.value: "not there",
    Whose.CHANGED.value: "changed by you, and not kept up to date",
    Whose.FOREIGN.value: "none of ours",
}
_FIXES = {
    Whose.NOBODY.value: AGAIN,
    Whose.CHANGED.value: "nothing, or `prd-supervise service install --force`",
    Whose.FOREIGN.value: "move it away, then `prd-supervise service install`",
}
