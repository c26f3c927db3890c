/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parsing the command line, by a table. As in microkit, an option with several values takes every
 * argument up to the next one that begins with '-'.
 */
#include "tool/vmconf/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CPUS   64
#define MIN_INTIDS 32 /* SGIs and PPIs */
#define MAX_INTIDS 1020

struct option {
    const char *name;
    bool takes_many;
    bool (*set)(struct options *options, const char *value);
};

static bool fail(const char *what, const char *argument)
{
    fprintf(stderr, "vmconf: error: %s '%s' (vmconf --help shows how)\n", what, argument);
    return false;
}

static bool set_once(const char **field, const char *what, const char *value)
{
    if (*field != NULL) {
        return fail(what, value);
    }
    *field = value;
    return true;
}

static bool set_board(struct options *options, const char *value)
{
    return set_once(&options->board_dtb, "a second --board-dtb", value);
}

static bool set_output(struct options *options, const char *value)
{
    return set_once(&options->output, "a second -o", value);
}

/* A decimal number in [min, max]; 0: it is none. */
static uint32_t number(const char *value, unsigned long min, unsigned long max)
{
    char *end;

    errno = 0;
    unsigned long count = strtoul(value, &end, 10);
    if (errno != 0 || *value < '0' || *value > '9' || *end != '\0' || count < min || count > max) {
        return 0;
    }
    return (uint32_t)count;
}

static bool set_cpu_count(struct options *options, const char *value)
{
    options->cpu_count = number(value, 1, MAX_CPUS);
    return options->cpu_count != 0 || fail("--cpu-count is not a number of cores:", value);
}

static bool set_intids(struct options *options, const char *value)
{
    options->intid_count = number(value, MIN_INTIDS, MAX_INTIDS);
    return options->intid_count != 0 || fail("--intids is not 32 to 1020:", value);
}

static bool set_msi_first(struct options *options, const char *value)
{
    options->msi_first = number(value, MIN_INTIDS, MAX_INTIDS - 1);
    return options->msi_first != 0 || fail("--msi-first is not 32 to 1019:", value);
}

static bool set_msi_count(struct options *options, const char *value)
{
    options->msi_count = number(value, 1, MAX_INTIDS - MIN_INTIDS);
    return options->msi_count != 0 || fail("--msi-count is not 1 to 988:", value);
}

static bool set_its(struct options *options, const char *value)
{
    options->has_its = strcmp(value, "yes") == 0;
    return options->has_its || strcmp(value, "no") == 0 || fail("--its is not yes or no:", value);
}

static bool set_vm(struct options *options, const char *value)
{
    options->vm = value;
    return true;
}

static bool add_search_path(struct options *options, const char *value)
{
    options->search_paths[options->search_path_count++] = value;
    return true;
}

static bool add_overlay_path(struct options *options, const char *value)
{
    options->overlay_paths[options->overlay_path_count++] = value;
    return true;
}

static bool add_bootargs(struct options *options, const char *value)
{
    options->bootargs[options->bootargs_count++] = value;
    return true;
}

static const struct option table[] = {
    {"--board-dtb", false, set_board},
    {"-o", false, set_output},
    {"--cpu-count", false, set_cpu_count},
    {"--intids", false, set_intids},
    {"--search-path", true, add_search_path},
    {"--overlay-path", true, add_overlay_path},
    {"--bootargs", false, add_bootargs},
    {"--vm", false, set_vm},
    {"--msi-first", false, set_msi_first},
    {"--msi-count", false, set_msi_count},
    {"--its", false, set_its},
};

