/* SPDX-License-Identifier: BSD-2-Clause */
/* See fixture.h. Takes the place of tool/vmconf/messages.c and of tool/sdf's messages. */
#include "tests/unit/tool/vmconf/fixture.h"

#include <libfdt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/vmconf/fdt_writer.h"
#include "tool/vmconf/messages.h"

#define MESSAGES_SIZE 16384
#define BOARD_SIZE    16384

#define GIC_PHANDLE   1
#define CLOCK_PHANDLE 2

char fixture_messages[MESSAGES_SIZE];

static void append(const char *format, va_list arguments)
{
    size_t used = strlen(fixture_messages);

    vsnprintf(fixture_messages + used, MESSAGES_SIZE - used, format, arguments);
}

static void append_text(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    append(format, arguments);
    va_end(arguments);
}

#define CATCH(kind, tail, ...)          \
    do {                                \
        va_list arguments;              \
        append_text("%s: ", kind);      \
        va_start(arguments, format);    \
        append(format, arguments);      \
        va_end(arguments);              \
        append_text(tail, __VA_ARGS__); \
    } while (0)

void sdf_error(struct sdf_messages *messages, const struct sdf_pos *pos, const char *format, ...)
{
    messages->error_count++;
    CATCH("Error", " on '%s'\n", pos->tag);
}

void sdf_warning(struct sdf_messages *messages, const struct sdf_pos *pos, const char *format, ...)
{
    messages->warning_count++;
    CATCH("Warning", " on '%s'\n", pos->tag);
}

void vmconf_error(struct sdf_messages *messages, const char *format, ...)
{
    messages->error_count++;
    CATCH("error", "%s", "\n");
}

void vmconf_warning(struct sdf_messages *messages, const char *format, ...)
{
    messages->warning_count++;
    CATCH("warning", "%s", "\n");
}

void vmconf_note(const char *format, ...)
{
    CATCH("note", "%s", "\n");
}

static void write_cells(struct fdt_writer *writer, const char *name, size_t count,
                        const uint32_t *cells)
{
    fdt32_t bytes[16];

    for (size_t i = 0; i < count; i++) {
        bytes[i] = cpu_to_fdt32(cells[i]);
    }
    fdt_writer_bytes(writer, name, bytes, (int)(count * sizeof(bytes[0])));
}

#define CELLS(writer, name, ...)                                                          \
    write_cells(writer, name, sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), \
                (const uint32_t[]){__VA_ARGS__})

static void write_device(struct fdt_writer *writer, const char *name, const char *compatible,
                         uint32_t address, uint32_t size)
{
    fdt_writer_begin(writer, name);
    fdt_writer_string(writer, "compatible", compatible);
    CELLS(writer, "reg", 0, address, 0, size);
}

static void write_gic(struct fdt_writer *writer)
{
    fdt_writer_begin(writer, "intc@8000000");
    fdt_writer_string(writer, "compatible", "arm,cortex-a15-gic");
    fdt_writer_cell(writer, "phandle", GIC_PHANDLE);
    fdt_writer_empty(writer, "interrupt-controller");
    fdt_writer_cell(writer, "#interrupt-cells", 3);
    fdt_writer_cell(writer, "#address-cells", 2);
    fdt_writer_cell(writer, "#size-cells", 2);
    fdt_writer_empty(writer, "ranges");
    CELLS(writer, "reg", 0, 0x8000000, 0, 0x10000, 0, 0x8010000, 0, 0x10000, 0, 0x8030000, 0,
          0x10000, 0, 0x8040000, 0, 0x10000);
    fdt_writer_end(writer);
}

