"""Programs named systemctl, loginctl and journalctl, for tests: they keep what they are told.

`systemctl` knows what a user's manager would of its units: which are enabled (by the real links),
which run, what they show. `behave` has one of them fail or hang.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

_PROGRAM = r"""#!{python}
import json, os, pathlib, sys, time

here = pathlib.Path(__file__).resolve().parent.parent
name, words = pathlib.Path(__file__).name, [each for each in sys.argv[1:] if each != "--"]
with (here / "calls").open("a") as calls:
    calls.write(json.dumps([name, *sys.argv[1:]]) + "\n")
verbs = [each for each in words if not each.startswith("-")]
verb = verbs[0] if verbs else ""
for odd in json.loads((here / "behaviour").read_text()):
    if odd["verb"] == verb:
        time.sleep(odd.get("sleeps_s", 0))
        print(odd.get("err", ""), end="", file=sys.stderr)
        print(odd.get("out", ""), end="")
        if "code" in odd:
            sys.exit(odd["code"])
units = pathlib.Path(os.environ["HOME"], ".config/systemd/user")
state = here / "state"
known = json.loads(state.read_text()) if state.exists() else {{}}

def keep(unit, **properties):
    known[unit] = known.get(unit, {{}}) | properties
    state.write_text(json.dumps(known))

if name == "loginctl":
    linger = here / "linger"
    if verb == "enable-linger":
        linger.touch()
    elif verb == "disable-linger":
        linger.unlink()
    elif verb == "show-user":
        print("Linger=" + ("yes" if linger.exists() else "no"))
elif "--version" in words:
    print("systemd " + (here / "version").read_text())
elif verb == "is-system-running":
    print("running")
elif verb in ("enable", "disable"):
    link = units / "default.target.wants" / verbs[1]
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    if verb == "enable":
        link.symlink_to(units / "prd-supervise@.service")
    elif not list(link.parent.iterdir()):
        link.parent.rmdir()
elif verb == "start":
    keep(verbs[1], ActiveState="active", SubState="running", MainPID="4711", StatusText="idle")
elif verb == "stop":
    keep(verbs[1], ActiveState="inactive", SubState="dead", MainPID="0")
elif verb == "show":
    shown = known.get(verbs[-1], {{"ActiveState": "inactive"}})
    unit = units / "prd-supervise@.service"
    print("FragmentPath=" + (str(unit) if unit.exists() else ""))
    for key, value in shown.items():
        print(key + "=" + value)
elif verb == "list-units":
    for unit, shown in known.items():
        print(unit, "loaded", shown["ActiveState"], shown["SubState"], "prd-supervise for it")
"""


class FakeSystemd:
    """A folder for PATH with these programs in it."""

    def __init__(self, folder: Path, *, version: int = 252) -> None:
        self._folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir(parents=True)
        (folder / "version").write_text(str(version))
        (folder / "behaviour").write_text("[]")
        for name in ("systemctl", "loginctl", "journalctl"):
            self.put(name, _PROGRAM.format(python=sys.executable))

    def put(self, name: str, text: str) -> None:
        """Write a program of that name."""
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def behave(self, *odd: dict[str, Any]) -> None:
        """Have verbs end with a `code`, say `out` or `err`, or take `sleeps_s` before they do."""
        (self._folder / "behaviour").write_text(json.dumps(odd))

    def has(self, unit: str, **properties: str) -> None:
        """Have the manager show these properties of a unit."""
        state = self._folder / "state"
        known = json.loads(state.read_text()) if state.exists() else {}
        known[unit] = {"ActiveState": "inactive", "SubState": "dead"} | properties
        state.write_text(json.dumps(known))

    def calls(self, *verbs: str) -> list[str]:
        """What was asked for so far, of these verbs, without options; then it is forgotten."""
        path = self._folder / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        calls = [[word for word in json.loads(line) if not word.startswith("-")] for line in lines]
        return [" ".join(call[1:]) for call in calls if call[1:2] and call[1] in verbs]

    @property
    def lingers(self) -> bool:
        """Whether lingering is on."""
        return (self._folder / "linger").exists()

    def linger(self) -> None:
        """Have it on, by somebody else."""
        (self._folder / "linger").touch()
