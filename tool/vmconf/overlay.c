/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Applying the overlay with libfdt. The blob is outside input: its structure, depth and labels
 * are checked first, so that what libfdt then refuses is rare and what it recurses into is shallow.
 */
#include "tool/vmconf/overlay.h"

#include <libfdt.h>
#include <string.h>

#include "tool/vmconf/blob.h"
#include "tool/vmconf/fixups.h"
#include "tool/vmconf/messages.h"
#include "tool/vmconf/sluice.h"

#define GROWTH 0x10000u /* for paths and strings that libfdt writes out, and bootargs */

#define MAX_BOOTARGS 2047u /* COMMAND_LINE_SIZE of arm64, without the NUL */

static bool check_fragments(struct guest *guest, const void *blob, const char *file)
{
    int fragment;

    fdt_for_each_subnode(fragment, blob, 0)
    {
        if (fdt_subnode_offset(blob, fragment, "__overlay__") >= 0) {
            return true;
        }
    }
    vmconf_error(guest->messages,
                 "%s: not an overlay: its source needs /plugin/; and nodes of the form &label { }",
                 file);
    return false;
}

static bool check_fixups(struct guest *guest, const void *blob, const char *file)
{
    if (!fixups_are_sound(blob)) {
        vmconf_error(guest->messages,
                     "%s: damaged: its references point outside of its properties; compile it "
                     "again: dtc -@",
                     file);
        return false;
    }
    return true;
}

static const char *list_labels(struct guest *guest)
{
    const char *list = "";

    for (size_t i = 0; i < guest->label_count; i++) {
        list =
            arena_printf(guest->arena, "%s%s%s", list, i == 0 ? "" : ", ", guest->labels[i].label);
    }
    return list;
}

/* Each property of __fixups__ is a label that the overlay uses and does not define. */
static bool check_labels(struct guest *guest, const void *blob, const char *file)
{
    int fixups = fdt_path_offset(blob, "/__fixups__");
    int symbols = fdt_path_offset(guest->fdt, "/__symbols__");
    bool all_known = true;
    int offset;

    if (fixups < 0) {
        return true;
    }
    fdt_for_each_property_offset(offset, blob, fixups)
    {
        const char *label = "?";
        if (fdt_getprop_by_offset(blob, offset, &label, NULL) == NULL ||
            fdt_getprop(guest->fdt, symbols, label, NULL) == NULL) {
            vmconf_error(guest->messages, "%s: label '%s' is unknown; the guest's tree has: %s",
                         file, label, list_labels(guest));
            all_known = false;
        }
    }
    return all_known;
}

static bool grow(struct guest *guest, size_t more)
{
    size_t capacity = (size_t)fdt_totalsize(guest->fdt) + more;
    void *larger = arena_alloc(guest->arena, capacity);
    int error = fdt_open_into(guest->fdt, larger, (int)capacity);

    if (error != 0) {
        vmconf_error(guest->messages, "the device tree of '%s' cannot be extended (%s)",
                     guest->vm->name, fdt_strerror(error));
        return false;
    }
    guest->fdt = larger;
    return true;
}

bool overlay_check(struct guest *guest, const void *blob, size_t size, const char *file)
{
    if (size > OVERLAY_MAX_SIZE) {
        vmconf_error(guest->messages, "%s: %zu bytes are too many for an overlay", file, size);
        return false;
    }
    return blob_check(blob, size, file, guest->messages) && check_fragments(guest, blob, file) &&
           check_fixups(guest, blob, file);
}

void overlay_apply(struct guest *guest, const void *blob, size_t size, const char *file)
{
    if (!check_labels(guest, blob, file) || !grow(guest, 2 * size + GROWTH)) {
        return;
    }
    void *copy = arena_alloc(guest->arena, size); /* libfdt spoils it */
    memcpy(copy, blob, size);
    int error = fdt_overlay_apply(guest->fdt, copy);
    if (error != 0) {
        vmconf_error(guest->messages, "%s: cannot be applied to the tree of '%s' (%s)", file,
                     guest->vm->name, fdt_strerror(error));
    }
}

static void remove_own(struct guest *guest, const char *path)
{
    int node = fdt_path_offset(guest->fdt, path);
    int error = node < 0 ? 0 : fdt_del_node(guest->fdt, node);

    if (error != 0) {
        vmconf_error(guest->messages, "%s cannot be removed from the tree of '%s' (%s)", path,
                     guest->vm->name, fdt_strerror(error));
    }
}

/* The command line that the user gives the guest, or NULL. */
static const char *read_bootargs(struct guest *guest, int chosen)
{
    int length;
    const char *text = chosen < 0 ? NULL : fdt_getprop(guest->fdt, chosen, "bootargs", &length);

    if (guest->bootargs != NULL || text == NULL) {
        return guest->bootargs;
    }
    return arena_printf(guest->arena, "%.*s", (int)strnlen(text, (size_t)length), text);
}

static bool names_console(const char *bootargs)
{
    for (const char *at = bootargs; (at = strstr(at, "console=")) != NULL; at++) {
        if (at == bootargs || at[-1] == ' ') {
            return true;
        }
    }
    return false;
}

/* Linux finds a PL011 by stdout-path; a virtio console it has to be told of. */
static const char *add_console(struct guest *guest, const char *bootargs)
{
    if (guest->console.kind != VM_CONFIG_CONSOLE_VIRTIO) {
        return bootargs;
    }
    if (bootargs == NULL || bootargs[0] == '\0') {
        return "console=hvc0";
    }
    return names_console(bootargs) ? bootargs
                                   : arena_printf(guest->arena, "%s console=hvc0", bootargs);
}

static void set_bootargs(struct guest *guest)
{
    int chosen = fdt_path_offset(guest->fdt, "/chosen");
    const char *bootargs = add_console(guest, read_bootargs(guest, chosen));

    if (bootargs == NULL) {
        return;
    }
    if (strlen(bootargs) > MAX_BOOTARGS) {
        vmconf_error(guest->messages,
                     "the bootargs of '%s' are longer than the %u characters that Linux reads",
                     guest->vm->name, MAX_BOOTARGS);
        return;
    }
    int size = (int)strlen(bootargs) + 1;
    int error = chosen < 0 ? chosen : fdt_setprop(guest->fdt, chosen, "bootargs", bootargs, size);
    if (error != 0) {
        vmconf_error(guest->messages, "bootargs of '%s' cannot be set (%s)", guest->vm->name,
                     fdt_strerror(error));
    }
}

void overlay_finish(struct guest *guest)
{
    size_t bootargs = guest->bootargs == NULL ? 0 : strlen(guest->bootargs);

    if (!grow(guest, bootargs + GROWTH)) {
        return;
    }
    set_bootargs(guest);
    sluice_read(guest);
    remove_own(guest, "/sluice");
    remove_own(guest, "/__symbols__");
    int error = fdt_pack(guest->fdt);
    if (error != 0) {
        vmconf_error(guest->messages, "the device tree of '%s' cannot be packed (%s)",
                     guest->vm->name, fdt_strerror(error));
    }
}
