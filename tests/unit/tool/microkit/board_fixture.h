/* SPDX-License-Identifier: BSD-2-Clause */
/* A board in a folder of its own, whose device tree tests change before it is read. */
#ifndef SLUICE_TESTS_UNIT_TOOL_MICROKIT_BOARD_FIXTURE_H
#define SLUICE_TESTS_UNIT_TOOL_MICROKIT_BOARD_FIXTURE_H

#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/tool/microkit/cmocka_all.h"
#include "tool/microkit/board.h"

#define TREE_SIZE 8192
#define CONF      "load_address = 0x70000000\ncpu_count = 1\nintids = 96\n"

struct fixture {
    struct arena arena;
    char directory[32];
    char path[32];
    char tree[TREE_SIZE];
    struct board board;
};

/* A property of 32-bit cells. */
static inline void set(struct fixture *fixture, const char *path, const char *name, size_t count,
                       const uint32_t *cells)
{
    fdt32_t bytes[16] = {0};

    for (size_t i = 0; i < count; i++) {
        bytes[i] = cpu_to_fdt32(cells[i]);
    }
    int node = fdt_path_offset(fixture->tree, path);
    assert_true(node >= 0);
    assert_int_equal(fdt_setprop(fixture->tree, node, name, bytes, (int)(count * sizeof(bytes[0]))),
                     0);
}

#define SET(fixture, path, name, ...)                                              \
    set(fixture, path, name, sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), \
        (uint32_t[]){__VA_ARGS__})

static inline void set_text(struct fixture *fixture, const char *path, const char *name,
                            const char *text)
{
    int node = fdt_path_offset(fixture->tree, path);

    assert_true(node >= 0);
    assert_int_equal(fdt_setprop(fixture->tree, node, name, text, (int)strlen(text) + 1), 0);
}

static inline void add(struct fixture *fixture, const char *parent, const char *name)
{
    int node = fdt_path_offset(fixture->tree, parent);

    assert_true(node >= 0);
    assert_true(fdt_add_subnode(fixture->tree, node, name) >= 0);
}

static inline void add_gicv2_frames(struct fixture *fixture)
{
    SET(fixture, "/intc", "reg", 0x8000000, 0x10000, 0x8010000, 0x20000, 0x8030000, 0x10000,
        0x8040000, 0x10000);
}

static inline void add_gicv2(struct fixture *fixture)
{
    add(fixture, "/", "intc");
    set_text(fixture, "/intc", "compatible", "arm,gic-400");
    add_gicv2_frames(fixture);
    SET(fixture, "/intc", "interrupts", 1, 9, 4);
}

static inline void make_tree(struct fixture *fixture)
{
    assert_int_equal(fdt_create_empty_tree(fixture->tree, TREE_SIZE), 0);
    SET(fixture, "/", "#address-cells", 1);
    SET(fixture, "/", "#size-cells", 1);
    add(fixture, "/", "memory");
    set_text(fixture, "/memory", "device_type", "memory");
    SET(fixture, "/memory", "reg", 0x10000000, 0x1000, 0x40000000, 0x40000000);
    add(fixture, "/", "cpus");
    SET(fixture, "/cpus", "#address-cells", 1);
    SET(fixture, "/cpus", "#size-cells", 0);
    add(fixture, "/cpus", "cpu");
    set_text(fixture, "/cpus/cpu", "device_type", "cpu");
    SET(fixture, "/cpus/cpu", "reg", 0x100);
    add(fixture, "/", "timer");
    set_text(fixture, "/timer", "compatible", "arm,armv8-timer");
    SET(fixture, "/timer", "interrupts", 1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10, 4);
    add(fixture, "/", "bus");
    SET(fixture, "/bus", "#address-cells", 2);
    SET(fixture, "/bus", "#size-cells", 1);
    SET(fixture, "/bus", "ranges", 1, 0, 0x9000000, 0x10000);
    add(fixture, "/bus", "uart");
    set_text(fixture, "/bus/uart", "compatible", "arm,pl011");
    SET(fixture, "/bus/uart", "reg", 1, 0x2000, 0x1000);
    add_gicv2(fixture);
}

static inline void write_file(const struct fixture *fixture, const char *name, const void *bytes,
                              size_t size)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "%s/elf/%s", fixture->directory, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static inline bool read_with(struct fixture *fixture, const char *conf)
{
    write_file(fixture, "board.conf", conf, strlen(conf));
    write_file(fixture, "board.dtb", fixture->tree, TREE_SIZE);
    return board_read(&fixture->arena, fixture->directory, &fixture->board);
}

static inline int start(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    char path[64];

    strcpy(fixture->directory, "/tmp/board-XXXXXX");
    assert_non_null(mkdtemp(fixture->directory));
    (void)snprintf(path, sizeof(path), "%s/elf", fixture->directory);
    assert_int_equal(mkdir(path, 0700), 0);
    make_tree(fixture);
    *state = fixture;
    return 0;
}

static inline int end(void **state)
{
    static const char *const names[] = {"/elf/board.conf", "/elf/board.dtb", "/elf", ""};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[64];

        (void)snprintf(path, sizeof(path), "%s%s", fixture->directory, names[i]);
        (void)remove(path);
    }
    arena_free(&fixture->arena);
    free(fixture);
    return 0;
}

#endif
