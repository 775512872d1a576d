/* The same job through libmodbus: blocking calls, so threads, each with its share of the connections. libmodbus waits
 * in select() and the process is aborted at file 1,024, so more connections than that are made in waves. It does not
 * check the unit of a reply; the dials, which name gateway and unit, are checked here. */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <modbus/modbus.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire.h"

enum { THREADS = 64, FILES_MAX = 1024, FILES_RESERVED = 32 };

/* What one thread does in one wave: its gateways, from `first`, every THREADS-th, below `end`. */
struct share {
    pthread_t thread;
    int first, end;
    long answers, faults;
};

static int port, units;
static long each;

static void stop(const char *what, int gateway) {
    fprintf(stderr, "gateway %d: %s: %s\n", gateway, what, modbus_strerror(errno));
    exit(1);
}

static modbus_t *open_gateway(int gateway) {
    char host[WIRE_HOST_BYTES];
    wire_host(gateway, host);
    modbus_t *link = modbus_new_tcp(host, port);
    if (link == NULL) stop("modbus_new_tcp", gateway);
    modbus_set_response_timeout(link, 10, 0);
    if (modbus_connect(link) != 0) stop("modbus_connect", gateway);
    return link;
}

/* One request, its answer decoded and compared. */
static void read_meter(struct share *share, modbus_t *link, int gateway, int unit) {
    uint16_t words[WIRE_WORDS];
    modbus_set_slave(link, unit);
    if (modbus_read_input_registers(link, WIRE_ADDRESS, WIRE_WORDS, words) != WIRE_WORDS)
        stop("modbus_read_input_registers", gateway);
    share->answers++;
    for (int dial = 0; dial < WIRE_DIALS; dial++) {
        float kwh = modbus_get_float_abcd(words + 2 * dial);
        int64_t wh = isfinite(kwh) ? llround((double)kwh * 100.0) * 10 : INT64_MIN;
        if (wh != wire_wh(wire_meter(gateway, unit), dial)) {
            share->faults++;
            break;
        }
    }
}

static void *work(void *argument) {
    struct share *share = argument;
    int count = 0;
    for (int gateway = share->first; gateway < share->end; gateway += THREADS) count++;
    modbus_t **links = calloc((size_t)count + 1, sizeof *links);
    if (links == NULL) exit(1);
    for (int i = 0; i < count; i++) links[i] = open_gateway(share->first + i * THREADS);
    for (long position = 0; position < each; position++)
        for (int i = 0; i < count; i++)
            read_meter(share, links[i], share->first + i * THREADS, wire_unit(position, units));
    for (int i = 0; i < count; i++) {
        modbus_close(links[i]);
        modbus_free(links[i]);
    }
    free(links);
    return NULL;
}

int main(int count, char **arguments) {
    if (count != 6) {
        fprintf(stderr, "use: %s PORT CONNECTIONS WAVE UNITS REQUESTS-EACH\n", arguments[0]);
        return 64;
    }
    port = (int)wire_number("PORT", arguments[1], 1, 65535);
    int connections = (int)wire_number("CONNECTIONS", arguments[2], 1, 8000);
    /* Beyond this libmodbus ends the process, with no error that could be handled. */
    int wave = (int)wire_number("WAVE", arguments[3], 1, FILES_MAX - FILES_RESERVED);
    units = (int)wire_number("UNITS", arguments[4], 1, WIRE_UNITS_MAX);
    each = wire_number("REQUESTS-EACH", arguments[5], 1, 1000000);
    wire_need_files(wave + FILES_RESERVED);
    alarm(120);
    struct wire_run run;
    long answers = 0, faults = 0;
    wire_begin(&run);
    for (int first = 0; first < connections; first += wave) {
        int end = first + wave < connections ? first + wave : connections;
        static struct share shares[THREADS];
        for (int i = 0; i < THREADS; i++) {
            shares[i] = (struct share){.first = first + i, .end = end};
            if (pthread_create(&shares[i].thread, NULL, work, &shares[i]) != 0) stop("pthread_create", first);
        }
        for (int i = 0; i < THREADS; i++) {
            pthread_join(shares[i].thread, NULL);
            answers += shares[i].answers;
            faults += shares[i].faults;
        }
    }
    wire_end(&run);
    wire_report(&run, "libmodbus", connections, 1, answers, faults, 0);
    return faults == 0 ? 0 : 1;
}
