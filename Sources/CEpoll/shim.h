#include <sys/epoll.h>

/* Begins to fetch the cache line around an address; a hint that never faults and never waits. */
static inline void cache_line_prefetch(const void *address) { __builtin_prefetch(address, 1); }
