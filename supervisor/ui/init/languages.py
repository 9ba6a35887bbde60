"""Guesses for languages whose own tool builds and tests: Rust, Go, Elixir, Deno and others."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .folder import Folder, table
from .guess import Guess, Role, setup, verify


def rust(folder: Folder) -> Iterator[Guess]:
    """Cargo.toml."""
    name = "Cargo.toml"
    if name not in folder.files:
        return
    cargo = folder.toml(name)
    is_whole = "workspace" in cargo
    lints = table(cargo, "lints", "clippy") or table(cargo, "workspace", "lints", "clippy")
    clippy = folder.has("clippy.toml", ".clippy.toml") or (
        f"{name} [lints.clippy]" if lints else ""
    )
    rustfmt = folder.has("rustfmt.toml", ".rustfmt.toml")
    more = " --workspace" if is_whole else ""
    if rustfmt:
        yield verify(Role.LINT, "cargo fmt --check", f"there is {rustfmt}", program="cargo")
    if clippy:
        line = f"cargo clippy{more} --all-targets -- -D warnings"
        yield verify(Role.LINT, line, f"there is {clippy}", program="cargo")
    because = f"{name} is a workspace" if is_whole else f"there is {name}"
    yield verify(Role.TEST, f"cargo test{more}", because, program="cargo")


def go(folder: Folder) -> Iterator[Guess]:
    """go.mod."""
    if "go.mod" not in folder.files:
        return
    linter = folder.has(".golangci.yml", ".golangci.yaml", ".golangci.toml")
    if linter:
        line, program = "golangci-lint run", "golangci-lint"
        yield verify(Role.LINT, line, f"there is {linter}", program=program)
    else:
        yield verify(Role.LINT, "go vet ./...", "there is go.mod", program="go")
    yield verify(Role.TEST, "go test ./...", "there is go.mod", program="go")


def ruby(folder: Folder) -> Iterator[Guess]:
    """A Gemfile, a Rakefile."""
    rakefile = folder.has("Rakefile", "rakefile", "Rakefile.rb")
    has_gems = "Gemfile" in folder.files
    run, program = ("bundle exec ", "bundle") if has_gems else ("", "rake")
    if has_gems:
        lock = folder.has("Gemfile.lock") or "Gemfile"
        because = "a fresh worktree has no gems of a path of its own"
        yield setup("bundle install --quiet", because, program="bundle", locks=(lock,))
        if ".rubocop.yml" in folder.files:
            yield verify(Role.LINT, f"{run}rubocop", "there is .rubocop.yml", program=program)
    if ".rspec" in folder.files or "spec" in folder.folders:
        if has_gems:
            yield verify(Role.TEST, f"{run}rspec", "there are specs", program=program)
    elif "rails" in folder.inner("bin").files:
        yield verify(Role.TEST, "bin/rails test", "there is bin/rails", program="bundle")
    elif rakefile:
        line = f"{run}rake test" if "test" in folder.text(rakefile) else f"{run}rake"
        yield verify(Role.TEST, line, f"there is {rakefile}", program=program)


def java(folder: Folder) -> Iterator[Guess]:
    """pom.xml, or Gradle's files."""
    gradle = folder.has(
        "build.gradle.kts", "build.gradle", "settings.gradle.kts", "settings.gradle"
    )
    if "pom.xml" in folder.files:
        own = "./mvnw" if folder.is_executable("mvnw") else "mvn"
        program = "java" if own == "./mvnw" else "mvn"
        yield verify(Role.TEST, f"{own} -B -q verify", "there is pom.xml", program=program)
    elif gradle:
        own = "./gradlew" if folder.is_executable("gradlew") else "gradle"
        program = "java" if own == "./gradlew" else "gradle"
        line = f"{own} --quiet --no-daemon check"  # a daemon would outlive its story
        yield verify(Role.TEST, line, f"there is {gradle}", program=program)


