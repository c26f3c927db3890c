/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The node is read twice: ahead, in those of the overlay's fragments that are for it, and from the
 * tree that came out, which is what counts. An overlay that makes the two differ in what the tree
 * depends on is refused.
 */
#include "tool/vmconf/sluice.h"

#include <libfdt.h>
#include <string.h>

#include "tool/vmconf/messages.h"
#include "tool/vmconf/multiplexer.h"

#define MAX_WATCHDOG 3600u /* seconds */

struct property {
    const char *name;
    const char *values; /* for messages */
    bool (*read)(struct sluice *sluice, const void *value, int length);
};

static bool is_string(const void *value, int length, const char *text)
{
    return length == (int)strlen(text) + 1 && memcmp(value, text, (size_t)length) == 0;
}

/* Which of two words it is: 0, 1; or -1. */
static int read_choice(const void *value, int length, const char *first, const char *second)
{
    return is_string(value, length, first) ? 0 : is_string(value, length, second) ? 1 : -1;
}

static bool read_restart(struct sluice *sluice, const void *value, int length)
{
    int choice = read_choice(value, length, "always", "never");

    sluice->never_restarts = choice == 1;
    return choice >= 0;
}

static bool read_autostart(struct sluice *sluice, const void *value, int length)
{
    int choice = read_choice(value, length, "yes", "no");

    sluice->waits = choice == 1;
    return choice >= 0;
}

static bool read_console(struct sluice *sluice, const void *value, int length)
{
    static const struct {
        const char *word;
        enum sluice_console console;
    } consoles[] = {
        {"none", SLUICE_CONSOLE_NONE},
        {"pl011", SLUICE_CONSOLE_PL011},
        {"virtio", SLUICE_CONSOLE_VIRTIO},
    };

    for (size_t i = 0; i < sizeof(consoles) / sizeof(consoles[0]); i++) {
        if (is_string(value, length, consoles[i].word)) {
            sluice->console = consoles[i].console;
            return true;
        }
    }
    return false;
}

static bool read_virtio(struct sluice *sluice, const void *value, int length)
{
    int choice = read_choice(value, length, "mmio", "pci");

    sluice->virtio_is_pci = choice == 1;
    return choice >= 0;
}

static bool read_watchdog(struct sluice *sluice, const void *value, int length)
{
    uint32_t seconds = length == (int)sizeof(fdt32_t) ? fdt32_ld(value) : 0;

    if (seconds == 0 || seconds > MAX_WATCHDOG) {
        return false;
    }
    sluice->watchdog = seconds;
    return true;
}

static const struct property properties[] = {
    {"restart", "\"always\" or \"never\"", read_restart},
    {"autostart", "\"yes\" or \"no\"", read_autostart},
    {"console", "\"pl011\", \"virtio\" or \"none\"", read_console},
    {"virtio", "\"mmio\" or \"pci\"", read_virtio},
    {"watchdog", "one cell, the seconds: 1 to 3600", read_watchdog},
};

#define PROPERTY_COUNT (sizeof(properties) / sizeof(properties[0]))

static const struct property *find_property(const char *name)
{
    for (size_t i = 0; i < PROPERTY_COUNT; i++) {
        if (strcmp(properties[i].name, name) == 0) {
            return &properties[i];
        }
    }
    return NULL;
}

static const char *list_properties(struct guest *guest)
{
    const char *list = "";

    for (size_t i = 0; i < PROPERTY_COUNT; i++) {
        list = arena_printf(guest->arena, "%s%s%s", list, i == 0 ? "" : ", ", properties[i].name);
    }
    return list;
}

/* What a fragment gives the node /sluice: by its label, by its path, or from the root. Negative:
 * nothing. */
