#!/bin/sh
# Install the distribution's packages that tests use and that are missing: PostgreSQL's and OpenSSH's server.
# Neither is started, nor at the next boot: tests start private ones of their own on loopback.
set -eu
PATH=$PATH:/usr/sbin:/sbin

missing=
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v sshd >/dev/null 2>&1 || missing="$missing openssh-server"
command -v ssh >/dev/null 2>&1 || missing="$missing openssh-client"
[ -n "$missing" ] || exit 0

command -v apt-get >/dev/null 2>&1 || {
    echo "The tests need$missing; install them with this system's package manager." >&2
    exit 2
}
echo "The tests need$missing; installing from the distribution." >&2
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo

# Debian starts a service when it is installed, unless this file says no.
quiet=/usr/sbin/policy-rc.d
if [ ! -e "$quiet" ]; then
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$quiet" >/dev/null
    $as_root chmod 755 "$quiet"
    trap '$as_root rm -f "$quiet"' EXIT
fi
$as_root apt-get update -q
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $missing
case "$missing" in *postgresql*) stay_off="postgresql" ;; *) stay_off= ;; esac
case "$missing" in *openssh-server*) stay_off="$stay_off ssh ssh.socket" ;; esac
for service in $stay_off; do
    $as_root systemctl disable "$service" >/dev/null 2>&1 || true
done