static void write_system(struct fdt_writer *writer)
{
    fdt_writer_begin(writer, "memory@40000000");
    fdt_writer_string(writer, "device_type", "memory");
    CELLS(writer, "reg", 0, 0x40000000, 0, 0x40000000);
    fdt_writer_end(writer);
    fdt_writer_begin(writer, "cpus");
    fdt_writer_cell(writer, "#address-cells", 1);
    fdt_writer_cell(writer, "#size-cells", 0);
    fdt_writer_begin(writer, "cpu@0");
    fdt_writer_string(writer, "device_type", "cpu");
    fdt_writer_string(writer, "compatible", "arm,cortex-a53");
    fdt_writer_cell(writer, "reg", 0);
    fdt_writer_end(writer);
    fdt_writer_end(writer);
    fdt_writer_begin(writer, "timer");
    fdt_writer_string(writer, "compatible", "arm,armv8-timer");
    CELLS(writer, "interrupts", 1, 13, 0x104, 1, 14, 0x104, 1, 11, 0x104, 1, 10, 0x104);
    fdt_writer_end(writer);
    fdt_writer_begin(writer, "apb-pclk");
    fdt_writer_string(writer, "compatible", "fixed-clock");
    fdt_writer_cell(writer, "phandle", CLOCK_PHANDLE);
    fdt_writer_cell(writer, "#clock-cells", 0);
    fdt_writer_end(writer);
    fdt_writer_begin(writer, "chosen");
    fdt_writer_string(writer, "stdout-path", "/pl011@9000000:115200");
    fdt_writer_string(writer, "kaslr-seed", "secret");
    fdt_writer_end(writer);
}

void *fixture_board_blob(struct arena *arena, size_t *size)
{
    struct fdt_writer writer;

    fdt_writer_start(&writer, arena, BOARD_SIZE);
    fdt_writer_cell(&writer, "#address-cells", 2);
    fdt_writer_cell(&writer, "#size-cells", 2);
    fdt_writer_cell(&writer, "interrupt-parent", GIC_PHANDLE);
    write_system(&writer);
    write_gic(&writer);
    write_device(&writer, "pl011@9000000", "arm,pl011", 0x9000000, 0x1000);
    CELLS(&writer, "interrupts", 0, 1, 4);
    CELLS(&writer, "clocks", CLOCK_PHANDLE, CLOCK_PHANDLE);
    fdt_writer_end(&writer);
    for (uint32_t i = 0; i < 2; i++) {
        const char *name = arena_printf(arena, "virtio_mmio@%x", 0xa000000 + 0x200 * i);
        write_device(&writer, name, "virtio,mmio", 0xa000000 + 0x200 * i, 0x200);
        CELLS(&writer, "interrupts", 0, 16 + i, 1);
        fdt_writer_empty(&writer, "dma-coherent");
        fdt_writer_end(&writer);
    }
    fdt_writer_finish(&writer);
    if (writer.error != 0) {
        abort();
    }
    *size = fdt_totalsize(writer.fdt);
    return writer.fdt;
}

void fixture_write_kernel(struct fixture *fixture, uint64_t text_offset, uint64_t image_size,
                          uint64_t flags)
{
    uint64_t header[8] = {0, text_offset, image_size, flags, 0, 0, 0, 0x644d5241};
    FILE *file = fopen(fixture->kernel_path, "wb");

    if (file == NULL || fwrite(header, sizeof(header), 1, file) != 1 || fclose(file) != 0) {
        abort();
    }
}

static void make_kernel(struct fixture *fixture)
{
    strcpy(fixture->kernel_path, "/tmp/vmconf-kernel-XXXXXX");
    int file = mkstemp(fixture->kernel_path);
    if (file < 0) {
        abort();
    }
    close(file);
    fixture_write_kernel(fixture, 0, 0x1000000, 0xa);
}

