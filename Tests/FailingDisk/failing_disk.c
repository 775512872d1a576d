#include "failing_disk.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "platter.h"

enum { KINDS = 7 };

struct failing_disk {
    failing_disk *next;
    char *folder;
    struct platter *platters;
    int64_t counts[KINDS];
    bool forbids_writing;
    // The fault in waiting.
    unsigned calls;
    int64_t countdown;
    int manner;
    bool lasts;
    uint64_t seed;
    bool has_failed;
    bool is_off;
};

// A file that a disk governs; the file of the VFS below follows it in memory.
struct governed {
    sqlite3_file base;
    failing_disk *disk;
    struct platter *platter;
    sqlite3_file below[];
};

// One for all: SQLite calls from every thread that has a connection.
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t installed = PTHREAD_ONCE_INIT;
static failing_disk *disks;
static sqlite3_vfs *below;
static sqlite3_vfs shim;

// MARK: - When to fail

// What the VFS below would answer.
static int failure(const failing_disk *disk, unsigned call) {
    switch (call) {
        case FAILING_DISK_READ: return SQLITE_IOERR_READ;
        case FAILING_DISK_WRITE: return disk->manner == FAILING_DISK_FILLS ? SQLITE_FULL : SQLITE_IOERR_WRITE;
        case FAILING_DISK_TRUNCATE: return SQLITE_IOERR_TRUNCATE;
        case FAILING_DISK_SYNC: return SQLITE_IOERR_FSYNC;
        case FAILING_DISK_DELETE: return SQLITE_IOERR_DELETE;
        case FAILING_DISK_OPEN: return SQLITE_CANTOPEN;
        case FAILING_DISK_SHARE: return SQLITE_IOERR_SHMSIZE;
        default: return SQLITE_IOERR;
    }
}

// SQLITE_OK, or what the call has to answer. With the mutex held.
static int judge(failing_disk *disk, unsigned call) {
    for (int kind = 0; kind < KINDS; kind++) {
        if (call == 1u << kind) disk->counts[kind]++;
    }
    if (disk->is_off) return failure(disk, call);
    if (!(disk->calls & call) || disk->countdown <= 0) return SQLITE_OK;
    if (disk->countdown > 1) {
        disk->countdown--;
        return SQLITE_OK;
    }
    if (!disk->lasts) disk->countdown = 0;
    disk->has_failed = true;
    if (disk->manner == FAILING_DISK_CUTS) disk->is_off = true;
    return failure(disk, call);
}

// MARK: - Files

// With the mutex held. What was deleted and cannot come back: the folder was synced, or the file made anew.
static void drop_deleted(failing_disk *disk, const char *path) {
    for (struct platter **place = &disk->platters; *place;) {
        struct platter *platter = *place;
        if (platter->is_deleted && platter->opened == 0 && (!path || strcmp(platter->path, path) == 0)) {
            *place = platter->next;
            platter_free(platter);
        } else {
            place = &platter->next;
        }
    }
}

static void leave(struct governed *own) {
    pthread_mutex_lock(&mutex);
    own->platter->opened--;
    pthread_mutex_unlock(&mutex);
}

static int file_close(sqlite3_file *file) {
    struct governed *own = (struct governed *)file;
    leave(own);
    return own->below->pMethods->xClose(own->below);
}

static int file_read(sqlite3_file *file, void *bytes, int size, sqlite3_int64 offset) {
    struct governed *own = (struct governed *)file;
    pthread_mutex_lock(&mutex);
    int code = judge(own->disk, FAILING_DISK_READ);
    pthread_mutex_unlock(&mutex);
    return code ? code : own->below->pMethods->xRead(own->below, bytes, size, offset);
}

static int file_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 offset) {
    struct governed *own = (struct governed *)file;
    failing_disk *disk = own->disk;
    pthread_mutex_lock(&mutex);
    int wanted = disk->is_off ? 0 : size;
    int code = judge(disk, FAILING_DISK_WRITE);
    if (code && wanted) {
        // With the power goes a write that was under way: what of it lasts is seen when the power is back.
        if (disk->manner == FAILING_DISK_TEARS || disk->manner == FAILING_DISK_FILLS)
            wanted = next_random(&disk->seed) >> 63 ? 0 : (int)(next_random(&disk->seed) % (uint64_t)size);
        else if (disk->manner != FAILING_DISK_CUTS)
            wanted = 0;
    }
    if (wanted) {
        int answer = own->below->pMethods->xWrite(own->below, bytes, wanted, offset);
        if (answer == SQLITE_OK) platter_write(own->platter, bytes, wanted, offset);
        if (!code) code = answer;
    }
    pthread_mutex_unlock(&mutex);
    return code;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
    struct governed *own = (struct governed *)file;
    pthread_mutex_lock(&mutex);
    int code = judge(own->disk, FAILING_DISK_TRUNCATE);
    if (!code) code = own->below->pMethods->xTruncate(own->below, size);
    if (!code) platter_truncate(own->platter, size);
    pthread_mutex_unlock(&mutex);
    return code;
}

