"""Which tool of those that an agent offers does what the script wants."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath
from typing import Any

from tests.support.model_server.script import Call

Tool = tuple[str, dict[str, Any]]

_WRITES = {"Write": "file_path", "write_file": "file_path", "write": "filePath"}
_SHELLS = {
    "Bash": "command",
    "bash": "command",
    "run_shell_command": "command",
    "exec_command": "cmd",
    "shell_command": "command",
}
# As the agents tell their model where it works.
_WORKS_IN = re.compile(
    r"(?:[Ww]orking directory|<cwd>|Workspace Directories:\\n *-)[^/\n]{0,20}(/[^\\\"<\s]+)"
)


class NoToolError(LookupError):
    """The agent offers nothing with which this could be done."""


def tool_for(call: Call, offered: frozenset[str], body: dict[str, Any]) -> Tool:
    """Choose the tool, and its arguments."""
    if call.command:
        return _shell(call, offered)
    for name in sorted(offered & _WRITES.keys()):
        folder = _works_in(body)
        if folder:
            path = str(PurePosixPath(folder, call.path))
            return name, {_WRITES[name]: path, "content": call.text}
    # No tool of its own for files, or nobody knows where: the shell is in the worktree.
    text = call.text.removesuffix("\n")
    command = f"cat > {call.path} <<'END_OF_TEXT'\n{text}\nEND_OF_TEXT"
    return _shell(Call(command=command), offered)


def _shell(call: Call, offered: frozenset[str]) -> Tool:
    for name in sorted(offered & _SHELLS.keys()):
        arguments: dict[str, Any] = {_SHELLS[name]: call.command}
        if name in {"Bash", "run_shell_command"}:
            arguments["description"] = "as the script says"
        if call.is_background:
            arguments["run_in_background" if name == "Bash" else "is_background"] = True
        if name == "exec_command":
            arguments["yield_time_ms"] = 30_000
        return name, arguments
    raise NoToolError(f"none of {sorted(offered)} runs a command")


def _works_in(body: dict[str, Any]) -> str:
    found = _WORKS_IN.search(json.dumps(body))
    return found.group(1) if found else ""