static int find_content(struct guest *guest, const void *overlay, int fragment)
{
    int fixups = fdt_path_offset(overlay, "/__fixups__");
    int content = fdt_subnode_offset(overlay, fragment, "__overlay__");
    const char *place =
        arena_printf(guest->arena, "/%s:target:0", fdt_get_name(overlay, fragment, NULL));
    int length;

    if (content < 0) {
        return content;
    }
    if (fixups >= 0 && fdt_stringlist_search(overlay, fixups, "sluice", place) >= 0) {
        return content;
    }
    const char *path = fdt_getprop(overlay, fragment, "target-path", &length);
    if (path != NULL && is_string(path, length, "/sluice")) {
        return content;
    }
    return path != NULL && is_string(path, length, "/")
               ? fdt_subnode_offset(overlay, content, "sluice")
               : -FDT_ERR_NOTFOUND;
}

void sluice_look_ahead(struct guest *guest, const void *overlay)
{
    int fragment;
    int offset;

    fdt_for_each_subnode(fragment, overlay, 0)
    {
        int content = find_content(guest, overlay, fragment);
        if (content < 0) {
            continue;
        }
        fdt_for_each_property_offset(offset, overlay, content)
        {
            const char *name = "";
            int length;
            const void *value = fdt_getprop_by_offset(overlay, offset, &name, &length);
            const struct property *property = find_property(name);
            if (value != NULL && property != NULL) {
                property->read(&guest->sluice, value, length);
            }
        }
    }
}

static void read_property(struct guest *guest, struct sluice *sluice, int offset)
{
    const char *name = "";
    int length;
    const void *value = fdt_getprop_by_offset(guest->fdt, offset, &name, &length);
    const struct property *property = find_property(name);

    if (value == NULL || strcmp(name, "phandle") == 0) {
        return;
    }
    if (property == NULL) {
        vmconf_error(guest->messages, "%s: /sluice: unknown property '%s'; known: %s",
                     guest->overlay_file, name, list_properties(guest));
    } else if (!property->read(sluice, value, length)) {
        vmconf_error(guest->messages, "%s: /sluice: %s takes %s", guest->overlay_file, name,
                     property->values);
    }
}

static bool is_listed(const char *const *list, const char *name)
{
    for (; list != NULL && *list != NULL; list++) {
        if (strcmp(*list, name) == 0) {
            return true;
        }
    }
    return false;
}

void sluice_refuse_nodes(struct guest *guest, int node, const char *const *known)
{
    int offset;

    fdt_for_each_subnode(offset, guest->fdt, node)
    {
        const char *name = fdt_get_name(guest->fdt, offset, NULL);
        if (!is_listed(known, name)) {
            vmconf_error(guest->messages, "%s: /sluice: unknown node '%s'", guest->overlay_file,
                         name);
        }
    }
}

void sluice_read(struct guest *guest)
{
    static const char *const nodes[] = {"pci", "devices", NULL};
    int node = fdt_path_offset(guest->fdt, "/sluice");
    size_t errors = guest->messages->error_count;
    struct sluice sluice = {0};
    int offset;

    if (node < 0) {
        return; /* deleted by the overlay's own means: nothing said */
    }
    fdt_for_each_property_offset(offset, guest->fdt, node)
    {
        read_property(guest, &sluice, offset);
    }
    sluice_refuse_nodes(guest, node, nodes);
    offset = fdt_subnode_offset(guest->fdt, node, "pci");
    if (offset >= 0) {
        sluice_read_pci(guest, offset);
    }
    offset = fdt_subnode_offset(guest->fdt, node, "devices");
    if (offset >= 0) {
        sluice_read_devices(guest, offset);
    }
    if (guest->messages->error_count == errors &&
        (sluice.console != guest->sluice.console || sluice.watchdog != guest->sluice.watchdog ||
         sluice.virtio_is_pci != guest->sluice.virtio_is_pci)) {
        vmconf_error(guest->messages, "%s: /sluice is not given as &sluice { }: it must be",
                     guest->overlay_file);
    }
    guest->sluice = sluice;
}

bool sluice_may_restart(const struct guest *guest)
{
    return !guest->sluice.never_restarts || multiplexer_is_there(guest);
}
