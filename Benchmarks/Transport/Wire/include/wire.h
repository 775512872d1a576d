/* What the transport benchmark puts on the wire, for the server that says it and the clients that check it:
 * gateways with an address of their own each, behind each of them units 1...247, every unit an Eastron SDM630 whose
 * four dials follow from gateway and unit. So a reply of the wrong gateway or unit never passes for the right one. */
#ifndef METERD_TRANSPORT_WIRE_H
#define METERD_TRANSPORT_WIRE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    WIRE_FUNCTION = 4,
    /* import, export, reactive import, reactive export: a float of two words each, in kWh or kvarh. */
    WIRE_ADDRESS = 0x48,
    WIRE_WORDS = 8,
    WIRE_DIALS = 4,
    WIRE_REQUEST_BYTES = 12,
    WIRE_HEADER_BYTES = 7,
    WIRE_REPLY_BYTES = WIRE_HEADER_BYTES + 2 + 2 * WIRE_WORDS,
    WIRE_DEPTH_MAX = 16,
    WIRE_UNITS_MAX = 247,
    WIRE_HOST_BYTES = 16,
};

/* 127.16.0.1, 127.16.0.2, …: gateway 0...62,499, in dotted form. Every client run then meets fresh pairs of
 * addresses, and no run can use up the local ports of the next. */
void wire_host(int gateway, char host[WIRE_HOST_BYTES]);

/* Below 2^24 / 8 for gateways below 8,192, so that a quarter is exact in a float. */
static inline uint32_t wire_meter(int gateway, int unit) { return (uint32_t)gateway * 256 + (uint32_t)unit; }

/* Which of the units 1...units a connection asks at its position-th request. */
static inline int wire_unit(long position, int units) { return (int)(position % units) + 1; }

static inline float wire_kwh(uint32_t meter, int dial) { return (float)meter + 1000.0f * (float)dial + 0.25f; }

static inline int64_t wire_wh(uint32_t meter, int dial) {
    return (int64_t)meter * 1000 + (int64_t)dial * 1000000 + 250;
}

/* A float in kWh as Wh, rounded to the 0.01 kWh that this model resolves: what meterd's decoder makes of it. */
int64_t wire_decode(const uint8_t bytes[4]);

/* The figures of one client's run: processor time and wall time from before the first connect to after the last
 * close. */
struct wire_run {
    double user, system, wall;
};

void wire_begin(struct wire_run *run);
void wire_end(struct wire_run *run);

/* One line of JSON on standard output, the same for every client: requests that were answered, answers that were
 * wrong, requests that the client gave up (only meterd has deadlines so short that a busy machine can miss them). */
void wire_report(
    const struct wire_run *run, const char *client, int connections, int depth, long requests, long faults,
    long given_up);

/* Room for `files` descriptors; ends the program with a sentence when the hard limit forbids. */
void wire_need_files(long files);

/* A whole number within the bounds, or the program ends with a sentence. */
long wire_number(const char *name, const char *text, long least, long most);

#endif
