#!/bin/sh
# Fetch the pinned agents into the folder $1, with a HOME of their own: what packages run at their
# installation writes there. The user's npm settings and cache are used, so that a mirror is found
# and a second checkout fetches nothing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
skip() {
    echo "$1; the tests of real agents are skipped" >&2
    exit 1
}
for name in npm node; do
    command -v "$name" > /dev/null || skip "$name: not found"
done
# Asked first, and shortly: what is fetched later is large, and has more time.
npm view @openai/codex version --prefer-offline --fetch-retries=0 --fetch-timeout=15000 \
    > /dev/null 2>&1 < /dev/null || skip 'npm: its registry gives no answer'
rm -rf "$folder"
mkdir -p "$folder/home"
folder=$(cd "$folder" && pwd)
cp "$here/package.json" "$here/package-lock.json" "$folder"
npm_config_cache=$(npm config get cache 2> /dev/null)
npm_config_userconfig=$(npm config get userconfig 2> /dev/null)
export npm_config_cache npm_config_userconfig
echo "Fetching the agents into $folder: once, some twenty seconds."
cd "$folder"
HOME=$folder/home npm ci --no-audit --no-fund --loglevel=error \
    --fetch-retries=1 --fetch-timeout=60000 < /dev/null || skip "npm: it could not fetch them"
for name in claude codex gemini; do
    HOME=$folder/home "node_modules/.bin/$name" --version > /dev/null 2>&1 < /dev/null ||
        skip "$name: it does not run here, with node $(node --version)"
done
touch .installed
