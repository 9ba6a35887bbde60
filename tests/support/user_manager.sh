#!/bin/sh
# The inside of tests/support/user_manager.py: a real `systemd --user`, in mount, cgroup and pid
# namespaces of its own. Nothing of what is mounted here is seen outside.
# $1 the user's id, $2 a folder of the test's own, $3 ... what the user has to be able to read.
set -eu
uid=$1 bed=$2
shift 2

mount --make-rprivate /
umount -l /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup

# The user exists here alone.
cat /etc/passwd - >"$bed/passwd" <<EOF
prd-test:x:$uid:$uid::$bed/home:/bin/sh
EOF
{ cat /etc/group; echo "prd-test:x:$uid:"; } >"$bed/group"
chmod 644 "$bed/passwd" "$bed/group"
mount --bind "$bed/passwd" /etc/passwd
mount --bind "$bed/group" /etc/group

# A folder above what has to be read may be closed to others (/root is): an open one is put over it.
mkdir "$bed/seen"
number=0
for path; do
    number=$((number + 1))
    mkdir "$bed/seen/$number"
    mount --bind "$path" "$bed/seen/$number"
done
number=0
for path; do
    number=$((number + 1))
    closed= above=$path
    while above=$(dirname "$above"); [ "$above" != / ]; do
        case $(stat -c %A "$above") in *x | *t) ;; *) closed=$above ;; esac
    done
    [ -z "$closed" ] || mountpoint -q "$closed" || mount -t tmpfs -o mode=755 tmpfs "$closed"
    mkdir -p "$path"
    mountpoint -q "$path" || mount --bind "$bed/seen/$number" "$path"
done

# systemd asks whether the system was booted with systemd by looking for this folder.
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/systemd/system "/run/user/$uid"
chown "$uid:$uid" "/run/user/$uid"
chmod 700 "/run/user/$uid"

cgroup=/sys/fs/cgroup/user.slice/user-$uid.slice/user@$uid.service
mkdir -p "$cgroup"
chown -R "$uid:$uid" "$cgroup"

# The shell stands first of the pid namespace: with it, everything here ends.
sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' sh "$cgroup" \
    setpriv --reuid "$uid" --regid "$uid" --clear-groups \
    env -i HOME="$bed/home" USER=prd-test LOGNAME=prd-test SHELL=/bin/sh \
    PATH=/usr/local/bin:/usr/bin:/bin XDG_RUNTIME_DIR="/run/user/$uid" \
    /lib/systemd/systemd --user --log-target=console </dev/null >"$bed/manager.log" 2>&1 &
read -r _ || true # until the test closes its end, or is killed
