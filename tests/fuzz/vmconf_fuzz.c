/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness for vmconf: a system description, the board's tree, an overlay, a guest's
 * kernel, to the report. Input: struct head, then the board's tree, the description, and the
 * overlay of every guest. The description finds two images, "Image", with the header that the input
 * has, and "initrd.gz"; nothing else of the machine has a say. A mutation changes one of the parts,
 * so that the others stay what they are. Messages go to stderr: run with -close_fd_mask=2. Links
 * with all of tool/vmconf but main.c, and with tool/sdf. Seeds: what tests/vmconf is made of
 * (seeds.py).
 */
#include <fcntl.h>
#include <libfdt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tool/sdf/arena.h"
#include "tool/sdf/sdf.h"
#include "tool/vmconf/board.h"
#include "tool/vmconf/bounds.h"
#include "tool/vmconf/dma_map.h"
#include "tool/vmconf/report.h"
#include "tool/vmconf/vmconf.h"

#define KERNEL_HEADER 64u
/* What the firmware begins with: the number that only a kernel has to have. */
#define KERNEL_MAGIC   56u
#define FIRMWARE_START 4
#define KERNEL_SIZE    0x1040u
#define INITRD_SIZE    0xff000u
#define INTID_COUNT    288u
#define MSI_FIRST      80u
#define MSI_COUNT      64u
#define SIZE_BYTES     3u
#define WITH_BOOTARGS  0x800000u

/* Sizes little-endian; the highest bit of the first says that there are boot arguments. */
struct head {
    uint8_t board_size[SIZE_BYTES];
    uint8_t system_size[SIZE_BYTES];
    uint8_t kernel[KERNEL_HEADER];
};

enum part {
    PART_HEAD,
    PART_BOARD,
    PART_SYSTEM,
    PART_OVERLAY,
    PART_COUNT,
};

/* Where parts are in an input: part i in [at[i], at[i + 1]). */
struct parts {
    size_t at[PART_COUNT + 1];
    bool has_bootargs;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

static char directory[] = "/tmp/vmconf-fuzz-XXXXXX";
static int kernel_file = -1;
static int firmware_file = -1;

static void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

static size_t read_size(const uint8_t *bytes)
{
    return (size_t)bytes[0] | (size_t)bytes[1] << 8 | (size_t)bytes[2] << 16;
}

static void write_size(uint8_t *bytes, size_t size)
{
    for (unsigned int i = 0; i < SIZE_BYTES; i++) {
        bytes[i] = (uint8_t)(size >> (8 * i));
    }
}

static size_t at_most(size_t size, size_t limit)
{
    return size < limit ? size : limit;
}

/* The input has a head at least. */
static struct parts find_parts(const uint8_t *data, size_t size)
{
    const struct head *head = (const struct head *)data;
    size_t board_size = read_size(head->board_size);
    struct parts parts = {.has_bootargs = (board_size & WITH_BOOTARGS) != 0};

    board_size &= WITH_BOOTARGS - 1;
    parts.at[PART_BOARD] = sizeof(*head);
    parts.at[PART_SYSTEM] = parts.at[PART_BOARD] + at_most(board_size, size - sizeof(*head));
    parts.at[PART_OVERLAY] =
        parts.at[PART_SYSTEM] + at_most(read_size(head->system_size), size - parts.at[PART_SYSTEM]);
    parts.at[PART_COUNT] = size;
    return parts;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
    struct head *head = (struct head *)data;
    struct parts parts;
    enum part part = seed % PART_COUNT;
    size_t old_size;
    size_t new_size;
    size_t rest;
    uint8_t *copy;

