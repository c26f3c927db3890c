/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Placement of kernel, initrd and device tree by Linux's Documentation/arch/arm64/booting.rst:
 * the kernel at text_offset from a 2 MiB aligned base, its image_size kept free; the initrd in the
 * same window of 32 GiB, aligned to 1 GiB; the tree at most 2 MiB long, in a 2 MiB block of its
 * own. Packed upwards from the start of RAM, so that what remains is in one piece.
 */
#include "tool/vmconf/load.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LOAD_ALIGN 0x200000u

/* The first 64 bytes of an arm64 Image. */
struct image_header {
    uint32_t code[2];
    uint64_t text_offset;
    uint64_t image_size; /* 0 before Linux 3.17 */
    uint64_t flags;
    uint64_t reserved[3];
    uint32_t magic;
    uint32_t pe_offset;
};

_Static_assert(sizeof(struct image_header) == 64, "the header's size is fixed");

#define IMAGE_MAGIC           0x644d5241u /* "ARM\x64" */
#define IMAGE_BIG_ENDIAN      0x1u
#define IMAGE_OLD_TEXT_OFFSET 0x80000u   /* to assume when image_size is 0 */
#define IMAGE_OLD_BSS         0x1000000u /* and room for what such a header does not tell */
#define IMAGE_MAX_SIZE        (UINT64_C(1) << 40)

static const char *const page_sizes[4] = {"any page size", "4 KiB pages", "16 KiB pages",
                                          "64 KiB pages"};

/* What users hand over instead of an Image, and what to do about it. `%s` is the file. */
static const struct {
    size_t offset;
    size_t length;
    const char *bytes;
    const char *remedy;
} mistakes[] = {
    {0, 2, "\x1f\x8b", "it is compressed with gzip; unpack it: gzip -dc < FILE > Image"},
    {4, 4, "zimg",
     "it is a compressed EFI image (zboot); unpack the kernel inside it (guest/ does so for "
     "Debian's), or build the kernel without CONFIG_EFI_ZBOOT"},
    {0, 6,
     "\xfd"
     "7zXZ",
     "it is compressed with xz; unpack it: xz -dc < FILE > Image"},
    {0, 4, "\x28\xb5\x2f\xfd", "it is compressed with zstd; unpack it: zstd -dc < FILE > Image"},
    {0, 4, "\x02\x21\x4c\x18", "it is compressed with lz4; unpack it: lz4 -dc < FILE > Image"},
    {0, 3, "BZh", "it is compressed with bzip2; unpack it: bzip2 -dc < FILE > Image"},
    {0, 4,
     "\x7f"
     "ELF",
     "it is an ELF file (vmlinux); use arch/arm64/boot/Image of the same build"},
    {0, 4, "\x27\x05\x19\x56", "it is a U-Boot image; use arch/arm64/boot/Image"},
    {0x24, 4, "\x18\x28\x6f\x01", "it is a zImage for 32-bit Arm; a 64-bit kernel is needed"},
};

static uint64_t align_up(uint64_t value, uint64_t alignment)
{
    return (value + alignment - 1) & ~(alignment - 1);
}

static const struct sdf_region *map_region(const struct guest *guest, const struct sdf_map *map)
{
    return &guest->sdf->regions[map->region];
}

static bool read_header(struct guest *guest, const struct sdf_region *region,
                        struct image_header *header)
{
    FILE *file = fopen(region->prefill_file, "rb");
    size_t got = 0;

    memset(header, 0, sizeof(*header));
    if (file != NULL) {
        got = fread(header, 1, sizeof(*header), file);
    }
    if (file == NULL || (got < sizeof(*header) && ferror(file))) {
        sdf_error(guest->messages, &region->pos, "cannot read the kernel '%s' (%s)",
                  region->prefill_file, strerror(errno));
        if (file != NULL) {
            fclose(file);
        }
        return false;
    }
    fclose(file);
    return true;
}