static int file_sync(sqlite3_file *file, int flags) {
    (void)flags;
    struct governed *own = (struct governed *)file;
    pthread_mutex_lock(&mutex);
    bool was_off = own->disk->is_off;
    int code = judge(own->disk, FAILING_DISK_SYNC);
    if (!code) {
        platter_sync(own->platter);
        // As the VFS below does: a log that was made is synced with its folder.
        if (own->platter->is_made) drop_deleted(own->disk, NULL);
        own->platter->is_made = false;
    } else if (!was_off && own->disk->manner == FAILING_DISK_FORGETS) platter_forget(own->platter);
    pthread_mutex_unlock(&mutex);
    return code;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
    struct governed *own = (struct governed *)file;
    return own->below->pMethods->xFileSize(own->below, size);
}

static int file_lock(sqlite3_file *file, int level) {
    struct governed *own = (struct governed *)file;
    return own->below->pMethods->xLock(own->below, level);
}

static int file_unlock(sqlite3_file *file, int level) {
    struct governed *own = (struct governed *)file;
    return own->below->pMethods->xUnlock(own->below, level);
}

static int file_reserved(sqlite3_file *file, int *is_reserved) {
    struct governed *own = (struct governed *)file;
    return own->below->pMethods->xCheckReservedLock(own->below, is_reserved);
}

static int file_control(sqlite3_file *file, int operation, void *argument) {
    struct governed *own = (struct governed *)file;
    return own->below->pMethods->xFileControl(own->below, operation, argument);
}

static int file_sector(sqlite3_file *file) {
    struct governed *own = (struct governed *)file;
    return own->below->pMethods->xSectorSize(own->below);
}

static int file_characteristics(sqlite3_file *file) {
    struct governed *own = (struct governed *)file;
    return own->below->pMethods->xDeviceCharacteristics(own->below);
}

static int file_shm_map(sqlite3_file *file, int region, int size, int extends, void volatile **memory) {
    struct governed *own = (struct governed *)file;
    pthread_mutex_lock(&mutex);
    int code = extends ? judge(own->disk, FAILING_DISK_SHARE) : SQLITE_OK;
    pthread_mutex_unlock(&mutex);
    if (code) {
        *memory = NULL;
        return code;
    }
    return own->below->pMethods->xShmMap(own->below, region, size, extends, memory);
}

static int file_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    struct governed *own = (struct governed *)file;
    return own->below->pMethods->xShmLock(own->below, offset, count, flags);
}

static void file_shm_barrier(sqlite3_file *file) {
    struct governed *own = (struct governed *)file;
    own->below->pMethods->xShmBarrier(own->below);
}

static int file_shm_unmap(sqlite3_file *file, int deletes) {
    struct governed *own = (struct governed *)file;
    return own->below->pMethods->xShmUnmap(own->below, deletes);
}

// Version 2: without xFetch, so that every read and write comes by here.
static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

// MARK: - The file system

// With the mutex held.
static failing_disk *disk_of(const char *path) {
    for (failing_disk *disk = disks; path && disk; disk = disk->next) {
        size_t length = strlen(disk->folder);
        if (strncmp(path, disk->folder, length) == 0 && path[length] == '/') return disk;
    }
    return NULL;
}

// With the mutex held, before the VFS below opens the file. One that nobody has open is taken as it stands, unless
// changes to it wait for a sync or were forgotten: reading it through a descriptor of our own, while it is open, would let go of the locks
// that SQLite holds on it.
static struct platter *platter_of(failing_disk *disk, const char *path) {
    struct platter *platter = disk->platters;
    while (platter && strcmp(platter->path, path) != 0) platter = platter->next;
    if (!platter) {
        platter = platter_new(path);
        platter->next = disk->platters;
        disk->platters = platter;
    }
    if (platter->opened == 0 && !platter->first && !platter->is_behind && !platter_read(platter)) abort();
    return platter;
}

static int open_file(sqlite3_vfs *vfs, sqlite3_filename path, sqlite3_file *file, int flags, int *out) {
    (void)vfs;
    pthread_mutex_lock(&mutex);
    failing_disk *disk = disk_of(path);
    int code = disk ? judge(disk, FAILING_DISK_OPEN) : SQLITE_OK;
    if (disk && disk->forbids_writing && flags & SQLITE_OPEN_READWRITE) {
        flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
    }
    pthread_mutex_unlock(&mutex);
    if (!disk) return below->xOpen(below, path, file, flags, out);
    struct governed *own = (struct governed *)file;
    memset(own, 0, sizeof *own);
    if (code) return code;
    pthread_mutex_lock(&mutex);
    drop_deleted(disk, path);
    own->disk = disk;
    own->platter = platter_of(disk, path);
    own->platter->opened++;
    if (flags & SQLITE_OPEN_CREATE && flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL) && !own->platter->is_there)
        own->platter->is_made = true;
    own->platter->is_there = true;
    pthread_mutex_unlock(&mutex);
    code = below->xOpen(below, path, own->below, flags, out);
    if (!code)
        own->base.pMethods = &methods;
    else
        leave(own);
    return code;
}

