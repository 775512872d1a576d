# Shared by the scripts that start metersim and meterd: ports, start, stop. Sourced, not run.

BIN=${BIN:-.build/release}
pids=()

# A port on loopback that nobody listens on, from $1 upward, with $2 free ones in a row.
free_port() {
    local port=$1 count=${2:-1} next
    while :; do
        for ((next = port; next < port + count; next++)); do
            if (exec 3<>"/dev/tcp/127.0.0.1/$next") 2>/dev/null; then break; fi
        done
        [ "$next" -eq $((port + count)) ] && { echo "$port"; return; }
        port=$((next + 1))
    done
}

# Starts a command in the background with its log; its process id is in $started.
start() {
    local log=$1
    shift
    "$@" >>"$log" 2>&1 &
    started=$!
    pids+=("$started")
}

# Waits until a line of the log matches, while the process lives. $1 log, $2 pattern, $3 process, $4 seconds.
wait_for() {
    local log=$1 pattern=$2 process=$3 tenths=$((${4:-30} * 10))
    while ! grep -q -- "$pattern" "$log" 2>/dev/null; do
        if ! kill -0 "$process" 2>/dev/null; then
            echo "ended early; its log $log says:" >&2
            tail -5 "$log" >&2
            return 1
        fi
        ((tenths-- > 0)) || { echo "no \"$pattern\" in $log in time; its end:" >&2; tail -5 "$log" >&2; return 1; }
        sleep 0.1
    done
}

# Ends a process and waits for it: $1 process, $2 signal (TERM).
stop() {
    kill -"${2:-TERM}" "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

# The last started first: a collector must not see its field vanish.
stop_all() {
    local position
    for ((position = ${#pids[@]} - 1; position >= 0; position--)); do stop "${pids[$position]}"; done
}

# A configuration for a simulated run: $1 file, $2 database, $3 web port, $4 clock, $5 cadence, $6 midnight window.
write_configuration() {
    cat >"$1" <<YAML
time_zone: Asia/Ho_Chi_Minh
store: {path: $2}
head_end: {cadence: ${5:-1h}, midnight_window: ${6:-15m}}
web: {listen: "127.0.0.1:$3"}
clock: {simulated: "$4"}
YAML
}
