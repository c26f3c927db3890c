/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Firmware lies in a prefilled region that is mapped into the VMM under the symbol firmware_vaddr,
 * and into the guest, read-only and executable, where it is to run. As on the boards that such
 * firmware is built for, it starts at its first byte and finds the device tree at the start of RAM.
 */
#include "tool/vmconf/firmware.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tool/vmconf/load.h"

#define START_SIZE 4u /* an instruction */

/* What users hand over instead of an image, by its first bytes. */
static const struct {
    const char bytes[START_SIZE + 1];
    const char *what;
} mistakes[] = {
    {"\x7f"
     "ELF",
     "it is an ELF file; use the binary of the same build (U-Boot: u-boot.bin)"},
    {"QFI\xfb", "it is a disk image (qcow2); convert it: qemu-img convert -O raw FILE FILE.raw"},
    {"\0\0\0\0", "it begins with zeros, which are no instruction"},
    {"\xff\xff\xff\xff", "it begins with erased flash, which is no instruction"},
};

static const struct sdf_region *region_of(const struct guest *guest)
{
    return &guest->sdf->regions[guest->firmware->region];
}

/* A file that is missing has been reported: check_prefills(). */
static void check_image(struct guest *guest)
{
    const struct sdf_region *region = region_of(guest);
    FILE *file = region->prefill_file == NULL ? NULL : fopen(region->prefill_file, "rb");
    char start[START_SIZE] = {0};

    if (file == NULL || fread(start, sizeof(start), 1, file) != 1) {
        if (region->prefill_file != NULL) {
            sdf_error(guest->messages, &region->pos, "cannot read the firmware '%s' (%s)",
                      region->prefill_file, file == NULL ? strerror(errno) : "it is too short");
        }
    }
    for (size_t i = 0; file != NULL && i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        if (memcmp(start, mistakes[i].bytes, START_SIZE) == 0) {
            sdf_error(guest->messages, &region->pos, "'%s' is not firmware: %s",
                      region->prefill_file, mistakes[i].what);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
}

static const struct guest_map *find_map(struct guest *guest)
{
    const struct guest_map *found = NULL;

    for (size_t i = 0; i < guest->map_count; i++) {
        const struct guest_map *map = &guest->maps[i];
        if (map->kind != MAP_CODE) {
            continue;
        }
        if (guest->firmware == NULL || map->region != region_of(guest)) {
            sdf_error(guest->messages, &map->map->pos,
                      "memory that the guest may execute and not write is its firmware, which the "
                      "VMM has to know: map region '%s' into protection domain '%s' with "
                      "setvar_vaddr=\"firmware_vaddr\" setvar_prefill_size=\"firmware_size\"",
                      map->region->name, guest->pd->name);
        } else if (found == NULL) {
            found = map;
        } else {
            sdf_error(guest->messages, &map->map->pos,
                      "the firmware is mapped at 0x%llx already, where the guest starts",
                      (unsigned long long)found->ipa);
        }
    }
    return found;
}

static void check_others(struct guest *guest)
{
    if (guest->kernel != NULL) {
        sdf_error(guest->messages, &guest->kernel->pos,
                  "the guest starts firmware, and so cannot be given a kernel: what it boots is on "
                  "its disk");
    }
    if (guest->initrd != NULL) {
        sdf_error(guest->messages, &guest->initrd->pos,
                  "the guest starts firmware, which loads an initrd by itself");
    }
}

void firmware_place(struct guest *guest)
{
    const struct guest_map *map = guest->is_stock ? find_map(guest) : NULL;

    if (guest->firmware == NULL) {
        return;
    }
    check_image(guest);
    check_others(guest);
    if (map == NULL) {
        sdf_error(guest->messages, &guest->firmware->pos,
                  "the guest does not have its firmware: map region '%s' into it, where it starts "
                  "(usually vaddr=\"0x0\"), with perms=\"rx\"",
                  region_of(guest)->name);
        return;
    }
    if (guest->ram_count == 0) {
        return;
    }
    if (guest->ranges[0].size < LOAD_DTB_ROOM) {
        sdf_error(guest->messages, &guest->ram[0]->region->pos,
                  "the guest's device tree needs 0x%x bytes of RAM", LOAD_DTB_ROOM);
        return;
    }
    guest->load = (struct vm_config_load){
        .dtb_ipa = guest->ram[0]->ipa,
        .dtb_size = LOAD_DTB_ROOM,
    };
    guest->firmware_place = (struct vm_config_firmware){
        .ipa = map->ipa,
        .size = region_of(guest)->prefill_size,
    };
}
