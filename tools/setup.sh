#!/bin/sh
# Set up .venv from the hash-checked locks, then the project itself. Says nothing where all is done.
#
#     tools/setup.sh [runtime|dev]
#
# runtime is what `underwriter` needs to run; dev adds what checks and tests it. A stamp in .venv
# names the lock it was made from and is written last, and a mark stands there while packages are
# on their way: a set-up that was cut off, however hard, is made anew. Exits 0 when .venv is ready;
# 1, with one line of cause and cure, when not.

set -eu

level=${1:-runtime}
venv=.venv
log=.make/setup.log
oldest=11 # of Python 3

cd "$(dirname "$0")/.."
unset PYTHONPATH PYTHONHOME PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV

fail() {
    printf 'set-up: %s\n' "$1" >&2
    exit 1
}

# --- what the stamps must say -----------------------------------------------------------------

key() { # of the files given, and of the place, since a virtual environment cannot be moved
    { pwd && cat "$@"; } | sha256sum | cut -d' ' -f1
}

says() { # whether stamp $1 says $2
    [ -f "$venv/.stamp-$1" ] && [ "$(cat "$venv/.stamp-$1")" = "$2" ]
}

stamp() {
    printf '%s\n' "$2" >"$venv/.stamp-$1.new"
    mv "$venv/.stamp-$1.new" "$venv/.stamp-$1"
}

case $level in
    runtime | dev) ;;
    *) fail "'$level' is no level of set-up: runtime or dev" ;;
esac
runtime_key=$(key requirements/runtime.txt)
dev_key=$(key requirements/dev.txt)
project_key=$(key pyproject.toml)

locked() {
    [ ! -e "$venv/.unfinished" ] && says runtime "$runtime_key" && "$venv/bin/python" -c '' 2>/dev/null &&
        { [ ! -e "$venv/.stamp-dev" ] || says dev "$dev_key"; }
}

ready() {
    locked && says project "$project_key" && { [ "$level" = runtime ] || says dev "$dev_key"; }
}

# --- what the machine must have ---------------------------------------------------------------

recent() { # whether command $1 is Python 3.11 or newer
    "$1" -c "import sys; sys.exit(sys.version_info < (3, $oldest))" 2>/dev/null
}

find_python() {
    for python in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if command -v "$python" >/dev/null 2>&1 && recent "$python"; then
            return
        fi
    done
    python=${PYTHON:-python3}
    command -v "$python" >/dev/null 2>&1 ||
        fail "$python is missing; install it with: apt-get install python3 python3-venv"
    fail "$python is $("$python" -V 2>&1 | head -n 1), and 3.$oldest or newer is needed; install one (Debian 12 or newer) with: apt-get install python3 python3-venv"
}

require() {
    command -v git >/dev/null 2>&1 || fail "git is missing; install it with: apt-get install git"
    find_python
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
        fail "the venv module of $python is missing; install it with: apt-get install ${python##*/}-venv"
}

make_way() { # asked with the lock held: another set-up has an empty one for a moment
    rmdir "$venv" 2>/dev/null || : # an empty one is in nobody's way
    if [ -L "$venv" ] || { [ -e "$venv" ] && [ ! -f "$venv/.made-by-setup" ]; }; then
        fail "$venv was not made by set-up; move it away with: mv $venv $venv.mine"
    fi
}

# --- the steps --------------------------------------------------------------------------------

logged() { # run a command with its words in the log; $1 names the step
    step=$1
    shift
    if ! "$@" >>"$log" 2>&1; then
        tail -n 5 "$log" >&2
        fail "$step failed; the whole account is in $log; then run make again"
    fi
}

pip() {
    step=$1
    shift
    logged "$step" "$venv/bin/python" -m pip --disable-pip-version-check --no-input install "$@"
}

discard() { # .venv is whole, or not there at all
    rm -rf .make/discarded
    [ ! -e "$venv" ] || mv "$venv" .make/discarded
    rm -rf .make/discarded
}

abandon() { # nothing half-made is left
    trap '' INT TERM HUP
    code=$1
    [ ! -e "$venv/.unfinished" ] || discard
    exit "$code"
}

begin() {
    trap 'abandon $?' EXIT
    trap 'echo "set-up: interrupted; make starts it again" >&2; exit 130' INT
    trap 'exit 143' TERM HUP
}

create() {
    echo "set-up: virtual environment $venv with $("$python" -V 2>&1)" >&2
    discard
    mkdir "$venv"
    : >"$venv/.made-by-setup"
    : >"$venv/.unfinished"
    logged "making $venv" "$python" -m venv "$venv"
}

install_lock() { # $1 level, $2 key, $3 megabytes
    echo "set-up: locked dependencies ($1), about $3 MB: a minute or two on a fast line" >&2
    : >"$venv/.unfinished"
    # a lock names all there is to install: pip has nothing to resolve, and is not asked to, since
    # it takes `coverage[toml]` for another wish than the `coverage` of the lock, and refuses it
    pip "installing requirements/$1.txt" --no-deps --require-hashes --only-binary=:all: -r "requirements/$1.txt"
    stamp "$1" "$2"
    rm "$venv/.unfinished"
}

install_project() {
    echo "set-up: underwriter itself" >&2
    pip "installing the project" --no-deps --no-build-isolation -e .
    stamp project "$project_key"
}

# --- all of it --------------------------------------------------------------------------------

ready && exit 0
require
mkdir -p .make
if command -v flock >/dev/null 2>&1; then # two of them at once: the second waits, then finds it done
    exec 9>.make/setup.lock
    flock -n 9 || { echo "set-up: waiting for another one here" >&2 && flock 9; }
    ready && exit 0
fi
make_way
date >"$log"
begin
locked || create
says runtime "$runtime_key" || install_lock runtime "$runtime_key" 240
[ "$level" = runtime ] || says dev "$dev_key" || install_lock dev "$dev_key" 35
says project "$project_key" || install_project
echo "set-up: done" >&2