    if (size < sizeof(*head)) {
        return LLVMFuzzerMutate(data, size, max_size);
    }
    parts = find_parts(data, size);
    old_size = parts.at[part + 1] - parts.at[part];
    /* LLVMFuzzerMutate makes a byte of nothing, even where there is no room for one. */
    if (part == PART_HEAD || (old_size == 0 && size == max_size)) {
        LLVMFuzzerMutate(head->kernel, sizeof(head->kernel), sizeof(head->kernel));
        return size;
    }
    rest = size - parts.at[part + 1];
    copy = malloc(max_size);
    require(copy != NULL);
    memcpy(copy, data + parts.at[part], old_size);
    new_size = LLVMFuzzerMutate(copy, old_size, old_size + (max_size - size));
    memmove(data + parts.at[part] + new_size, data + parts.at[part + 1], rest);
    memcpy(data + parts.at[part], copy, new_size);
    free(copy);
    if (part == PART_BOARD) {
        write_size(head->board_size, new_size | (parts.has_bootargs ? WITH_BOOTARGS : 0));
    } else if (part == PART_SYSTEM) {
        write_size(head->system_size, new_size);
    }
    return parts.at[part] + new_size + rest;
}

static void remove_images(void)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "%s/Image", directory);
    (void)unlink(path);
    (void)snprintf(path, sizeof(path), "%s/initrd.gz", directory);
    (void)unlink(path);
    (void)snprintf(path, sizeof(path), "%s/firmware.bin", directory);
    (void)unlink(path);
    (void)rmdir(directory);
}

static int make_image(const char *name, off_t size)
{
    char path[64];
    int file;

    (void)snprintf(path, sizeof(path), "%s/%s", directory, name);
    file = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    require(file >= 0 && ftruncate(file, size) == 0);
    return file;
}

static void provide_images(const uint8_t *kernel)
{
    if (kernel_file < 0) {
        require(mkdtemp(directory) != NULL);
        (void)atexit(remove_images);
        kernel_file = make_image("Image", KERNEL_SIZE);
        firmware_file = make_image("firmware.bin", INITRD_SIZE);
        (void)close(make_image("initrd.gz", INITRD_SIZE));
    }
    require(pwrite(kernel_file, kernel, KERNEL_HEADER, 0) == KERNEL_HEADER);
    require(pwrite(firmware_file, kernel + KERNEL_MAGIC, FIRMWARE_START, 0) == FIRMWARE_START);
}

/* Copies end where the input ends, so that the sanitizer sees what is read behind it. */
static void *copy_part(struct arena *arena, const uint8_t *data, const struct parts *parts,
                       enum part part, size_t *size)
{
    void *bytes;

    *size = parts->at[part + 1] - parts->at[part];
    bytes = arena_alloc(arena, *size);
    memcpy(bytes, data + parts->at[part], *size);
    return bytes;
}

static struct sdf *read_system(struct arena *arena, const void *text, size_t size,
                               const struct board *board, uint32_t intid_count,
                               struct sdf_messages *messages)
{
    const char *const search_paths[] = {directory};
    struct sdf_options options = {
        .search_paths = search_paths,
        .search_path_count = 1,
        .board = board == NULL ? NULL : bounds_of(arena, board, intid_count),
        .cpu_count = board == NULL ? 1 : (uint32_t)board->cpu_count,
        .prefill_may_be_missing = true,
        .regions_may_overlap = true,
    };
    int file = memfd_create("fuzz.system", MFD_CLOEXEC);
    static char path[32]; /* messages have it from then on */
    struct sdf *sdf;

    require(file >= 0 && write(file, text, size) == (ssize_t)size);
    (void)snprintf(path, sizeof(path), "/dev/fd/%d", file);
    sdf = sdf_load(path, &options, messages);
    (void)close(file);
    return sdf;
}

/* What an SMMU's owner is told holds together, and its tables have room. */
static void check_owner(const struct smmu_owner *owner, const struct sdf *sdf)
{
    const struct smmu_config *config = &owner->config;
    uint32_t range_count = 0;

    require(config->stream_count <= SMMU_CONFIG_MAX_STREAMS);
    require(config->domain_count <= SMMU_CONFIG_MAX_DOMAINS);
    require(config->range_count <= SMMU_CONFIG_MAX_RANGES);
    for (uint32_t i = 0; i < config->stream_count; i++) {
        require(config->streams[i].domain < config->domain_count);
    }
    for (uint32_t i = 0; i < config->domain_count; i++) {
        require(config->domains[i].first_range == range_count);
        for (uint32_t k = 1; k < config->domains[i].range_count; k++) {
            const struct smmu_config_range *range = &config->ranges[range_count + k];
            require(range[-1].ipa + range[-1].size <= range->ipa);
        }
        range_count += config->domains[i].range_count;
    }
    require(range_count == config->range_count);
    require(owner->tables_size <= sdf->regions[owner->tables->region].size);
}

