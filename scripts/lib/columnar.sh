# DuckDB and pyarrow at pinned versions in an environment of their own; $python runs them. Sourced, not run.

columnar_packages="duckdb==2.0.1 pyarrow==26.0.1 numpy==2.4.6"
python=.build/columnar-venv/bin/python

install_columnar() {
    local installed
    scripts/install-packages python3 python3-venv
    installed=$("$python" -m pip freeze --disable-pip-version-check 2>/dev/null || true)
    # shellcheck disable=SC2086 # a list of packages
    for package in $columnar_packages; do
        grep -qxF "$package" <<<"$installed" && continue
        echo "Installing $columnar_packages into .build/columnar-venv" >&2
        rm -rf .build/columnar-venv
        mkdir -p .build
        /usr/bin/python3 -m venv .build/columnar-venv
        "$python" -m pip install --quiet --disable-pip-version-check $columnar_packages
        return
    done
}
