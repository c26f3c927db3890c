/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See options.h. Options are a table; one with several values takes every argument up to the next
 * that begins with '-'. All that is wrong is said, not only the first.
 */
#include "tool/microkit/options.h"

#include <stdio.h>
#include <string.h>

struct parse {
    struct options *options;
    char **argv;
    int argc;
    bool failed;
};

struct option {
    const char *name;
    const char *long_name; /* or NULL */
    bool takes_many;
    /* NULL: accepted for the sake of makefiles that know seL4's own tool, without effect. */
    void (*set)(struct parse *parse, const char *value);
};

static const char usage[] =
    "usage: microkit [-h] --board BOARD --config CONFIG [-o OUTPUT] [-r REPORT]\n"
    "                [--search-path DIR ...] [--image-type binary|elf]\n"
    "                [--report-json FILE] [--report-dot FILE] SYSTEM.system\n";

static const char help[] =
    "\n"
    "Makes a bootable image of a system description and the programs that it names.\n"
    "\n"
    "  --board BOARD          a board of the SDK\n"
    "  --config CONFIG        one of the board's configurations: debug, release, ...\n"
    "  -o, --output OUTPUT    the image (loader.img)\n"
    "  -r, --report REPORT    what lies where and who may do what, for people (report.txt)\n"
    "  --report-json FILE     the same for programs\n"
    "  --report-dot FILE      the same as a picture, for Graphviz\n"
    "  --search-path DIR ...  where programs and prefill files are looked for: every argument up\n"
    "                         to the next option; the current directory is tried last\n"
    "  --image-type TYPE      binary: raw, for the board's load address; elf: the same in an\n"
    "                         ELF file (binary)\n"
    "  --capdl-json FILE, --viper-output DIR, --override-kernel FILE\n"
    "                         accepted, without effect\n"
    "\n"
    "The SDK is the directory that MICROKIT_SDK names in the environment, else the one that this\n"
    "program lies in.\n";

#define FAIL(parse, ...)                    \
    do {                                    \
        fputs("microkit: error: ", stderr); \
        fprintf(stderr, __VA_ARGS__);       \
        fputc('\n', stderr);                \
        (parse)->failed = true;             \
    } while (0)

static void set_board(struct parse *parse, const char *value)
{
    parse->options->board = value;
}

static void set_config(struct parse *parse, const char *value)
{
    parse->options->config = value;
}

static void set_output(struct parse *parse, const char *value)
{
    parse->options->output = value;
}

static void set_report(struct parse *parse, const char *value)
{
    parse->options->report = value;
}

static void set_report_json(struct parse *parse, const char *value)
{
    parse->options->report_json = value;
}

static void set_report_dot(struct parse *parse, const char *value)
{
    parse->options->report_dot = value;
}

static void add_search_path(struct parse *parse, const char *value)
{
    parse->options->search_paths[parse->options->search_path_count++] = value;
}

static void set_image_type(struct parse *parse, const char *value)
{
    parse->options->elf = strcmp(value, "elf") == 0;
    if (!parse->options->elf && strcmp(value, "binary") != 0) {
        FAIL(parse, "argument --image-type: invalid choice: '%s' (choose from binary, elf)", value);
    }
}

static const struct option table[] = {
    {"--board", NULL, false, set_board},
    {"--config", NULL, false, set_config},
    {"-o", "--output", false, set_output},
    {"-r", "--report", false, set_report},
    {"--report-json", NULL, false, set_report_json},
    {"--report-dot", NULL, false, set_report_dot},
    {"--search-path", NULL, true, add_search_path},
    {"--image-type", NULL, false, set_image_type},
    {"--capdl-json", NULL, false, NULL},
    {"--viper-output", NULL, false, NULL},
    {"--override-kernel", NULL, false, NULL},
};

static const struct option *find_option(const char *argument)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        const struct option *option = &table[i];

        if (strcmp(option->name, argument) == 0 ||
            (option->long_name != NULL && strcmp(option->long_name, argument) == 0)) {
            return option;
        }
    }
    return NULL;
}

/* The option at `index`; returns the index behind its values. */
static int take_option(struct parse *parse, const struct option *option, int index)
{
    const char *name = parse->argv[index++];
    int first = index;

    while (index < parse->argc && parse->argv[index][0] != '-' &&
           (option->takes_many || index == first)) {
        if (option->set != NULL) {
            option->set(parse, parse->argv[index]);
        }
        index++;
    }
    if (index == first && !option->takes_many) {
        FAIL(parse, "argument %s: expected one argument", name);
    } else if (option->set == NULL) {
        fprintf(stderr, "microkit: warning: %s has no effect with this SDK\n", name);
    }
    return index;
}

static void take_positional(struct parse *parse, const char *argument)
{
    if (argument[0] == '-' || parse->options->system != NULL) {
        FAIL(parse, "unrecognized argument: %s", argument);
    } else {
        parse->options->system = argument;
    }
}

static void check_required(struct parse *parse)
{
    const struct {
        const char *name;
        const char *value;
    } required[] = {
        {"SYSTEM.system", parse->options->system},
        {"--board", parse->options->board},
        {"--config", parse->options->config},
    };

    for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
        if (required[i].value == NULL) {
            FAIL(parse, "the following argument is required: %s", required[i].name);
        }
    }
}

enum options_result options_parse(int argc, char **argv, struct options *options)
{
    struct parse parse = {.options = options, .argv = argv, .argc = argc};
    int index = 1;

    options->output = "loader.img";
    options->report = "report.txt";
    while (index < argc) {
        const struct option *option = find_option(argv[index]);

        if (strcmp(argv[index], "-h") == 0 || strcmp(argv[index], "--help") == 0) {
            printf("%s%s", usage, help);
            return OPTIONS_HELP;
        }
        if (option != NULL) {
            index = take_option(&parse, option, index);
        } else {
            take_positional(&parse, argv[index++]);
        }
    }
    check_required(&parse);
    if (parse.failed) {
        fputs(usage, stderr);
        return OPTIONS_ERROR;
    }
    return OPTIONS_OK;
}
