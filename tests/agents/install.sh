#!/bin/sh
# Fetch the pinned agents into the folder $1, with a HOME of their own: what packages run at their
# installation writes there. The user's npm settings and cache are used, so that a mirror is found
# and a second checkout fetches nothing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
command -v npm > /dev/null || {
    echo 'npm: not found; the tests of real agents are skipped' >&2
    exit 1
}
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
    --fetch-retries=1 --fetch-timeout=60000 < /dev/null
touch "$folder/.installed"
