/* SPDX-License-Identifier: BSD-2-Clause */
/* Trees of all kinds at the start of RAM, and what is none. The memory ends where the size says, so
 * that the sanitizer sees what is read behind it. */
#include "tests/unit/kernel/support/cmocka_all.h"

#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/boot/seed.h"
#include "kernel/lib/random.h"

#define ROOM 1024

static unsigned int seeds;
static uint32_t last[RANDOM_WORDS];

void random_seed(const uint32_t seed[RANDOM_WORDS])
{
    seeds++;
    memcpy(last, seed, sizeof(last));
}

static uint8_t bytes[96];
static uint8_t blob[ROOM];

/* A tree with a property of /chosen, or of a node `inside` it. */
static void make_tree(const char *node, const char *inside, const char *property, int length)
{
    int error = fdt_create(blob, sizeof(blob));

    error |= fdt_finish_reservemap(blob);
    error |= fdt_begin_node(blob, "");
    error |= fdt_property_string(blob, "model", "a machine");
    error |= fdt_property(blob, "rng-seed", bytes, 32);
    error |= fdt_begin_node(blob, "memory@40000000");
    error |= fdt_property_string(blob, "device_type", "memory");
    error |= fdt_end_node(blob);
    error |= fdt_begin_node(blob, node);
    error |= fdt_property_string(blob, "stdout-path", "/uart");
    error |= inside != NULL ? fdt_begin_node(blob, inside) : 0;
    error |= fdt_property(blob, property, bytes, length);
    error |= inside != NULL ? fdt_end_node(blob) : 0;
    error |= fdt_property_string(blob, "other", "rng-seed");
    error |= fdt_end_node(blob);
    error |= fdt_end_node(blob);
    error |= fdt_finish(blob);
    assert_int_equal(error, 0);
}

static bool take(size_t size)
{
    uint8_t *ram = malloc(size);
    bool is_taken;

    assert_true(ram != NULL || size == 0);
    memcpy(ram, blob, size);
    seeds = 0;
    is_taken = seed_take(ram, size);
    memcpy(blob, ram, size);
    free(ram);
    return is_taken;
}

static int setup(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)(i + 1);
    }
    return 0;
}

static void seed_of_any_length(void **state)
{
    static const int lengths[] = {32, 33, 63, 64, 96};

    (void)state;
    for (unsigned int i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        int length = 0;
        int chosen;
        const uint8_t *value;

        make_tree("chosen", NULL, "rng-seed", lengths[i]);
        assert_true(take(sizeof(blob)));
        assert_int_equal(seeds, lengths[i] / 32);
        assert_memory_equal(last, bytes + (seeds - 1) * 32, 32);
        chosen = fdt_path_offset(blob, "/chosen");
        value = fdt_getprop(blob, chosen, "rng-seed", &length);
        assert_int_equal(length, lengths[i]);
        for (int k = 0; k < length; k++) {
            assert_int_equal(value[k], 0); /* nobody else gets it */
        }
    }
}

static void no_seed(void **state)
{
    (void)state;
    make_tree("chosen", NULL, "rng-seed", 31);
    assert_false(take(sizeof(blob)));
    make_tree("chosen", NULL, "rng-seed", 0);
    assert_false(take(sizeof(blob)));
    make_tree("chosen", NULL, "rng-seeds", 32);
    assert_false(take(sizeof(blob)));
    make_tree("chosen", NULL, "rng-see", 32);
    assert_false(take(sizeof(blob)));
    make_tree("chosen", "more", "rng-seed", 32);
    assert_false(take(sizeof(blob)));
    make_tree("chosen@0", NULL, "rng-seed", 32);
    assert_false(take(sizeof(blob)));
    make_tree("other", "chosen", "rng-seed", 32);
    assert_false(take(sizeof(blob)));
    assert_int_equal(seeds, 0);
}

static void no_tree(void **state)
{
    (void)state;
    make_tree("chosen", NULL, "rng-seed", 32);
    for (size_t size = 0; size < fdt_totalsize(blob); size++) {
        assert_false(take(size));
    }
    fdt_set_totalsize(blob, 0x200001);
    assert_false(take(sizeof(blob)));
    memset(blob, 0, sizeof(blob));
    assert_false(take(sizeof(blob)));
    memset(blob, 0xff, sizeof(blob));
    assert_false(take(sizeof(blob)));
}

/* A result or none, and nothing read or written that is not the tree's. */
static void damaged_trees(void **state)
{
    static const uint8_t masks[] = {0x01, 0x80, 0xff};

    (void)state;
    make_tree("chosen", NULL, "rng-seed", 32);
    for (uint32_t at = 0; at < fdt_totalsize(blob); at++) {
        for (unsigned int i = 0; i < sizeof(masks); i++) {
            make_tree("chosen", NULL, "rng-seed", 32);
            blob[at] ^= masks[i];
            take(sizeof(blob));
            assert_true(seeds <= 3);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(seed_of_any_length, setup),
        cmocka_unit_test_setup(no_seed, setup),
        cmocka_unit_test_setup(no_tree, setup),
        cmocka_unit_test_setup(damaged_trees, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
