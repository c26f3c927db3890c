/* SPDX-License-Identifier: BSD-2-Clause */
/* See symbol.h. */
#include "kernel/pd/symbol.h"

#include <stddef.h>

static const struct image_symbol *all_symbols;
static const char *all_names;

void symbol_init(const struct image_symbol *symbols, const char *names)
{
    all_symbols = symbols;
    all_names = names;
}

const struct image_symbol *symbol_find(const struct image_pd *desc, uint64_t address)
{
    uint32_t low = desc->first_symbol;
    uint32_t high = low + desc->symbol_count;

    /* Those before `low` begin at or below the address, those from `high` on above it. */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (all_symbols[middle].address <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == desc->first_symbol ||
        address - all_symbols[low - 1].address >= all_symbols[low - 1].size) {
        return NULL;
    }
    return &all_symbols[low - 1];
}

const char *symbol_name(const struct image_symbol *symbol)
{
    return all_names + symbol->name;
}
