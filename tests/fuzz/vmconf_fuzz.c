/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness for vmconf's device trees. Input: three bytes, the length of the board's tree
 * (little-endian, 23 bits; the highest bit: the guest has QEMU's serial port); that tree; the rest
 * is the overlay. The system gives a guest the first page of virtio-mmio transports and a console
 * multiplexer; its images are not there, so that the trees are all there is to look at. Messages go
 * to stderr: run with -close_fd_mask=2. Links with all of tool/vmconf but main.c, and with
 * tool/sdf. Seeds: tests/fuzz/corpus/vmconf.
 */
#include <stdint.h>
#include <string.h>

#include "tool/sdf/arena.h"
#include "tool/sdf/sdf.h"
#include "tool/vmconf/board.h"
#include "tool/vmconf/vmconf.h"

#define HEADER_SIZE 3u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sdf_region regions[] = {
    {.name = "ram",
     .size = 0x8000000,
     .page_size = 0x1000,
     .has_phys_addr = true,
     .phys_addr = 0x40000000},
    {.name = "serial",
     .size = 0x1000,
     .page_size = 0x1000,
     .has_phys_addr = true,
     .phys_addr = 0x9000000},
    {.name = "virtio",
     .size = 0x1000,
     .page_size = 0x1000,
     .has_phys_addr = true,
     .phys_addr = 0xa000000},
    {.name = "gicv",
     .size = 0x1000,
     .page_size = 0x1000,
     .has_phys_addr = true,
     .phys_addr = 0x8040000},
    {.name = "console", .size = 0x10000, .page_size = 0x1000},
};

static struct sdf_map maps[] = {
    {.region = 0, .vaddr = 0x40000000, .perms = SDF_READ | SDF_WRITE | SDF_EXECUTE, .cached = true},
    {.region = 2, .vaddr = 0xa000000, .perms = SDF_READ | SDF_WRITE},
    {.region = 3, .vaddr = 0x8010000, .perms = SDF_READ | SDF_WRITE},
    {.region = 1, .vaddr = 0x9000000, .perms = SDF_READ | SDF_WRITE},
};

static struct sdf_irq irqs[] = {
    {.intid = 48, .id = 2, .edge = true},
    {.intid = 33, .id = 1},
};

static struct sdf_map console_maps[] = {
    {.region = 4,
     .vaddr = 0x140000000,
     .perms = SDF_READ | SDF_WRITE,
     .cached = true,
     .setvar_vaddr = "console_vaddr"},
    {.region = 4, .vaddr = 0x3000000, .perms = SDF_READ | SDF_WRITE, .cached = true},
};

static struct sdf_channel channel = {
    .ends = {{.pd = 0, .id = 3, .notify = true, .setvar_id = "console_channel"},
             {.pd = 1, .id = 0, .notify = true}},
};

static struct sdf_vcpu vcpu;

static struct sdf_vm vm = {
    .name = "linux",
    .vcpus = &vcpu,
    .vcpu_count = 1,
    .maps = maps,
};

static struct sdf_pd pds[] = {
    {.name = "vmm",
     .parent = SDF_NONE,
     .image_path = "vmm.elf",
     .maps = &console_maps[0],
     .map_count = 1,
     .irqs = irqs,
     .vm = &vm},
    {.name = "serial",
     .parent = SDF_NONE,
     .image_path = "serial.elf",
     .maps = &console_maps[1],
     .map_count = 1},
};

static const struct sdf sdf = {
    .path = "fuzz.system",
    .regions = regions,
    .region_count = sizeof(regions) / sizeof(regions[0]),
    .pds = pds,
    .pd_count = sizeof(pds) / sizeof(pds[0]),
    .channels = &channel,
    .channel_count = 1,
};

/* The serial port comes last in both. */
static void give_serial(bool is_given)
{
    vm.map_count = sizeof(maps) / sizeof(maps[0]) - !is_given;
    pds[0].irq_count = sizeof(irqs) / sizeof(irqs[0]) - !is_given;
}

/* Copies end where the input ends, so that the sanitizer sees what is read behind it. */
static void *copy(struct arena *arena, const uint8_t *data, size_t size)
{
    void *bytes = arena_alloc(arena, size);

    memcpy(bytes, data, size);
    return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct sdf_messages messages = {.path = sdf.path};

    if (size < HEADER_SIZE) {
        return 0;
    }
    size_t board_size = (size_t)data[0] | (size_t)data[1] << 8 | (size_t)(data[2] & 0x7f) << 16;
    give_serial((data[2] & 0x80) != 0);
    data += HEADER_SIZE;
    size -= HEADER_SIZE;
    board_size = board_size < size ? board_size : size;

    struct vmconf_extra extra = {.bootargs = NULL};
    if (size > board_size) {
        extra.overlay = (struct vmconf_blob){
            .file = "fuzz.dtbo",
            .bytes = copy(&arena, data + board_size, size - board_size),
            .size = size - board_size,
        };
    }
    void *blob = copy(&arena, data, board_size);
    struct board *board = board_read(&arena, blob, board_size, "fuzz.dtb", &messages);
    if (board != NULL) {
        vmconf_derive(&arena, &sdf, board, &extra, &messages);
    }
    arena_free(&arena);
    return 0;
}
