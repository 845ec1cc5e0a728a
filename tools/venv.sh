#!/bin/sh
# Make the project's environment: venv.sh PYTHON FOLDER. Installs the distribution's venv package when it is missing.
set -eu
python=$1
folder=$2

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Duty Desk needs Python 3.11 or newer; $python is $("$python" -V 2>&1). Set PYTHON=python3.11 or so." >&2
    exit 2
}
if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    echo "Python's venv module is missing; installing it from the distribution." >&2
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    as_root=
    [ "$(id -u)" = 0 ] || as_root=sudo
    $as_root apt-get update -q
    $as_root apt-get install -qy "python$version-venv" || $as_root apt-get install -qy python3-venv
fi
[ -x "$folder/bin/python" ] || "$python" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --editable '.[test]'
"$folder/bin/python" -m compileall -q dutydesk tests >/dev/null 2>&1 || true
