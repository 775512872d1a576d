# pymodbus at one pinned version in an environment of its own; $python runs it. Sourced, not run.

# The newest that runs on Python 3.11, which Debian 12 has.
pymodbus_version=3.16.1
python=.build/peers-venv/bin/python

install_pymodbus() {
    local installed
    scripts/install-packages python3 python3-venv
    installed=$("$python" -c 'from importlib.metadata import version; print(version("pymodbus"))' 2>/dev/null || true)
    [ "$installed" = "$pymodbus_version" ] && return
    echo "Installing pymodbus $pymodbus_version into .build/peers-venv"
    rm -rf .build/peers-venv
    mkdir -p .build
    /usr/bin/python3 -m venv .build/peers-venv
    "$python" -m pip install --quiet --disable-pip-version-check "pymodbus==$pymodbus_version"
}
