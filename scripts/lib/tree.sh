# A copy of the tree in which something is broken on purpose; sourced.

# refresh_tree TREE PATH...: only what changed is copied, so that only that is built; what is gone goes.
refresh_tree() {
    local tree=$1 file
    shift
    mkdir -p "$tree"
    (cd "$tree" && find Sources simulators Tests Benchmarks -type f 2>/dev/null || true) |
        while IFS= read -r file; do [ -f "$file" ] || rm -f "$tree/$file"; done
    git ls-files -z --cached --others --exclude-standard -- "$@" |
        while IFS= read -r -d '' file; do
            [ -f "$file" ] || continue
            cmp -s "$file" "$tree/$file" && continue
            mkdir -p "$tree/$(dirname "$file")"
            cp "$file" "$tree/$file"
        done
    [ ! -f Package.resolved ] || cp Package.resolved "$tree/"
}
