#ifndef PLATTER_H
#define PLATTER_H

#include <stdbool.h>
#include <stdint.h>

// One file as it would be found after a power cut: what was synced, and the changes since, in order.
struct platter {
    char *path;
    // Deleted, and the folder was not synced: a power cut may bring it back.
    bool is_deleted;
    // It was on the disk when it was opened first.
    bool is_there;
    // It was not, and the folder was not synced since.
    bool is_made;
    // A sync forgot changes: it holds less than whoever reads the file sees.
    bool is_behind;
    // How often it is open.
    int opened;
    unsigned char *bytes;
    int64_t size;
    struct change *first;
    struct change **end;
    struct platter *next;
};

struct platter *platter_new(const char *path);
void platter_free(struct platter *platter);
// Reads what the file holds now; taken as synced.
bool platter_read(struct platter *platter);

void platter_write(struct platter *platter, const void *bytes, int64_t size, int64_t offset);
void platter_truncate(struct platter *platter, int64_t size);
// All changes are made, or, where the sync failed, will never be.
void platter_sync(struct platter *platter);
void platter_forget(struct platter *platter);

// Writes what is left after the power failed back to the file.
bool platter_restore(struct platter *platter, uint64_t *seed);

// The next number of a sequence (xorshift64*); the seed is not 0.
uint64_t next_random(uint64_t *seed);

#endif