static const char *find_remedy(const struct image_header *header)
{
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        const char *start = (const char *)header + mistakes[i].offset;
        if (memcmp(start, mistakes[i].bytes, mistakes[i].length) == 0) {
            return mistakes[i].remedy;
        }
    }
    return "the magic number at offset 0x38 is missing";
}

static bool check_header(struct guest *guest, const struct sdf_region *region,
                         const struct image_header *header)
{
    if (le32toh(header->magic) != IMAGE_MAGIC) {
        sdf_error(guest->messages, &region->pos, "'%s' is not an arm64 Image: %s",
                  region->prefill_file, find_remedy(header));
        return false;
    }
    if ((le64toh(header->flags) & IMAGE_BIG_ENDIAN) != 0) {
        sdf_error(guest->messages, &region->pos,
                  "'%s' is a big-endian kernel, which the VMM does not boot", region->prefill_file);
        return false;
    }
    if (le64toh(header->text_offset) > IMAGE_MAX_SIZE ||
        le64toh(header->image_size) > IMAGE_MAX_SIZE) {
        sdf_error(guest->messages, &region->pos,
                  "'%s' has an arm64 Image header with sizes of nonsense", region->prefill_file);
        return false;
    }
    return true;
}

/* Kernel's place relative to an aligned base; false: reported, or there is no kernel to read. */
static bool measure_kernel(struct guest *guest, uint64_t *text_offset, uint64_t *span)
{
    const struct sdf_region *region = map_region(guest, guest->kernel);
    struct image_header header;

    if (region->prefill_file == NULL || !read_header(guest, region, &header) ||
        !check_header(guest, region, &header)) {
        return false;
    }
    *text_offset = le64toh(header.text_offset);
    *span = le64toh(header.image_size);
    if (*span == 0) {
        *text_offset = IMAGE_OLD_TEXT_OFFSET;
        *span = region->prefill_size + IMAGE_OLD_BSS;
    } else if (*span < region->prefill_size) {
        *span = region->prefill_size;
    }
    guest->kernel_note = page_sizes[(le64toh(header.flags) >> 1) & 3];
    return true;
}

static void refuse(struct guest *guest, const struct vm_config_load *load, uint64_t end)
{
    const struct vm_config_ram *ram = &guest->ranges[0];
    const struct sdf_region *region = guest->ram[0]->region;
    const char *others = ram->size > region->size ? ", with those behind it," : "";

    sdf_error(guest->messages, &region->pos,
              "the guest's images need 0x%" PRIx64 " bytes of RAM, but region '%s'%s has 0x%" PRIx64
              " (kernel 0x%" PRIx64 " at 0x%" PRIx64 ", initrd 0x%" PRIx64
              ", device tree 0x%" PRIx64 ")",
              end - ram->ipa, region->name, others, ram->size, load->kernel_span, load->kernel_ipa,
              load->initrd_size, load->dtb_size);
}

void load_place(struct guest *guest)
{
    uint64_t text_offset;
    uint64_t span;

    if (guest->kernel == NULL || guest->ram_count == 0 ||
        !measure_kernel(guest, &text_offset, &span)) {
        return;
    }
    /* No overflow: sdf bounds addresses to 40 bits, files are no larger, and check_header()
     * bounds what the header says. */
    struct vm_config_load load = {
        .kernel_ipa = align_up(guest->ram[0]->ipa, LOAD_ALIGN) + text_offset,
        .kernel_span = span,
        .dtb_size = LOAD_DTB_ROOM,
    };
    uint64_t end = align_up(load.kernel_ipa + load.kernel_span, LOAD_ALIGN);
    if (guest->initrd != NULL) {
        load.initrd_ipa = end;
        load.initrd_size = map_region(guest, guest->initrd)->prefill_size;
        end = align_up(end + load.initrd_size, LOAD_ALIGN);
    }
    load.dtb_ipa = end;
    end += load.dtb_size;
    if (end - guest->ranges[0].ipa > guest->ranges[0].size) {
        refuse(guest, &load, end);
        return;
    }
    guest->load = load;
}
