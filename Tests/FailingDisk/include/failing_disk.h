#ifndef FAILING_DISK_H
#define FAILING_DISK_H

#include <stdbool.h>
#include <stdint.h>

// A disk that fails on command: a SQLite VFS over the default one. It acts on the files below the folders it was given
// and hands every other file straight to the VFS below, so that tests running beside it notice nothing. It is
// registered as the default, because whoever opens a store names a path and no VFS.
//
// It also keeps what each file would hold had the power failed: writes count as lasting once the file was synced. Syncs
// do not reach the machine's own disk, which makes the tests fast and proves nothing about that disk.

typedef struct failing_disk failing_disk;

// What is asked of a disk. Values combine.
enum {
    FAILING_DISK_READ = 1,
    FAILING_DISK_WRITE = 2,
    FAILING_DISK_TRUNCATE = 4,
    FAILING_DISK_SYNC = 8,
    FAILING_DISK_DELETE = 16,
    FAILING_DISK_OPEN = 32,
    // Growing the memory that connections share (`-shm`).
    FAILING_DISK_SHARE = 64,
    // All that changes a file.
    FAILING_DISK_CHANGE = FAILING_DISK_WRITE | FAILING_DISK_TRUNCATE | FAILING_DISK_SYNC | FAILING_DISK_DELETE,
};

// How a call fails.
enum {
    // Nothing of it happens.
    FAILING_DISK_REFUSES = 0,
    // A write leaves its first part behind, or nothing; other calls do nothing.
    FAILING_DISK_TEARS = 1,
    // There is no space: as torn, with the answer that SQLite has for it.
    FAILING_DISK_FILLS = 2,
    // A sync throws away what it should have made last, as Linux does after an error: the next one succeeds without it.
    FAILING_DISK_FORGETS = 3,
    // The power goes: that call and all later ones fail.
    FAILING_DISK_CUTS = 4,
};

// Governs the files below a folder, given as SQLite will name it: absolute, without links. NULL without memory.
failing_disk *failing_disk_over(const char *folder);
// No file of it may be open any more.
void failing_disk_release(failing_disk *disk);

// Lets the nth call from now on (1 = the next) of those in `calls` fail, as the VFS below would; `lasts`: all later ones
// of them too.
void failing_disk_fail(
    failing_disk *disk, unsigned calls, int64_t nth, int manner, bool lasts, uint64_t seed);
// The power goes now.
void failing_disk_cut(failing_disk *disk, uint64_t seed);
// Nothing fails any more. After a power cut the files must have been closed: each then holds what was synced and, by
// the seed, some of what was not (seed 0: nothing, 1: all of it). Returns whether the files could be written.
bool failing_disk_mend(failing_disk *disk);
// Files can be opened for reading only, as on a file system that was mounted so.
void failing_disk_forbid_writing(failing_disk *disk, bool forbidden);

// Whether a call failed since the last `failing_disk_fail`.
bool failing_disk_has_failed(const failing_disk *disk);
// How many of these calls there have been since the disk was made.
int64_t failing_disk_count(const failing_disk *disk, unsigned calls);

#endif
