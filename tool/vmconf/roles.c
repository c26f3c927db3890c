/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Roles are read from the symbols that the description fills in the stock VMM:
 * <map mr="…" setvar_vaddr="kernel_vaddr" setvar_prefill_size="kernel_size"/>. A VMM that has none
 * of them is a program of the user's own, of which nothing is demanded.
 */
#include "tool/vmconf/roles.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "tool/vmconf/messages.h"

struct role {
    const char *what;
    const char *vaddr; /* symbols of the VMM */
    const char *size;  /* NULL: has none */
    bool is_required;
    size_t map; /* offset of its const struct sdf_map * in struct guest */
};

static const struct role roles[] = {
    {"kernel", "kernel_vaddr", "kernel_size", true, offsetof(struct guest, kernel)},
    {"firmware", "firmware_vaddr", "firmware_size", false, offsetof(struct guest, firmware)},
    {"initrd", "initrd_vaddr", "initrd_size", false, offsetof(struct guest, initrd)},
    {"device tree", "dtb_vaddr", "dtb_size", true, offsetof(struct guest, dtb)},
    {"RAM", "guest_ram_vaddr", NULL, true, offsetof(struct guest, ram_map)},
};

#define ROLE_COUNT (sizeof(roles) / sizeof(roles[0]))

static const struct sdf_map **role_map(struct guest *guest, const struct role *role)
{
    return (const struct sdf_map **)(void *)((char *)guest + role->map);
}

static bool is_same(const char *symbol, const char *other)
{
    return symbol != NULL && strcmp(symbol, other) == 0;
}

static void find_role(struct guest *guest, const struct role *role)
{
    for (size_t i = 0; i < guest->pd->map_count; i++) {
        const struct sdf_map *map = &guest->pd->maps[i];
        if (is_same(map->setvar_vaddr, role->vaddr)) {
            *role_map(guest, role) = map;
            guest->is_stock = true;
        }
    }
}

/* Firmware in the place of a kernel. */
static bool is_replaced(const struct guest *guest, const struct role *role)
{
    return role->map == offsetof(struct guest, kernel) && guest->firmware != NULL;
}

static void check_role(struct guest *guest, const struct role *role)
{
    const struct sdf_map *map = *role_map(guest, role);

    if (map == NULL) {
        if (role->is_required && !is_replaced(guest, role)) {
            sdf_error(guest->messages, &guest->pd->pos,
                      "the VMM is not told where the guest's %s is: map it with "
                      "setvar_vaddr=\"%s\"%s%s%s",
                      role->what, role->vaddr, role->size == NULL ? "" : " setvar_prefill_size=\"",
                      role->size == NULL ? "" : role->size, role->size == NULL ? "" : "\"");
        }
        return;
    }
    if (role->size == NULL) {
        return;
    }
    if (!is_same(map->setvar_prefill_size, role->size)) {
        sdf_error(guest->messages, &map->pos,
                  "setvar_vaddr=\"%s\" needs setvar_prefill_size=\"%s\" beside it", role->vaddr,
                  role->size);
    }
    if (guest->sdf->regions[map->region].prefill_path == NULL) {
        sdf_error(guest->messages, &map->pos,
                  "the guest's %s is to be in region '%s', which has no prefill_path", role->what,
                  guest->sdf->regions[map->region].name);
    }
}

static void check_dtb(struct guest *guest)
{
    const struct sdf_region *region =
        guest->dtb == NULL ? NULL : &guest->sdf->regions[guest->dtb->region];
    const char *expected = arena_printf(guest->arena, "%s.dtb", guest->vm->name);

    if (region != NULL && region->prefill_path != NULL &&
        strcmp(region->prefill_path, expected) != 0) {
        sdf_error(guest->messages, &region->pos,
                  "the guest's device tree is written to '%s', but the region is prefilled "
                  "with '%s'",
                  expected, region->prefill_path);
    }
}

void roles_read(struct guest *guest)
{
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        find_role(guest, &roles[i]);
    }
    if (guest->is_stock) {
        for (size_t i = 0; i < ROLE_COUNT; i++) {
            check_role(guest, &roles[i]);
        }
        check_dtb(guest);
    } else {
        sdf_warning(guest->messages, &guest->pd->pos,
                    "the VMM of '%s' uses none of the stock VMM's symbols (kernel_vaddr, ...): "
                    "where it loads the guest is its own business",
                    guest->vm->name);
    }
}

bool roles_is_own_output(const struct sdf *sdf, const char *prefill_path)
{
    for (size_t i = 0; i < sdf->pd_count; i++) {
        if (sdf->pds[i].vm == NULL) {
            continue;
        }
        const char *name = sdf->pds[i].vm->name;
        size_t length = strlen(name);
        if (strncmp(prefill_path, name, length) == 0 &&
            strcmp(prefill_path + length, ".dtb") == 0) {
            return true;
        }
    }
    return false;
}
