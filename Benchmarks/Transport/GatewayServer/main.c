/* The gateways of the transport benchmark: one thread, one epoll set, one listener a gateway. It answers at once and
 * does nothing else, so that it is not what the clients are measured by. Prints its port, then serves until it is
 * ended; ends by itself when the process that started it does. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire.h"

enum {
    /* Every request that fits the deepest client's window, and a partial one. */
    IN_BYTES = WIRE_DEPTH_MAX * WIRE_REQUEST_BYTES * 2,
    OUT_BYTES = 2 * WIRE_DEPTH_MAX * WIRE_REPLY_BYTES,
    EVENTS = 512,
};

/* A socket: a gateway's listener, or a connection to it. */
struct line {
    int socket;
    int gateway;
    bool is_listener;
    int held;
    uint8_t in[IN_BYTES];
};

static int set;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void watch(struct line *line) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = line};
    if (epoll_ctl(set, EPOLL_CTL_ADD, line->socket, &event) != 0) fail("epoll_ctl");
}

static struct line *make_line(int socket, int gateway, bool is_listener) {
    struct line *line = malloc(sizeof *line);
    if (line == NULL) fail("malloc");
    line->socket = socket;
    line->gateway = gateway;
    line->is_listener = is_listener;
    line->held = 0;
    watch(line);
    return line;
}

static void drop(struct line *line) {
    close(line->socket);
    free(line);
}

static void put_word(uint8_t *at, unsigned word) {
    at[0] = (uint8_t)(word >> 8);
    at[1] = (uint8_t)word;
}

static void put_long(uint8_t *at, uint32_t number) {
    put_word(at, number >> 16);
    put_word(at + 2, number & 0xFFFF);
}

/* Writes the answer to one request; returns its bytes. */
static int answer(const struct line *line, const uint8_t *request, uint8_t *reply) {
    memcpy(reply, request, WIRE_HEADER_BYTES + 1);
    unsigned function = request[7];
    unsigned address = (unsigned)request[8] << 8 | request[9];
    unsigned count = (unsigned)request[10] << 8 | request[11];
    uint32_t meter = wire_meter(line->gateway, request[6]);
    int words = 0;
    if (function == WIRE_FUNCTION && address == WIRE_ADDRESS && count == WIRE_WORDS) {
        words = WIRE_WORDS;
        for (int dial = 0; dial < WIRE_DIALS; dial++) {
            float kwh = wire_kwh(meter, dial);
            uint32_t bits;
            memcpy(&bits, &kwh, sizeof bits);
            put_long(reply + 9 + 4 * dial, bits);
        }
    } else if (function == 3 && address == 0xFC00 && count == 2) {
        /* The serial number, for a client that wants to know whom it asks. */
        words = 2;
        put_long(reply + 9, 10000000 + meter);
    }
    if (words == 0) {
        reply[7] = (uint8_t)(function | 0x80);
        reply[8] = 2;
        put_word(reply + 4, 3);
        return 9;
    }
    reply[8] = (uint8_t)(2 * words);
    put_word(reply + 4, 3 + 2 * (unsigned)words);
    return 9 + 2 * words;
}

static void serve(struct line *line) {
    ssize_t got = recv(line->socket, line->in + line->held, sizeof line->in - (size_t)line->held, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return drop(line);
    int held = line->held + (int)got, taken = 0, length = 0;
    uint8_t out[OUT_BYTES];
    while (held - taken >= WIRE_REQUEST_BYTES) {
        const uint8_t *request = line->in + taken;
        /* Reads only: their requests are all of one length. */
        if (request[2] != 0 || request[3] != 0 || request[4] != 0 || request[5] != 6) return drop(line);
        length += answer(line, request, out + length);
        taken += WIRE_REQUEST_BYTES;
    }
    line->held = held - taken;
    memmove(line->in, line->in + taken, (size_t)line->held);
    /* A client that does not take so little has stopped reading. */
    if (length > 0 && send(line->socket, out, (size_t)length, MSG_NOSIGNAL) != length) drop(line);
}

static void welcome(struct line *listener) {
    int socket;
    while ((socket = accept4(listener->socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        int yes = 1;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        make_line(socket, listener->gateway, false);
    }
}

/* Listens as this gateway; with port 0 the system chooses. Returns the port. */
static in_port_t open_gateway(int gateway, in_port_t port) {
    char host[WIRE_HOST_BYTES];
    wire_host(gateway, host);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = port};
    socklen_t length = sizeof address;
    inet_pton(AF_INET, host, &address.sin_addr);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
    if (listener < 0) fail("socket");
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) fail(host);
    if (listen(listener, 16) != 0) fail("listen");
    if (getsockname(listener, (struct sockaddr *)&address, &length) != 0) fail("getsockname");
    make_line(listener, gateway, true);
    return address.sin_port;
}

int main(int count, char **arguments) {
    if (count != 2) {
        fprintf(stderr, "use: %s GATEWAYS\n", arguments[0]);
        return 64;
    }
    int gateways = (int)wire_number("GATEWAYS", arguments[1], 1, 8000);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    wire_need_files(2L * gateways + 64);
    set = epoll_create1(EPOLL_CLOEXEC);
    if (set < 0) fail("epoll_create1");
    in_port_t port = 0;
    for (int gateway = 0; gateway < gateways; gateway++) port = open_gateway(gateway, port);
    printf("port %d\n", ntohs(port));
    fflush(stdout);
    struct epoll_event events[EVENTS];
    for (;;) {
        int ready = epoll_wait(set, events, EVENTS, -1);
        if (ready < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < ready; i++) {
            struct line *line = events[i].data.ptr;
            if (line->is_listener) welcome(line);
            else serve(line);
        }
    }
}
