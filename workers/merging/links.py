"""Which file an import means, as far as its name tells; nothing is looked up on a disk."""

from __future__ import annotations

from posixpath import dirname, join, normpath

from ..syntax.languages import Language

_ECMA_ENDS = (".ts", ".tsx", ".d.ts", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
_RUST_ROOTS = frozenset({"crate", "self", "super"})


def means(language: Language, importer: str, module: str, path: str) -> bool:
    """Say whether a module, imported by one file, is probably another one."""
    if language is Language.PYTHON:
        return _python(importer, module, path)
    if language is Language.RUST:
        parts = [part for part in module.split("::") if part and part not in _RUST_ROOTS]
        return bool(parts) and _ends(path, "/".join(parts), (".rs", "/mod.rs"))
    if not module.startswith("."):
        return False
    target = normpath(join(dirname(importer), module))
    wanted = {target, *(target + end for end in _ECMA_ENDS)}
    wanted |= {f"{target}/index{end}" for end in _ECMA_ENDS}
    # TypeScript's modules are imported by the name that they have once they are compiled.
    wanted |= {target.removesuffix(".js") + end for end in _ECMA_ENDS if target.endswith(".js")}
    return path in wanted


def _python(importer: str, module: str, path: str) -> bool:
    inner = module.lstrip(".")
    dots = len(module) - len(inner)
    parts = inner.replace(".", "/")
    if dots:
        folder = dirname(importer)
        for _ in range(dots - 1):
            folder = dirname(folder)
        target = join(folder, parts) if parts else folder
        return path in {f"{target}.py", f"{target}/__init__.py"}
    if "." in module:
        return _ends(path, parts, (".py", "/__init__.py"))
    # One word alone is more often a library than a file somewhere of that name.
    beside = (dirname(importer), "", "src", "lib")
    return path in {
        join(folder, parts + end) for folder in beside for end in (".py", "/__init__.py")
    }


def _ends(path: str, parts: str, ends: tuple[str, ...]) -> bool:
    return any(f"/{path}".endswith(f"/{parts}{end}") for end in ends)
