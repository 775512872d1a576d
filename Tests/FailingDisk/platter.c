#include "platter.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// A write of `size` bytes, or, without bytes, a truncation to `offset`.
struct change {
    struct change *next;
    int64_t offset;
    int64_t size;
    bool is_write;
    unsigned char bytes[];
};

// A disk keeps or loses whole sectors.
enum { SECTOR = 4096 };

uint64_t next_random(uint64_t *seed) {
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * 0x2545F4914F6CDD1Du;
}

struct platter *platter_new(const char *path) {
    struct platter *platter = calloc(1, sizeof *platter);
    if (!platter) abort();
    platter->path = strdup(path);
    if (!platter->path) abort();
    platter->end = &platter->first;
    return platter;
}

static void clear(struct platter *platter) {
    while (platter->first) {
        struct change *change = platter->first;
        platter->first = change->next;
        free(change);
    }
    platter->end = &platter->first;
}

void platter_free(struct platter *platter) {
    clear(platter);
    free(platter->bytes);
    free(platter->path);
    free(platter);
}

static void resize(struct platter *platter, int64_t size) {
    unsigned char *bytes = realloc(platter->bytes, size ? (size_t)size : 1);
    if (!bytes) abort();
    if (size > platter->size) memset(bytes + platter->size, 0, (size_t)(size - platter->size));
    platter->bytes = bytes;
    platter->size = size;
}

bool platter_read(struct platter *platter) {
    struct stat status;
    platter->is_there = false;
    if (stat(platter->path, &status) != 0) {
        resize(platter, 0);
        return true;
    }
    int file = open(platter->path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    platter->is_there = true;
    resize(platter, status.st_size);
    bool is_read = pread(file, platter->bytes, (size_t)platter->size, 0) == platter->size;
    close(file);
    return is_read;
}

static struct change *append(struct platter *platter, int64_t offset, int64_t size) {
    struct change *change = calloc(1, sizeof *change + (size_t)size);
    if (!change) abort();
    change->offset = offset;
    change->size = size;
    *platter->end = change;
    platter->end = &change->next;
    return change;
}

void platter_write(struct platter *platter, const void *bytes, int64_t size, int64_t offset) {
    struct change *change = append(platter, offset, size);
    change->is_write = true;
    memcpy(change->bytes, bytes, (size_t)size);
}

void platter_truncate(struct platter *platter, int64_t size) { append(platter, size, 0); }

static void put(struct platter *platter, const unsigned char *bytes, int64_t size, int64_t offset) {
    if (offset + size > platter->size) resize(platter, offset + size);
    memcpy(platter->bytes + offset, bytes, (size_t)size);
}

void platter_sync(struct platter *platter) {
    for (struct change *change = platter->first; change; change = change->next) {
        if (change->is_write)
            put(platter, change->bytes, change->size, change->offset);
        else if (change->offset < platter->size)
            resize(platter, change->offset);
    }
    clear(platter);
}

void platter_forget(struct platter *platter) {
    if (platter->first) platter->is_behind = true;
    clear(platter);
}

// Seed 0 keeps nothing, 1 everything; any other lets chance decide.
static bool is_kept(uint64_t *seed) {
    if (*seed <= 1) return *seed == 1;
    return next_random(seed) >> 63;
}

static void keep_some(struct platter *platter, uint64_t *seed) {
    for (struct change *change = platter->first; change; change = change->next) {
        if (!change->is_write) {
            if (is_kept(seed) && change->offset < platter->size) resize(platter, change->offset);
            continue;
        }
        for (int64_t from = 0; from < change->size;) {
            int64_t part = SECTOR - (change->offset + from) % SECTOR;
            if (part > change->size - from) part = change->size - from;
            if (is_kept(seed)) put(platter, change->bytes + from, part, change->offset + from);
            from += part;
        }
    }
    clear(platter);
}

bool platter_restore(struct platter *platter, uint64_t *seed) {
    bool was_deleted = platter->is_deleted;
    platter->is_deleted = false;
    if (was_deleted && is_kept(seed)) return true;
    keep_some(platter, seed);
    int file = open(platter->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (file < 0) return false;
    bool is_written = pwrite(file, platter->bytes, (size_t)platter->size, 0) == platter->size;
    return close(file) == 0 && is_written;
}