static int delete_file(sqlite3_vfs *vfs, const char *path, int syncs) {
    (void)vfs;
    pthread_mutex_lock(&mutex);
    failing_disk *disk = disk_of(path);
    int code = disk ? judge(disk, FAILING_DISK_DELETE) : SQLITE_OK;
    if (!code) code = below->xDelete(below, path, syncs);
    for (struct platter *platter = disk && !code ? disk->platters : NULL; platter; platter = platter->next) {
        if (strcmp(platter->path, path) == 0) platter->is_deleted = true;
    }
    if (disk && !code && syncs) drop_deleted(disk, NULL);
    pthread_mutex_unlock(&mutex);
    return code;
}

static void install(void) {
    below = sqlite3_vfs_find(NULL);
    if (!below) abort();
    // All but opening and deleting is the VFS below itself, with its own data.
    shim = *below;
    shim.zName = "failing-disk";
    shim.szOsFile = (int)sizeof(struct governed) + below->szOsFile;
    shim.xOpen = open_file;
    shim.xDelete = delete_file;
    if (sqlite3_vfs_register(&shim, 1) != SQLITE_OK) abort();
}

// MARK: - What a test holds

failing_disk *failing_disk_over(const char *folder) {
    pthread_once(&installed, install);
    failing_disk *disk = calloc(1, sizeof *disk);
    if (!disk) return NULL;
    disk->folder = strdup(folder);
    if (!disk->folder) abort();
    pthread_mutex_lock(&mutex);
    disk->next = disks;
    disks = disk;
    pthread_mutex_unlock(&mutex);
    return disk;
}

void failing_disk_release(failing_disk *disk) {
    pthread_mutex_lock(&mutex);
    for (failing_disk **place = &disks; *place; place = &(*place)->next) {
        if (*place == disk) {
            *place = disk->next;
            break;
        }
    }
    pthread_mutex_unlock(&mutex);
    while (disk->platters) {
        struct platter *platter = disk->platters;
        disk->platters = platter->next;
        platter_free(platter);
    }
    free(disk->folder);
    free(disk);
}

void failing_disk_fail(
    failing_disk *disk, unsigned calls, int64_t nth, int manner, bool lasts, uint64_t seed) {
    pthread_mutex_lock(&mutex);
    disk->calls = calls;
    disk->countdown = nth;
    disk->manner = manner;
    disk->lasts = lasts;
    // A sequence cannot start at 0; only a cut gives the first seeds a meaning.
    disk->seed = manner == FAILING_DISK_CUTS || seed ? seed : 1;
    disk->has_failed = false;
    pthread_mutex_unlock(&mutex);
}

void failing_disk_cut(failing_disk *disk, uint64_t seed) {
    pthread_mutex_lock(&mutex);
    disk->is_off = true;
    disk->manner = FAILING_DISK_CUTS;
    disk->seed = seed;
    pthread_mutex_unlock(&mutex);
}

bool failing_disk_mend(failing_disk *disk) {
    bool is_mended = true;
    pthread_mutex_lock(&mutex);
    disk->countdown = 0;
    if (disk->is_off) {
        disk->is_off = false;
        for (struct platter *platter = disk->platters; platter; platter = platter->next) {
            is_mended = platter_restore(platter, &disk->seed) && is_mended;
        }
        // What is there now was found after the cut, and is read anew.
        while (disk->platters) {
            struct platter *platter = disk->platters;
            disk->platters = platter->next;
            platter_free(platter);
        }
    }
    pthread_mutex_unlock(&mutex);
    return is_mended;
}

void failing_disk_forbid_writing(failing_disk *disk, bool forbidden) {
    pthread_mutex_lock(&mutex);
    disk->forbids_writing = forbidden;
    pthread_mutex_unlock(&mutex);
}

bool failing_disk_has_failed(const failing_disk *disk) {
    pthread_mutex_lock(&mutex);
    bool has_failed = disk->has_failed;
    pthread_mutex_unlock(&mutex);
    return has_failed;
}

int64_t failing_disk_count(const failing_disk *disk, unsigned calls) {
    int64_t count = 0;
    pthread_mutex_lock(&mutex);
    for (int kind = 0; kind < KINDS; kind++) {
        if (calls & 1u << kind) count += disk->counts[kind];
    }
    pthread_mutex_unlock(&mutex);
    return count;
}
