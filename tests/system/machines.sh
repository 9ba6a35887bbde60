#!/bin/sh
# Make what the tests of booted machines need, in the folder $1, with the Python $2: Debian's systems
# with the program's dependencies in them, systemd-nspawn, and a kernel that runs as a process.
# Packages come from where apt and pip take theirs. All of it is made once, but for the program's
# own wheel; apart from mmdebstrap, which is installed, nothing outside of the folder is changed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
mkdir -p "$1"
cache=$(cd "$1" && pwd)
python=$2
say() { echo "$1" >&2; }
no() { say "$1; the tests of booted machines are skipped"; exit 1; }

[ "$(id -u)" -eq 0 ] || no 'needs root, to make systems and to boot them'
command -v apt-get >/dev/null || no 'needs apt-get'
export DEBIAN_FRONTEND=noninteractive
site=$(apt-get indextargets --format '$(SITE)' | grep -v security | sort -u | head -1)
[ -n "$site" ] || no 'apt knows of no Debian'
if ! command -v mmdebstrap >/dev/null; then
    say 'Installing mmdebstrap.'
    apt-get -qq update
    apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 install mmdebstrap >/dev/null
fi

# From a copy: what setuptools once built in a checkout, it packs again.
wheels=$cache/wheels
rm -rf "$wheels/own" "$cache/checkout"
mkdir -p "$cache/checkout"
git -C "$top" ls-files -z | tar -C "$top" --null -T - -c | tar -C "$cache/checkout" -x
"$python" -m pip wheel -qq --no-deps -w "$wheels/own" "$cache/checkout"
rm -rf "$cache/checkout"

# A system with the dependencies of the program: $cache/$1; its Python is $2.
key=$({
    sed -n '/^dependencies/,/^]/p' "$top/pyproject.toml"
    sed -n '/^system()/,/^}/p' "$0"
    cat "$here/channel.sh"
} | sha256sum | cut -c1-12)
system() {
    [ "$(cat "$cache/$1.key" 2>/dev/null)" = "$key" ] && return
    say "Making a system of $1: once, about a minute."
    polkit=polkitd
    [ "$1" = bookworm ] && polkit=policykit-1
    root=$cache/$1.new
    rm -rf "$root"
    mmdebstrap --quiet --variant=minbase --mode=root --skip=check/empty --format=directory \
        --aptopt='Acquire::Check-Valid-Until "false"' \
        --include="systemd,systemd-sysv,dbus,dbus-user-session,libpam-systemd,$polkit,python3,python3-venv,git,procps,login,passwd,udev" \
        "$1" "$root" "deb $site $1 main"
    "$python" -m pip download -qq --dest "$wheels/$2" --only-binary=:all: --python-version "$2" \
        "$wheels"/own/*.whl
    mkdir "$root/opt/wheels"
    cp "$wheels/$2"/*.whl "$root/opt/wheels"
    chroot "$root" python3 -m venv /opt/prd-supervise
    chroot "$root" /opt/prd-supervise/bin/pip install -qq --no-index --find-links /opt/wheels prd-supervise
    rm -rf "$root/opt/wheels"
    chroot "$root" useradd -m -s /bin/bash tester
    ln -s /opt/prd-supervise/bin/prd-supervise "$root/usr/local/bin"
    echo prd-test >"$root/etc/hostname"
    : >"$root/etc/machine-id"
    mkdir -p "$root/etc/systemd/system.conf.d" "$root/var/log/journal"
    printf '[Manager]\nRebootWatchdogSec=0\n' >"$root/etc/systemd/system.conf.d/prd.conf"
    # A machine with a kernel of its own is reached over a folder of the host's alone.
    cp "$here/channel.sh" "$root/usr/local/sbin/prd-channel"
    chmod 755 "$root/usr/local/sbin/prd-channel"
    printf '%s\n' '[Unit]' 'ConditionKernelCommandLine=prd.channel' 'After=multi-user.target' \
        '[Service]' 'ExecStart=/usr/local/sbin/prd-channel' 'TimeoutStopSec=2' \
        '[Install]' 'WantedBy=graphical.target' >"$root/etc/systemd/system/prd-channel.service"
    chroot "$root" systemctl -q enable prd-channel.service
    mkdir "$root/uml"
    rm -f "$cache/$1.ext4"
    mke2fs -q -t ext4 -d "$root" "$cache/$1.ext4" 2000M
    rm -rf "${cache:?}/$1"
    mv "$root" "$cache/$1"
    echo "$key" >"$cache/$1.key"
}

# Packages, unpacked and not installed: $cache/$1.
unpacked() {
    folder=$cache/$1
    shift
    [ -d "$folder" ] && return
    say "Fetching $(basename "$folder")."
    mkdir -p "$folder.new/debs"
    (cd "$folder.new/debs" && apt-get -qq -o APT::Sandbox::User=root "$@")
    for deb in "$folder.new/debs"/*.deb; do dpkg -x "$deb" "$folder.new"; done
    mv "$folder.new" "$folder"
}

system bookworm 3.11
system trixie 3.13
unpacked nspawn download systemd-container
# Debian 12's own kernel of this kind dies on processors with large registers; the newest does not.
if [ ! -d "$cache/uml" ]; then
    mkdir -p "$cache/sid/lists/partial" "$cache/sid/cache/archives/partial"
    keys=/usr/share/keyrings/debian-archive-keyring.gpg
    echo "deb [signed-by=$keys] $site sid main" >"$cache/sid/sources.list"
    set -- -o "Dir::Etc::sourcelist=$cache/sid/sources.list" -o Dir::Etc::sourceparts=- \
        -o "Dir::State::lists=$cache/sid/lists" -o "Dir::Cache=$cache/sid/cache" \
        -o Acquire::Check-Valid-Until=false
    apt-get -qq "$@" update
    unpacked uml "$@" download user-mode-linux
    rm -rf "$cache/sid"
fi