/* The ranges of a guest's RAM, as its VMM looks them up, are all of it. */
static void check_ram(const struct guest *guest)
{
    const struct vm_config_ram *ranges = guest->config.ram;
    uint64_t pieces = 0;
    uint64_t size = 0;

    require(guest->config.ram_count <= VM_CONFIG_MAX_RAM);
    for (uint32_t i = 0; i < guest->config.ram_count; i++) {
        size += ranges[i].size;
        require(i < 2 || ranges[i - 1].ipa + ranges[i - 1].size <= ranges[i].ipa);
        require(i == 0 || ranges[0].ipa + ranges[0].size <= ranges[i].ipa ||
                ranges[i].ipa + ranges[i].size <= ranges[0].ipa);
    }
    for (size_t i = 0; i < guest->ram_count; i++) {
        pieces += guest->ram[i]->size;
    }
    require(size == pieces);
}

/* What comes out when nothing was wrong: a tree, and a report that can be written. */
static void check_result(const struct vmconf_result *result, const struct sdf *sdf,
                         const struct board *board)
{
    char *text = NULL;
    size_t size = 0;
    FILE *report = open_memstream(&text, &size);

    require(report != NULL);
    for (size_t i = 0; i < result->guest_count; i++) {
        const struct guest *guest = &result->guests[i];

        require(fdt_check_full(guest->fdt, fdt_totalsize(guest->fdt)) == 0);
        check_ram(guest);
        report_write(guest, report);
        report_notes(guest);
    }
    for (size_t i = 0; i < result->owner_count; i++) {
        if (result->owners[i].pd != NULL) {
            check_owner(&result->owners[i], sdf);
            smmu_write_report(&result->owners[i], sdf, board, report);
        }
    }
    dma_map_write(result, report);
    require(fclose(report) == 0);
    free(text);
}

static void derive(struct arena *arena, const struct sdf *sdf, const struct board *board,
                   const struct vmconf_extra *extra, struct sdf_messages *messages)
{
    size_t count = vmconf_count_vms(sdf);
    struct vmconf_extra *extras = arena_array(arena, count, sizeof(*extras));
    struct vmconf_result result;

    for (size_t i = 0; i < count; i++) {
        extras[i] = *extra;
    }
    result = vmconf_derive(arena, sdf, board, extras, messages);
    if (messages->error_count == 0) {
        check_result(&result, sdf, board);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct sdf_messages messages = {.path = "fuzz.system"};
    struct vmconf_extra extra = {.overlay = {.file = "fuzz.dtbo"}};
    struct parts parts;
    struct board *board;
    struct sdf *sdf;
    size_t part_size;
    void *bytes;

    if (size < sizeof(struct head)) {
        return 0;
    }
    parts = find_parts(data, size);
    provide_images(((const struct head *)data)->kernel);
    extra.bootargs = parts.has_bootargs ? "quiet" : NULL;
    extra.overlay.bytes = copy_part(&arena, data, &parts, PART_OVERLAY, &extra.overlay.size);
    if (extra.overlay.size == 0) {
        extra.overlay = (struct vmconf_blob){0};
    }
    bytes = copy_part(&arena, data, &parts, PART_BOARD, &part_size);
    board = board_read(&arena, bytes, part_size, "fuzz.dtb", &messages);
    if (board != NULL) {
        board_set_vectors(board, MSI_FIRST, MSI_COUNT, true);
    }
    bytes = copy_part(&arena, data, &parts, PART_SYSTEM, &part_size);
    sdf = read_system(&arena, bytes, part_size, board, parts.has_bootargs ? INTID_COUNT : 0,
                      &messages);
    require((sdf == NULL) <= (messages.error_count != 0));
    if (board != NULL && sdf != NULL) {
        derive(&arena, sdf, board, &extra, &messages);
    }
    sdf_free(sdf);
    arena_free(&arena);
    return 0;
}
