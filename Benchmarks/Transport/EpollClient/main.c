/* The measure for every other client: the same job with nothing in the way. One thread, one epoll set, plain sockets;
 * it checks all that meterd checks of a reply (protocol, length, transaction, unit, function, byte count), decodes the
 * four dials to Wh and compares them with what the gateway must say. It has no deadlines, no retries, no schedule and
 * no provenance. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire.h"

enum { IN_BYTES = 4096, EVENTS = 512, FRAME_BYTES_MAX = 260 };

struct line {
    int socket;
    int gateway;
    bool is_connected;
    /* A partial frame's bytes. */
    int held;
    long sent, answered;
    uint16_t generation;
    /* The transaction and unit in each slot; a slot is the low four bits of its transaction. */
    uint16_t transaction[WIRE_DEPTH_MAX];
    uint8_t unit[WIRE_DEPTH_MAX];
    bool pending[WIRE_DEPTH_MAX];
    uint8_t partial[FRAME_BYTES_MAX];
};

static int set, depth, units, finished;
static long each, answers, faults;
static uint64_t energy;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static unsigned word(const uint8_t *at) { return (unsigned)at[0] << 8 | at[1]; }

/* Writes the next request into `slot`; returns its bytes, none when this line has asked enough. */
static int ask(struct line *line, int slot, uint8_t *out) {
    if (line->sent == each) return 0;
    int unit = wire_unit(line->sent++, units);
    uint16_t transaction = (uint16_t)(line->generation++ << 4 | slot);
    line->transaction[slot] = transaction;
    line->unit[slot] = (uint8_t)unit;
    line->pending[slot] = true;
    const uint8_t request[WIRE_REQUEST_BYTES] = {
        (uint8_t)(transaction >> 8), (uint8_t)transaction, 0, 0, 0, 6, (uint8_t)unit, WIRE_FUNCTION, 0, WIRE_ADDRESS,
        0, WIRE_WORDS};
    memcpy(out, request, sizeof request);
    return sizeof request;
}

static void put(struct line *line, const uint8_t *out, int length) {
    if (length > 0 && send(line->socket, out, (size_t)length, MSG_NOSIGNAL) != length) fail("send");
}

/* Takes one whole frame; returns the bytes of the request that follows it. */
static int take(struct line *line, const uint8_t *frame, int bytes, uint8_t *out) {
    unsigned transaction = word(frame);
    int slot = transaction & 15;
    if (slot >= depth || !line->pending[slot] || line->transaction[slot] != transaction
        || line->unit[slot] != frame[6]) {
        fprintf(stderr, "gateway %d: a reply that nobody asked for\n", line->gateway);
        exit(1);
    }
    line->pending[slot] = false;
    line->answered++;
    answers++;
    bool is_right = frame[7] == WIRE_FUNCTION && frame[8] == 2 * WIRE_WORDS && bytes == WIRE_REPLY_BYTES;
    if (is_right) {
        uint32_t meter = wire_meter(line->gateway, frame[6]);
        for (int dial = 0; dial < WIRE_DIALS; dial++) {
            int64_t wh = wire_decode(frame + 9 + 4 * dial);
            energy += (uint64_t)wh;
            is_right = is_right && wh == wire_wh(meter, dial);
        }
    }
    if (!is_right) faults++;
    return ask(line, slot, out);
}

static void readable(struct line *line) {
    static uint8_t in[FRAME_BYTES_MAX + IN_BYTES];
    memcpy(in, line->partial, (size_t)line->held);
    ssize_t got = recv(line->socket, in + line->held, IN_BYTES, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) fail("the gateway closed the connection: recv");
    int all = line->held + (int)got, taken = 0, length = 0;
    uint8_t out[IN_BYTES];
    while (all - taken >= 6) {
        const uint8_t *frame = in + taken;
        unsigned following = word(frame + 4);
        if (word(frame + 2) != 0 || following < 3 || following > 254) {
            fprintf(stderr, "not Modbus/TCP any more\n");
            exit(1);
        }
        int bytes = 6 + (int)following;
        if (all - taken < bytes) break;
        length += take(line, frame, bytes, out + length);
        taken += bytes;
    }
    line->held = all - taken;
    memcpy(line->partial, in + taken, (size_t)line->held);
    put(line, out, length);
    if (line->answered == each) finished++;
}

static void begin(struct line *line) {
    int code = 0;
    socklen_t length = sizeof code;
    getsockopt(line->socket, SOL_SOCKET, SO_ERROR, &code, &length);
    if (code != 0) {
        errno = code;
        fail("connect");
    }
    line->is_connected = true;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = line};
    if (epoll_ctl(set, EPOLL_CTL_MOD, line->socket, &event) != 0) fail("epoll_ctl");
    uint8_t out[WIRE_DEPTH_MAX * WIRE_REQUEST_BYTES];
    int bytes = 0;
    for (int slot = 0; slot < depth; slot++) bytes += ask(line, slot, out + bytes);
    put(line, out, bytes);
}

static void open_line(struct line *line, int gateway, in_port_t port) {
    char host[WIRE_HOST_BYTES];
    wire_host(gateway, host);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, host, &address.sin_addr);
    int yes = 1;
    line->gateway = gateway;
    line->socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (line->socket < 0) fail("socket");
    setsockopt(line->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(line->socket, (struct sockaddr *)&address, sizeof address) != 0 && errno != EINPROGRESS)
        fail("connect");
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = line};
    if (epoll_ctl(set, EPOLL_CTL_ADD, line->socket, &event) != 0) fail("epoll_ctl");
}

int main(int count, char **arguments) {
    if (count != 6) {
        fprintf(stderr, "use: %s PORT CONNECTIONS DEPTH UNITS REQUESTS-EACH\n", arguments[0]);
        return 64;
    }
    in_port_t port = (in_port_t)wire_number("PORT", arguments[1], 1, 65535);
    int connections = (int)wire_number("CONNECTIONS", arguments[2], 1, 8000);
    depth = (int)wire_number("DEPTH", arguments[3], 1, WIRE_DEPTH_MAX);
    units = (int)wire_number("UNITS", arguments[4], 1, WIRE_UNITS_MAX);
    each = wire_number("REQUESTS-EACH", arguments[5], 1, 1000000);
    wire_need_files(connections + 64);
    struct line *lines = calloc((size_t)connections, sizeof *lines);
    set = epoll_create1(EPOLL_CLOEXEC);
    if (lines == NULL || set < 0) fail("start");
    /* Whatever hangs, the benchmark ends. */
    alarm(120);
    struct wire_run run;
    wire_begin(&run);
    for (int gateway = 0; gateway < connections; gateway++) open_line(&lines[gateway], gateway, port);
    struct epoll_event events[EVENTS];
    while (finished < connections) {
        int ready = epoll_wait(set, events, EVENTS, -1);
        if (ready < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < ready; i++) {
            struct line *line = events[i].data.ptr;
            if (line->is_connected) readable(line);
            else begin(line);
        }
    }
    for (int gateway = 0; gateway < connections; gateway++) close(lines[gateway].socket);
    wire_end(&run);
    wire_report(&run, "epoll", connections, depth, answers, faults, 0);
    return faults == 0 ? 0 : 1;
}