def native(folder: Folder) -> Iterator[Guess]:
    """CMake and Meson: built in a folder beside, which goes with the story's run."""
    build = '"$TMPDIR/build"'
    if "CMakeLists.txt" in folder.files:
        line = f"cmake -S . -B {build} && cmake --build {build} --parallel"
        if "enable_testing" in folder.text("CMakeLists.txt") or "CTest" in folder.text(
            "CMakeLists.txt"
        ):
            line += f" && ctest --test-dir {build} --output-on-failure"
        yield verify(Role.TEST, line, "there is CMakeLists.txt", program="cmake")
    elif "meson.build" in folder.files:
        line = f"meson setup {build} && meson test -C {build} --print-errorlogs"
        yield verify(Role.TEST, line, "there is meson.build", program="meson")


def elixir(folder: Folder) -> Iterator[Guess]:
    """mix.exs."""
    if "mix.exs" not in folder.files:
        return
    text = folder.text("mix.exs")
    if "{:" in text.partition("defp deps")[2]:
        locks = (folder.has("mix.lock") or "mix.exs",)
        because = "a fresh worktree has no deps"
        yield setup("mix deps.get", because, program="mix", locks=locks, makes=("deps",))
    if ".formatter.exs" in folder.files:
        because = "there is .formatter.exs"
        yield verify(Role.LINT, "mix format --check-formatted", because, program="mix")
    yield verify(Role.TEST, "mix test", "there is mix.exs", program="mix")


def php(folder: Folder) -> Iterator[Guess]:
    """composer.json."""
    name = "composer.json"
    if name not in folder.files:
        return
    because = "a fresh worktree has no vendor folder"
    locks = (folder.has("composer.lock") or name,)
    line = "composer install --no-interaction --quiet"
    yield setup(line, because, program="composer", locks=locks, makes=("vendor",))
    scripts = table(folder.json(name), "scripts")
    unit = folder.has("phpunit.xml", "phpunit.xml.dist", "phpunit.dist.xml")
    if "test" in scripts:
        because = f'{name} has a script "test"'
        yield verify(Role.TEST, "composer run-script test", because, program="composer")
    elif unit:
        yield verify(Role.TEST, "vendor/bin/phpunit", f"there is {unit}", program="php")


def deno(folder: Folder) -> Iterator[Guess]:
    """deno.json."""
    name = folder.has("deno.json", "deno.jsonc")
    if not name:
        return
    if "test" in table(folder.json(name), "tasks"):
        because = f'{name} has a task "test"'
        yield verify(Role.TEST, "deno task test", because, program="deno")
        return
    yield verify(Role.LINT, "deno lint", f"there is {name}", program="deno")
    yield verify(Role.TEST, "deno test", f"there is {name}", program="deno")


_SINGLE = (
    ("Package.swift", "swift test", "swift"),
    ("build.zig", "zig build test", "zig"),
    ("build.sbt", "sbt test", "sbt"),
    ("stack.yaml", "stack test", "stack"),
    ("cabal.project", "cabal test all", "cabal"),
    ("dune-project", "dune runtest", "dune"),
    ("gleam.toml", "gleam test", "gleam"),
    ("rebar.config", "rebar3 eunit", "rebar3"),
    ("project.clj", "lein test", "lein"),
)


def others(folder: Folder) -> Iterator[Guess]:
    """Languages that have one file and one command; .NET's and Dart's."""
    for name, line, program in _SINGLE:
        if name in folder.files:
            yield verify(Role.TEST, line, f"there is {name}", program=program)
    dotnet = next((each for each in sorted(folder.files) if each.endswith((".sln", ".slnx"))), "")
    dotnet = dotnet or next((each for each in sorted(folder.files) if each.endswith(".csproj")), "")
    if dotnet:
        yield verify(Role.TEST, "dotnet test", f"there is {dotnet}", program="dotnet")
    if "pubspec.yaml" in folder.files:
        is_flutter = "sdk: flutter" in folder.text("pubspec.yaml")
        program = "flutter" if is_flutter else "dart"
        because = "a fresh worktree has no packages"
        yield setup(f"{program} pub get", because, program=program, locks=("pubspec.yaml",))
        if "test" in folder.folders:
            yield verify(Role.TEST, f"{program} test", "there is pubspec.yaml", program=program)


LANGUAGES: tuple[Callable[[Folder], Iterator[Guess]], ...] = (
    *(rust, go, ruby, java, native, elixir, php, deno, others),
)
