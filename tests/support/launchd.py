"""A `launchctl` on PATH, as launchctl(1) describes what is typed here; it starts nothing.

It keeps the jobs that are loaded as files in a folder, and a `plutil` reads what it is given. What
it was asked stands in `asked`, one line a call.
"""

from __future__ import annotations

import sys
from pathlib import Path

_LAUNCHCTL = """#!{python}
import plistlib, sys
from pathlib import Path

folder = Path({folder!r})
verb, *words = sys.argv[1:]
with (folder / "asked").open("a") as asked:
    print(verb, *words, file=asked)
domain = folder / "no-screen"

def refuse(code, text):
    print(text, file=sys.stderr)
    sys.exit(code)

def job(target):
    return folder / target.rpartition("/")[2]

match verb:
    case "print" if words[0].count("/") == 1:
        if domain.exists():
            refuse(113, "Could not find domain for")
        print("domain = {{}}")
    case "print":
        found = job(words[0])
        if not found.exists():
            refuse(113, f'Could not find service "{{words[0]}}" in domain for user gui: 501')
        print(f"{{words[0]}} = {{{{\\n\\tactive count = 1\\n{{found.read_text()}}\\n}}}}")
    case "bootstrap":
        if domain.exists():
            refuse(125, "Bootstrap failed: 125: Domain does not support specified action")
        told = plistlib.loads(Path(words[1]).read_bytes())
        if job(told["Label"]).exists():
            refuse(5, "Bootstrap failed: 5: Input/output error")
        state = "\\tstate = running\\n\\tpid = 4711\\n\\truns = 1\\n"
        job(told["Label"]).write_text(state + "\\tlast exit code = (never exited)")
    case "bootout":
        if not job(words[0]).exists():
            refuse(3, "Boot-out failed: 3: No such process")
        job(words[0]).unlink()
    case "enable" | "kickstart":
        pass
    case _:
        refuse(64, f"Unrecognized subcommand: {{verb}}")
"""

_PLUTIL = """#!{python}
import plistlib, sys
from pathlib import Path

assert sys.argv[1] == "-lint"
try:
    plistlib.loads(Path(sys.argv[2]).read_bytes())
except Exception as error:
    print(f"{{sys.argv[2]}}: {{error}}", file=sys.stderr)
    sys.exit(1)
print(f"{{sys.argv[2]}}: OK")
"""


class Launchd:
    """The programs in `folder`, which has to be on PATH; and no systemctl is."""

    def __init__(self, folder: Path, jobs: Path) -> None:
        self._jobs = jobs
        for path in (folder, jobs):
            path.mkdir()
        for name, text in (("launchctl", _LAUNCHCTL), ("plutil", _PLUTIL)):
            program = folder / name
            program.write_text(text.format(python=sys.executable, folder=str(jobs)))
            program.chmod(0o755)

    def asked(self) -> list[str]:
        """What was typed so far, without what only asks."""
        path = self._jobs / "asked"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line for line in lines if not line.startswith("print ")]

    def loaded(self) -> list[str]:
        """The labels of the jobs."""
        return sorted(path.name for path in self._jobs.glob("org.prd-supervise.*"))

    def say(self, label: str, *properties: str) -> None:
        """Let `print` say this of a job."""
        (self._jobs / label).write_text("\n".join(f"\t{each}" for each in properties))

    def log_out(self) -> None:
        """Nobody is logged in at the screen."""
        (self._jobs / "no-screen").touch()