static void make_regions(struct fixture *fixture)
{
    static const char *const names[REGION_COUNT] = {"ram",    "serial", "virtio", "gicv",
                                                    "kernel", "initrd", "dtb",    "console"};
    static const uint64_t sizes[REGION_COUNT] = {0x8000000, 0x1000,   0x1000, 0x1000,
                                                 0x800000,  0x100000, 0x1000, 0x10000};
    static const uint64_t addresses[REGION_COUNT] = {0x40000000, 0x9000000, 0xa000000, 0x8040000};

    for (size_t i = 0; i < REGION_COUNT; i++) {
        fixture->regions[i] = (struct sdf_region){
            .pos = {.tag = "memory_region"},
            .name = names[i],
            .size = sizes[i],
            .page_size = 0x1000,
            .has_phys_addr = addresses[i] != 0,
            .phys_addr = addresses[i],
        };
    }
    fixture->regions[REGION_KERNEL].prefill_path = "Image";
    fixture->regions[REGION_KERNEL].prefill_file = fixture->kernel_path;
    fixture->regions[REGION_KERNEL].prefill_size = 0x7ff000;
    fixture->regions[REGION_INITRD].prefill_path = "initrd.gz";
    fixture->regions[REGION_INITRD].prefill_file = "initrd.gz";
    fixture->regions[REGION_INITRD].prefill_size = 0xff000;
    fixture->regions[REGION_DTB].prefill_path = "linux.dtb";
}

static void make_maps(struct fixture *fixture)
{
    static const struct sdf_pos pos = {.tag = "map"};
    const struct sdf_map vm_maps[VM_MAP_COUNT] = {
        {.region = REGION_RAM, .vaddr = 0x40000000, .perms = 7, .cached = true},
        {.region = REGION_SERIAL, .vaddr = 0x9000000, .perms = 3},
        {.region = REGION_VIRTIO, .vaddr = 0xa000000, .perms = 3},
        {.region = REGION_GICV, .vaddr = 0x8010000, .perms = 3},
    };
    const struct sdf_map pd_maps[PD_MAP_COUNT] = {
        {.region = REGION_RAM, .vaddr = 0x40000000, .perms = 3, .setvar_vaddr = "guest_ram_vaddr"},
        {.region = REGION_SERIAL, .vaddr = 0x130000000, .perms = 3},
        {.region = REGION_VIRTIO, .vaddr = 0x130001000, .perms = 3},
        {.region = REGION_KERNEL,
         .vaddr = 0x100000000,
         .perms = 1,
         .setvar_vaddr = "kernel_vaddr",
         .setvar_prefill_size = "kernel_size"},
        {.region = REGION_INITRD,
         .vaddr = 0x110000000,
         .perms = 1,
         .setvar_vaddr = "initrd_vaddr",
         .setvar_prefill_size = "initrd_size"},
        {.region = REGION_DTB,
         .vaddr = 0x120000000,
         .perms = 1,
         .setvar_vaddr = "dtb_vaddr",
         .setvar_prefill_size = "dtb_size"},
    };

    memcpy(fixture->vm_maps, vm_maps, sizeof(vm_maps));
    memcpy(fixture->pd_maps, pd_maps, sizeof(pd_maps));
    for (size_t i = 0; i < VM_MAP_COUNT; i++) {
        fixture->vm_maps[i].pos = pos;
    }
    for (size_t i = 0; i < PD_MAP_COUNT; i++) {
        fixture->pd_maps[i].pos = pos;
    }
}

static void make_system(struct fixture *fixture)
{
    static const struct sdf_pos irq_pos = {.tag = "irq"};

    make_regions(fixture);
    make_maps(fixture);
    fixture->irqs[0] = (struct sdf_irq){.pos = irq_pos, .intid = 33, .id = 1};
    fixture->irqs[1] = (struct sdf_irq){.pos = irq_pos, .intid = 48, .id = 2, .edge = true};
    fixture->vm = (struct sdf_vm){
        .pos = {.tag = "virtual_machine"},
        .name = "linux",
        .vcpus = &fixture->vcpu,
        .vcpu_count = 1,
        .maps = fixture->vm_maps,
        .map_count = VM_MAP_COUNT,
    };
    fixture->pds[PD_VMM] = (struct sdf_pd){
        .pos = {.tag = "protection_domain"},
        .name = "vmm",
        .smc = true,
        .image_path = "vmm.elf",
        .maps = fixture->pd_maps,
        .map_count = PD_MAP_COUNT,
        .irqs = fixture->irqs,
        .irq_count = IRQ_COUNT,
        .vm = &fixture->vm,
    };
    fixture->sdf = (struct sdf){
        .regions = fixture->regions,
        .region_count = REGION_COUNT,
        .pds = fixture->pds,
        .pd_count = 1,
    };
}

