#include "wire.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

void wire_host(int gateway, char host[WIRE_HOST_BYTES]) {
    snprintf(host, WIRE_HOST_BYTES, "127.16.%u.%u", (unsigned)(gateway / 250) & 255, (unsigned)(gateway % 250) + 1);
}

int64_t wire_decode(const uint8_t bytes[4]) {
    uint32_t bits = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    float kwh;
    memcpy(&kwh, &bits, sizeof kwh);
    if (!isfinite(kwh)) return INT64_MIN;
    return llround((double)kwh * 100.0) * 10;
}

static double seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

static double monotonic(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void wire_begin(struct wire_run *run) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    run->user = seconds(usage.ru_utime);
    run->system = seconds(usage.ru_stime);
    run->wall = monotonic();
}

void wire_end(struct wire_run *run) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    run->user = seconds(usage.ru_utime) - run->user;
    run->system = seconds(usage.ru_stime) - run->system;
    run->wall = monotonic() - run->wall;
}

void wire_report(
    const struct wire_run *run, const char *client, int connections, int depth, long requests, long faults,
    long given_up) {
    printf(
        "{\"client\": \"%s\", \"connections\": %d, \"depth\": %d, \"requests\": %ld, \"faults\": %ld, "
        "\"given_up\": %ld, \"user\": %.6f, \"system\": %.6f, \"wall\": %.6f}\n",
        client, connections, depth, requests, faults, given_up, run->user, run->system, run->wall);
}

void wire_need_files(long files) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= (rlim_t)files) return;
    if (limit.rlim_max < (rlim_t)files) {
        fprintf(
            stderr, "%ld open files are needed, but the hard limit is %lu: raise it (`ulimit -Hn`)\n", files,
            (unsigned long)limit.rlim_max);
        exit(1);
    }
    limit.rlim_cur = (rlim_t)files;
    setrlimit(RLIMIT_NOFILE, &limit);
}

long wire_number(const char *name, const char *text, long least, long most) {
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno != 0 || *end != 0 || end == text || number < least || number > most) {
        fprintf(stderr, "%s is \"%s\"; it must be a whole number from %ld to %ld\n", name, text, least, most);
        exit(64);
    }
    return number;
}
