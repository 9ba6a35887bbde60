"""Put into every Python process of a tree under test by PYTHONPATH: it takes capabilities away.

The product knows nothing of it. PRD_TEST_LACKS names what this system shall not have (`all`, or
fields of Capabilities with commas between), and PRD_TEST_KQUEUE=1 gives it kqueues in exchange.
"""

from __future__ import annotations

import importlib.util
import os
import select
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

_LACKS = os.environ.get("PRD_TEST_LACKS", "")
_MODULE = "prd_supervise.workers.process.capabilities"
_SUPPORT = Path(__file__).resolve().parents[1]


class _Finder(MetaPathFinder):
    """Finds one module, and changes what its probe has found."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != _MODULE:
            return None
        spec = PathFinder.find_spec(name, path, target)
        assert spec is not None
        assert spec.loader is not None
        run = spec.loader.exec_module

        def run_and_take_away(module: ModuleType) -> None:
            run(module)
            _take_away(module)

        spec.loader.exec_module = run_and_take_away  # type: ignore[method-assign]
        return spec


def _take_away(module: Any) -> None:  # noqa: ANN401  a module
    import msgspec  # noqa: PLC0415  the module has it loaded by now

    has_queues = bool(os.environ.get("PRD_TEST_KQUEUE"))
    if has_queues:
        for name, value in _load("kqueues").NAMES.items():
            setattr(select, name, value)
    nothing: dict[str, Any] = dict.fromkeys(module.HERE.__struct_fields__, False)
    nothing |= {"peer_credentials": "", "data_sync": "fsync"}
    names = nothing.keys() if _LACKS == "all" else _LACKS.split(",")
    lacking = {name: nothing[name] for name in names} | {"kqueue": has_queues}
    module.HERE = msgspec.structs.replace(module.HERE, **lacking)


def _load(name: str) -> Any:  # noqa: ANN401  a module
    spec = importlib.util.spec_from_file_location(name, _SUPPORT / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if _LACKS:
    sys.meta_path.insert(0, _Finder())
