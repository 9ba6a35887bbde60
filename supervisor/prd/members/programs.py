"""Words that begin a command, and words that no command has: how the two are told apart."""

from __future__ import annotations

# Programs that verify, build, or look at files.
COMMON = frozenset(
    """
    [ [[ ansible-lint ava awk bandit bash basedpyright bats bazel bazelisk behat behave biome
    black buf bun bundle bundler bunx c8 cabal cargo cat cd checkov clang clang-format
    clang-tidy cmake cmp composer conan coverage ctest curl cypress dart dbt deno detekt diff
    docker docker-compose dotnet dune echo elixir elm esbuild eslint export false find flake8
    flutter forge gcc ginkgo git gleam go gofmt golangci-lint gotestsum govulncheck gradle
    gradlew grep hadolint hardhat helm husky java javac jest jq julia just karma knip ktlint
    kubectl ls lua luacheck make markdownlint mdbook meson mix mocha mvn mvnw mypy next ng
    nimble ninja nix node nose2 nox npm npx nuxt nx nyc oxlint pdm perl phpstan php phpunit pip
    pip-audit pipenv playwright pnpm poetry pre-commit prettier prisma psql pylint pyre pyrefly
    pyright pytest python python3 R Rscript rake rails rebar3 redocly rg rspec rubocop ruby ruff
    rustc rustfmt sbt scalafmt sed semgrep set sh shellcheck shfmt solhint spectral sqlfluff
    staticcheck stylelint svelte-check swift swiftlint taplo task tauri terraform tflint timeout
    tofu tox trivy true ts-node tsc tsd tsx turbo ty uv uvx vite vitest vue-tsc wc webpack
    xcodebuild xmllint xo xvfb-run yamllint yarn zig zsh
    """.split()
)

# Programs whose names begin sentences, too: what follows has to look like an argument.
ENGLISH = frozenset(
    """
    black bun cat diff echo export find forge git go just make next node set task timeout
    """.split()
)
USUAL_ARGUMENTS = frozenset(
    """
    all build check ci clean compile coverage e2e fmt format generate install integration lint
    mod run smoke test tests tool typecheck unit validate verify vet
    """.split()
)

# Words of sentences: `npm test passes`, `make sure that`.
PROSE = frozenset(
    """
    a an and any are as be been by can cannot certain cleanly completes correct correctly did
    does each ensure ensures error errors every exists fails from green has have into is it its
    least manual manually must no of only or our pass passed passes passing properly returns
    shall should still succeed succeeds successfully sure than that the their them there these
    they this through until via we when where which will with within without
    works you your zero
    """.split()
)
