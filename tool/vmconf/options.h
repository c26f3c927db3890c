/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line. */
#ifndef SLUICE_TOOL_VMCONF_OPTIONS_H
#define SLUICE_TOOL_VMCONF_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Arrays have room for every argument; strings are argv's. */
struct options {
    const char *system;
    const char *board_dtb;
    const char *output;
    const char *vm; /* which has to be there, or NULL */
    const char **search_paths;
    size_t search_path_count;
    const char **overlay_paths;
    size_t overlay_path_count;
    const char **bootargs; /* as given: [VM=]STRING */
    size_t bootargs_count;
    uint32_t cpu_count;   /* 0: as many as the board has */
    uint32_t intid_count; /* of the interrupt controller; 0: not known */
    uint32_t msi_first;   /* of the MSI frame's INTIDs */
    uint32_t msi_count;   /* 0: not known */
    bool has_its; /* the SDK makes interrupts of messages to an ITS (MICROKIT_HAS_MESSAGE_IRQ) */
    bool wants_help;
};

/* Returns false after a message "vmconf: error: …". The arrays are the caller's to free. */
bool options_parse(struct options *options, int argc, char **argv);
void options_free(struct options *options);
void options_print_usage(void);

#endif
