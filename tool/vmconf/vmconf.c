/* SPDX-License-Identifier: BSD-2-Clause */
/* The order of things, on one page. */
#include "tool/vmconf/vmconf.h"

#include <libfdt.h>

#include "tool/vmconf/check_sharing.h"
#include "tool/vmconf/checks.h"
#include "tool/vmconf/config.h"
#include "tool/vmconf/emulate.h"
#include "tool/vmconf/firmware.h"
#include "tool/vmconf/guest_tree.h"
#include "tool/vmconf/load.h"
#include "tool/vmconf/maps.h"
#include "tool/vmconf/messages.h"
#include "tool/vmconf/multiplexer.h"
#include "tool/vmconf/overlay.h"
#include "tool/vmconf/pci.h"
#include "tool/vmconf/ram.h"
#include "tool/vmconf/roles.h"
#include "tool/vmconf/select.h"
#include "tool/vmconf/sluice.h"

size_t vmconf_count_vms(const struct sdf *sdf)
{
    size_t count = 0;

    for (size_t i = 0; i < sdf->pd_count; i++) {
        count += sdf->pds[i].vm != NULL;
    }
    return count;
}

const struct sdf_pd *vmconf_vm_pd(const struct sdf *sdf, size_t index)
{
    for (size_t i = 0; i < sdf->pd_count; i++) {
        if (sdf->pds[i].vm != NULL && index-- == 0) {
            return &sdf->pds[i];
        }
    }
    return NULL;
}

/* Prefilled regions may only lack their files when those are what comes out here. */
static void check_prefills(const struct sdf *sdf, struct sdf_messages *messages)
{
    for (size_t i = 0; i < sdf->region_count; i++) {
        const struct sdf_region *region = &sdf->regions[i];
        if (region->prefill_path != NULL && region->prefill_file == NULL &&
            !roles_is_own_output(sdf, region->prefill_path)) {
            sdf_error(messages, &region->pos, "prefill file '%s' is not found on the search paths",
                      region->prefill_path);
        }
    }
}

/* From the description alone. Wrong images or roles leave the tree worth checking, so that the
 * user sees all that is wrong at once; without cores or a GIC there is none. */
static void understand(struct guest *guest)
{
    size_t errors = guest->messages->error_count;

    checks_vm(guest);
    guest->has_tree = guest->messages->error_count == errors;
    maps_read(guest);
    roles_read(guest);
    ram_read(guest);
    errors = guest->messages->error_count;
    pci_read(guest);
    if (guest->messages->error_count > errors) {
        guest->has_tree = false;
    }
    multiplexer_find(guest);
    load_place(guest);
    firmware_place(guest);
    errors = guest->messages->error_count;
    select_nodes(guest);
    if ((guest->gic_cpu == NULL && guest->board->tree->gic_version == 2) ||
        guest->messages->error_count > errors) {
        guest->has_tree = false;
    }
}

static void check_tree_size(struct guest *guest)
{
    const struct sdf_region *region =
        guest->dtb == NULL ? NULL : &guest->sdf->regions[guest->dtb->region];

    if (fdt_totalsize(guest->fdt) > LOAD_DTB_ROOM) {
        vmconf_error(guest->messages, "%s.dtb: %u bytes are more than Linux takes (%u)",
                     guest->vm->name, fdt_totalsize(guest->fdt), LOAD_DTB_ROOM);
    }
    /* A region that the file sizes follows the new one. */
    if (region != NULL && region->has_size && fdt_totalsize(guest->fdt) > region->size) {
        sdf_error(guest->messages, &region->pos,
                  "the guest's device tree has %u bytes, but region '%s' only 0x%llx",
                  fdt_totalsize(guest->fdt), region->name, (unsigned long long)region->size);
    }
}

/* Each step needs the ones before it to have found no error. */
static void derive(struct guest *guest, const struct vmconf_extra *extra, bool is_only)
{
    struct sdf_messages *messages = guest->messages;
    size_t errors = messages->error_count;

    guest->bootargs = extra->bootargs;
    if (extra->overlay.file != NULL &&
        overlay_check(guest, extra->overlay.bytes, extra->overlay.size, extra->overlay.file)) {
        guest->overlay_file = extra->overlay.file;
        sluice_look_ahead(guest, extra->overlay.bytes);
    }
    emulate_place(guest);
    guest_tree_write(guest);
    if (messages->error_count == errors && extra->overlay.file != NULL) {
        overlay_apply(guest, extra->overlay.bytes, extra->overlay.size, extra->overlay.file);
    }
    if (messages->error_count == errors) {
        overlay_finish(guest);
    }
    if (messages->error_count == errors) {
        const char *file = arena_printf(guest->arena, "%s.dtb", guest->vm->name);
        guest->tree =
            tree_parse(guest->arena, guest->fdt, fdt_totalsize(guest->fdt), file, messages);
    }
    if (guest->tree != NULL) {
        checks_guest(guest);
        check_tree_size(guest);
    }
    if (messages->error_count == errors) {
        config_fill(guest, is_only);
    }
}

/* What functions behind SMMUs reach is theirs whose functions they are. */
static void confine(const struct vmconf_result *result, const struct sdf *sdf,
                    struct sdf_messages *messages)
{
    for (size_t i = 0; i < result->guest_count; i++) {
        smmu_add_guest(result->owners, &result->guests[i]);
    }
    for (size_t i = 0; i < result->owner_count; i++) {
        smmu_check_size(&result->owners[i], sdf, messages);
    }
}

struct vmconf_result vmconf_derive(struct arena *arena, const struct sdf *sdf,
                                   const struct board *board, const struct vmconf_extra *extras,
                                   struct sdf_messages *messages)
{
    struct vmconf_result result = {.guest_count = vmconf_count_vms(sdf)};

    result.owners = smmu_find_owners(arena, sdf, board, messages);
    result.owner_count = board->smmu_count;
    result.guests = arena_array(arena, result.guest_count, sizeof(*result.guests));
    check_prefills(sdf, messages);
    for (size_t i = 0; i < result.guest_count; i++) {
        const struct sdf_pd *pd = vmconf_vm_pd(sdf, i);
        result.guests[i] = (struct guest){
            .arena = arena,
            .messages = messages,
            .sdf = sdf,
            .pd = pd,
            .vm = pd->vm,
            .board = board,
        };
        understand(&result.guests[i]);
    }
    check_sharing(result.guests, result.guest_count);
    pci_check_sharing(result.guests, result.guest_count);
    confine(&result, sdf, messages);
    for (size_t i = 0; i < result.guest_count; i++) {
        if (result.guests[i].has_tree) {
            derive(&result.guests[i], &extras[i], result.guest_count == 1);
        }
    }
    return result;
}