void fixture_add_multiplexer(struct fixture *fixture)
{
    fixture->pd_maps[PD_MAP_COUNT] = (struct sdf_map){.pos = {.tag = "map"},
                                                      .region = REGION_CONSOLE,
                                                      .vaddr = 0x140000000,
                                                      .perms = SDF_READ | SDF_WRITE,
                                                      .cached = true,
                                                      .setvar_vaddr = "console_vaddr"};
    fixture->pds[PD_VMM].map_count = PD_MAP_COUNT + 1;
    fixture->serial_map = fixture->pd_maps[PD_MAP_COUNT];
    fixture->serial_map.setvar_vaddr = NULL;
    fixture->pds[PD_SERIAL] = (struct sdf_pd){
        .pos = {.tag = "protection_domain"},
        .name = "serial",
        .maps = &fixture->serial_map,
        .map_count = 1,
    };
    fixture->sdf.pd_count = PD_COUNT;
    fixture->channel = (struct sdf_channel){
        .ends = {{.pos = {.tag = "end"}, .pd = PD_SERIAL, .id = 1, .notify = true},
                 {.pos = {.tag = "end"},
                  .pd = PD_VMM,
                  .id = 5,
                  .notify = true,
                  .setvar_id = "console_channel"}},
    };
    fixture->sdf.channels = &fixture->channel;
    fixture->sdf.channel_count = 1;
}

void fixture_remove_serial(struct fixture *fixture)
{
    fixture->vm_maps[MAP_OF_SERIAL] = fixture->vm_maps[VM_MAP_COUNT - 1];
    fixture->vm.map_count = VM_MAP_COUNT - 1;
    fixture->irqs[0] = fixture->irqs[1];
    fixture->pds[PD_VMM].irq_count = 1;
}

void fixture_start_overlay(struct fixture *fixture, struct fdt_writer *writer, const char *path)
{
    fdt_writer_start(writer, &fixture->arena, 65536);
    fdt_writer_begin(writer, "fragment@0");
    fdt_writer_string(writer, "target-path", path);
    fdt_writer_begin(writer, "__overlay__");
}

struct guest *fixture_derive_overlay(struct fixture *fixture, struct fdt_writer *writer)
{
    fdt_writer_end(writer);
    fdt_writer_end(writer);
    fdt_writer_finish(writer);
    if (writer->error != 0) {
        abort();
    }
    fixture->extra.overlay =
        (struct vmconf_blob){"linux.dtbo", writer->fdt, fdt_totalsize(writer->fdt)};
    return fixture_derive(fixture);
}

void fixture_start(struct fixture *fixture)
{
    size_t size;

    memset(fixture, 0, sizeof(*fixture));
    fixture_messages[0] = '\0';
    void *blob = fixture_board_blob(&fixture->arena, &size);
    fixture->board = board_read(&fixture->arena, blob, size, "board.dtb", &fixture->messages);
    make_kernel(fixture);
    make_system(fixture);
}

void fixture_end(struct fixture *fixture)
{
    unlink(fixture->kernel_path);
    arena_free(&fixture->arena);
}

struct guest *fixture_derive(struct fixture *fixture)
{
    struct vmconf_result result = vmconf_derive(&fixture->arena, &fixture->sdf, fixture->board,
                                                &fixture->extra, &fixture->messages);

    return &result.guests[0];
}
