/* SPDX-License-Identifier: BSD-2-Clause */
/* See seed.h. Whatever is at the start of RAM is looked at, and so nothing in it is believed. */
#include "kernel/boot/seed.h"

#include <stddef.h>

#include "kernel/lib/random.h"
#include "kernel/lib/string.h"

#define MAGIC    0xd00dfeedu
#define MAX_SIZE 0x200000u /* of a tree */
#define MAX_NAME 32u       /* of a property or node that matters */

enum token {
    BEGIN_NODE = 1,
    END_NODE,
    PROPERTY,
    NOP,
    END = 9,
};

struct header { /* 5.2 */
    uint32_t magic;
    uint32_t size;
    uint32_t structure;
    uint32_t strings;
    uint32_t reserved[5];
    uint32_t structure_size;
};

/* All in bytes; `at` is a multiple of 4. */
struct tree {
    uint8_t *blob;
    uint32_t size;
    uint32_t at;
    uint32_t end; /* of the structure */
    uint32_t strings;
};

static uint32_t word(const struct tree *tree, uint32_t offset)
{
    uint32_t value;

    memcpy(&value, tree->blob + offset, sizeof(value));
    return __builtin_bswap32(value);
}

static bool open_tree(struct tree *tree, void *start, uint64_t size)
{
    tree->blob = start;
    if (size < sizeof(struct header) || word(tree, offsetof(struct header, magic)) != MAGIC) {
        return false;
    }
    tree->size = word(tree, offsetof(struct header, size));
    tree->at = word(tree, offsetof(struct header, structure));
    tree->end = word(tree, offsetof(struct header, structure_size));
    tree->strings = word(tree, offsetof(struct header, strings));
    if (tree->size > size || tree->size > MAX_SIZE || tree->at > tree->size || tree->at % 4 != 0 ||
        tree->end > tree->size - tree->at || tree->strings > tree->size) {
        return false;
    }
    tree->end += tree->at;
    return true;
}

/* Whether a terminated string is at the offset. */
static bool is_name(const struct tree *tree, uint32_t offset, const char *name)
{
    for (uint32_t i = 0; i < MAX_NAME && offset < tree->size; i++, offset++) {
        if (tree->blob[offset] != (uint8_t)name[i]) {
            return false;
        }
        if (name[i] == '\0') {
            return true;
        }
    }
    return false;
}

/* False: the structure ends before. */
static bool skip(struct tree *tree, uint32_t bytes)
{
    if (bytes > tree->end - tree->at) {
        return false;
    }
    bytes = (bytes + 3) & ~3u;
    tree->at = bytes > tree->end - tree->at ? tree->end : tree->at + bytes;
    return true;
}

static bool skip_name(struct tree *tree)
{
    uint32_t length = 0;

    while (length < tree->end - tree->at && tree->blob[tree->at + length] != '\0') {
        length++;
    }
    return skip(tree, length + 1);
}

static bool use(uint8_t *value, uint32_t length)
{
    uint32_t seed[RANDOM_WORDS];

    if (length < sizeof(seed)) {
        return false;
    }
    for (uint32_t at = 0; sizeof(seed) <= length - at; at += sizeof(seed)) {
        memcpy(seed, value + at, sizeof(seed));
        random_seed(seed);
    }
    memset(value, 0, length);
    return true;
}

/* The property at tree->at, behind its token; `is_wanted`: if it is the seed, it is taken. */
static bool read_property(struct tree *tree, bool is_wanted, bool *is_taken)
{
    uint32_t length;
    uint32_t name;
    uint8_t *value;

    if (tree->end - tree->at < 2 * sizeof(uint32_t)) {
        return false;
    }
    length = word(tree, tree->at);
    name = word(tree, tree->at + sizeof(uint32_t));
    tree->at += 2 * sizeof(uint32_t);
    value = tree->blob + tree->at;
    if (!skip(tree, length)) {
        return false;
    }
    if (is_wanted && name < tree->size - tree->strings &&
        is_name(tree, tree->strings + name, "rng-seed")) {
        *is_taken = use(value, length);
    }
    return true;
}

bool seed_take(void *start, uint64_t size)
{
    struct tree tree;
    unsigned int depth = 0;
    bool is_chosen = false;
    bool is_taken = false;
    bool goes_on = open_tree(&tree, start, size);

    while (goes_on && !is_taken && tree.end - tree.at >= sizeof(uint32_t)) {
        uint32_t token = word(&tree, tree.at);

        tree.at += sizeof(uint32_t);
        if (token == BEGIN_NODE) {
            depth++;
            is_chosen = depth == 2 && is_name(&tree, tree.at, "chosen");
            goes_on = skip_name(&tree);
        } else if (token == END_NODE && depth > 0) {
            depth--;
            is_chosen = false;
        } else if (token == PROPERTY) {
            goes_on = read_property(&tree, is_chosen, &is_taken);
        } else {
            goes_on = token == NOP;
        }
    }
    return is_taken;
}
