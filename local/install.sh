#!/bin/sh
# Put the locked packages into .venv:  local/install.sh requirements/runtime.txt
#
# Needs a Python from 3.11 to 3.13 (PYTHON=… names one) and, the first time, the
# network. Quiet when all goes well; one sentence when not. Names no package
# index: pip's own settings say where packages come from.
set -eu

locked=$1
log=.venv/install.log
right_age='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

refuse() {
    echo "$*" >&2
    exit 1
}

find_python() {
    for candidate in ${PYTHON:-python3.11 python3.12 python3.13 python3}; do
        # Run, not only found: a version manager leaves doors to what it does not have.
        if "$candidate" -c "$right_age" >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
    found=$("${PYTHON:-python3}" --version 2>/dev/null || echo "no Python at ${PYTHON:-python3}")
    refuse "The shop needs Python 3.11, 3.12 or 3.13, and here is $found." \
        "Install one, or name it: make run PYTHON=/path/to/python3.12"
}

make_venv() {
    python=$(find_python)
    rm -rf .venv
    if ! said=$("$python" -m venv .venv 2>&1); then
        rm -rf .venv
        case $said in
            *ensurepip*) refuse "This Python cannot make environments, as its venv part is missing." \
                "On Debian, as root: apt-get install python3-venv" ;;
            *"No space left"*) refuse "The disk is full, so .venv cannot be made. Free 1 GB and run make again." ;;
            *) refuse "The environment .venv could not be made. Python said: $said" ;;
        esac
    fi
}

why_not_installed() {
    if grep -qi 'no space left' "$log"; then
        echo "The disk is full, so the packages could not be installed. Free 1 GB and run make again."
    elif grep -qiE 'connection broken|NewConnection|timed out|unreachable|name resolution|ProxyError|getaddrinfo' "$log"; then
        echo "The packages could not be fetched, as no package index answers." \
            "Connect this machine to the network and run make again; $log tells more."
    elif grep -qi 'do not match the hashes' "$log"; then
        echo "A package is not the one that $locked names, so nothing was installed; see $log."
    else
        tail -n 5 "$log"
        echo "The packages of $locked could not be installed; $log tells all."
    fi
}

# An environment of another machine, or of a Python that has gone, is made anew.
.venv/bin/python -c "$right_age" >/dev/null 2>&1 || make_venv

echo "installing $locked into .venv (the first time this takes a minute)" >&2
.venv/bin/python -m pip install --require-hashes --no-input --disable-pip-version-check \
    --retries 2 -r "$locked" >"$log" 2>&1 || refuse "$(why_not_installed)"