static const struct option *find_option(const char *argument)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (strcmp(table[i].name, argument) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

void options_print_usage(void)
{
    printf(
        "usage: vmconf --board-dtb BOARD.dtb [--overlay-path DIR ...] [--search-path DIR ...]\n"
        "              [--cpu-count N] [--intids N] [--msi-first N --msi-count N]\n"
        "              [--its yes] [--bootargs [VM=]STRING]... [--vm VM] -o OUTDIR SYSTEM.system\n"
        "\n"
        "Derives, for every virtual machine of a system description, OUTDIR/VM.dtb (its device\n"
        "tree) and OUTDIR/VM.vm_config (its VMM's configuration); further OUTDIR/vms.txt (a\n"
        "line 'VM PD PROGRAM' each) and OUTDIR/vmconf.txt (a report).\n"
        "\n"
        "  --board-dtb FILE        the board's device tree\n"
        "  --overlay-path DIR ...  where VM.dtbo, a guest's overlay, is looked for\n"
        "  --search-path DIR ...   where prefill files are looked for; the current directory\n"
        "                          comes last\n"
        "  --cpu-count N           cores that the description may use; as many as the board has\n"
        "  --intids N              interrupts that its GIC has, SGIs and PPIs among them; QEMU's\n"
        "                          virt machine is known to have 288\n"
        "  --msi-first N, --msi-count N\n"
        "                          which of them messages have: its GICv2m frame's, if the tree does\n"
        "                          not say, or an ITS's\n"
        "  --its yes               the SDK makes interrupts of messages to an ITS\n"
        "                          (MICROKIT_HAS_MESSAGE_IRQ); no: functions have their lines\n"
        "  --bootargs [VM=]STRING  the guest's command line instead of the overlay's\n"
        "  --vm VM                 an error if the description has no such virtual machine\n");
}

static int take_values(struct options *options, const struct option *option, int argc, char **argv,
                       int index)
{
    int first = index;

    for (; index < argc; index++) {
        if (option->takes_many ? argv[index][0] == '-' : index > first) {
            break;
        }
        if (!option->set(options, argv[index])) {
            return -1;
        }
    }
    if (index == first) {
        fail("a value is missing after", option->name);
        return -1;
    }
    return index;
}

static bool parse(struct options *options, int argc, char **argv)
{
    int index = 1;

    while (index < argc) {
        const char *argument = argv[index];
        const struct option *option = find_option(argument);
        if (strcmp(argument, "-h") == 0 || strcmp(argument, "--help") == 0) {
            options->wants_help = true;
            return true;
        }
        if (option != NULL) {
            index = take_values(options, option, argc, argv, index + 1);
            if (index < 0) {
                return false;
            }
            continue;
        }
        if (argument[0] == '-') {
            return fail("unknown option", argument);
        }
        if (!set_once(&options->system, "a second system description", argument)) {
            return false;
        }
        index++;
    }
    return true;
}

static bool check_required(const struct options *options)
{
    if (options->board_dtb == NULL) {
        return fail("missing option", "--board-dtb");
    }
    if (options->output == NULL) {
        return fail("missing option", "-o");
    }
    if ((options->msi_first == 0) != (options->msi_count == 0)) {
        return fail("missing option", options->msi_first == 0 ? "--msi-first" : "--msi-count");
    }
    if (options->msi_first + options->msi_count > MAX_INTIDS) {
        return fail("--msi-first and --msi-count end above", "1020");
    }
    return options->system != NULL || fail("missing argument", "SYSTEM.system");
}

bool options_parse(struct options *options, int argc, char **argv)
{
    size_t room = (size_t)argc + 1;

    *options = (struct options){
        .search_paths = calloc(room, sizeof(char *)),
        .overlay_paths = calloc(room, sizeof(char *)),
        .bootargs = calloc(room, sizeof(char *)),
    };
    if (options->search_paths == NULL || options->overlay_paths == NULL ||
        options->bootargs == NULL) {
        fprintf(stderr, "vmconf: error: out of memory\n");
        return false;
    }
    return parse(options, argc, argv) && (options->wants_help || check_required(options));
}

void options_free(struct options *options)
{
    free(options->search_paths);
    free(options->overlay_paths);
    free(options->bootargs);
}
