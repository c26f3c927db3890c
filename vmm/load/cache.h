/* SPDX-License-Identifier: BSD-2-Clause */
/* Cache maintenance by address, for what a guest with its caches off is going to see. */
#ifndef SLUICE_VMM_LOAD_CACHE_H
#define SLUICE_VMM_LOAD_CACHE_H

#include <stdint.h>

/* Memory holds what was written to [start, start + size), and no data cache has any of it. */
void cache_clean(const void *start, uint64_t size);

/* The same, and no instruction cache has what was there before. */
void cache_publish(const void *start, uint64_t size);

#endif
