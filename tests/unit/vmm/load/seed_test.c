/* SPDX-License-Identifier: BSD-2-Clause */
/* Seeds in a tree that libfdt makes, and reads again. */
#include <libfdt.h>

#include "tests/unit/vmm/fake/cmocka_all.h"
#include "tests/unit/vmm/fake/fake.h"
#include "vmm/load/seed.h"

#define ROOM 512

static uint8_t tree[ROOM];
static struct vm_config_seed kaslr;
static struct vm_config_seed rng;

/* As vmconf does. */
static struct vm_config_seed take(const char *name)
{
    int chosen = fdt_path_offset(tree, "/chosen");
    const struct fdt_property *property = fdt_get_property(tree, chosen, name, NULL);
    struct vm_config_seed seed = {(uint32_t)((const uint8_t *)property - tree),
                                  fdt32_to_cpu(property->nameoff)};

    assert_int_equal(fdt_nop_property(tree, chosen, name), 0);
    return seed;
}

static int setup(void **state)
{
    static const uint8_t zeros[VM_CONFIG_RNG_SEED];
    int error = fdt_create(tree, sizeof(tree));

    (void)state;
    error |= fdt_finish_reservemap(tree);
    error |= fdt_begin_node(tree, "");
    error |= fdt_begin_node(tree, "chosen");
    error |= fdt_property_string(tree, "bootargs", "quiet");
    error |= fdt_property(tree, "kaslr-seed", zeros, VM_CONFIG_KASLR_SEED);
    error |= fdt_property(tree, "rng-seed", zeros, VM_CONFIG_RNG_SEED);
    error |= fdt_property_string(tree, "stdout-path", "/uart");
    error |= fdt_end_node(tree);
    error |= fdt_end_node(tree);
    error |= fdt_finish(tree);
    assert_int_equal(error, 0);
    kaslr = take("kaslr-seed");
    rng = take("rng-seed");
    fake_reset();
    return 0;
}

static void write_seeds(uint64_t size)
{
    seed_write(&kaslr, VM_CONFIG_KASLR_SEED, tree, size);
    seed_write(&rng, VM_CONFIG_RNG_SEED, tree, size);
}

static void assert_seed(const char *name, unsigned int draw, int size)
{
    const uint64_t number[4] = {FAKE_RANDOM(draw, 0), FAKE_RANDOM(draw, 1), FAKE_RANDOM(draw, 2),
                                FAKE_RANDOM(draw, 3)};
    int length;
    const void *value = fdt_getprop(tree, fdt_path_offset(tree, "/chosen"), name, &length);

    assert_non_null(value);
    assert_int_equal(length, size);
    assert_memory_equal(value, number, (size_t)size);
}

static void assert_sound(void)
{
    int chosen = fdt_path_offset(tree, "/chosen");

    assert_int_equal(fdt_check_full(tree, fdt_totalsize(tree)), 0);
    assert_string_equal(fdt_getprop(tree, chosen, "bootargs", NULL), "quiet");
    assert_string_equal(fdt_getprop(tree, chosen, "stdout-path", NULL), "/uart");
}

static void filled_in_anew_each_time(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 2; i++) {
        write_seeds(fdt_totalsize(tree));
        assert_sound();
        assert_seed("kaslr-seed", 2 * i + 1, VM_CONFIG_KASLR_SEED);
        assert_seed("rng-seed", 2 * i + 2, VM_CONFIG_RNG_SEED);
    }
}

static void away_where_there_are_none(void **state)
{
    int chosen;

    (void)state;
    fake.has_no_seed = true;
    write_seeds(fdt_totalsize(tree));
    assert_sound();
    chosen = fdt_path_offset(tree, "/chosen");
    assert_null(fdt_getprop(tree, chosen, "kaslr-seed", NULL));
    assert_null(fdt_getprop(tree, chosen, "rng-seed", NULL));
}

/* No room, or room that is not within the tree: nothing is written. */
static void no_room(void **state)
{
    static const uint32_t offsets[] = {0, ROOM - 19, ROOM, 0xffffffff};
    uint8_t before[ROOM];

    (void)state;
    memcpy(before, tree, sizeof(tree));
    for (unsigned int i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        seed_write(&(struct vm_config_seed){offsets[i], 0}, 8, tree, sizeof(tree));
    }
    for (uint64_t size = 0; size < 24; size++) {
        seed_write(&(struct vm_config_seed){4, 0}, 8, tree, size);
    }
    seed_write(&(struct vm_config_seed){4, 0}, 36, tree, sizeof(tree));
    assert_memory_equal(before, tree, sizeof(tree));
    assert_int_equal(fake.random_count, 0);
    seed_write(&(struct vm_config_seed){ROOM - 20, 0}, 8, tree, sizeof(tree));
    assert_memory_not_equal(before, tree, sizeof(tree));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(filled_in_anew_each_time, setup),
        cmocka_unit_test_setup(away_where_there_are_none, setup),
        cmocka_unit_test_setup(no_room, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
