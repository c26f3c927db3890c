/* SPDX-License-Identifier: BSD-2-Clause */
/* See options.h. An option with several values takes all up to the next that begins with '-'. */
#include "tool/microkit/options.h"

#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: microkit [-h] --board BOARD --config CONFIG [-o OUTPUT] [-r REPORT]\n"
    "                [--search-path [PATH ...]] [--image-type {binary,elf}]\n"
    "                [--capdl-json FILE] [--viper-output DIR] [--override-kernel FILE]\n"
    "                system\n";

static enum options_result fail(const char *what, const char *argument)
{
    fprintf(stderr, "microkit: error: %s%s%s%s\n", what, argument == NULL ? "" : " '",
            argument == NULL ? "" : argument, argument == NULL ? "" : "'");
    return OPTIONS_ERROR;
}

static enum options_result set(struct options *options, const char *name, const char *value)
{
    if (strcmp(name, "--board") == 0) {
        options->board = value;
    } else if (strcmp(name, "--config") == 0) {
        options->config = value;
    } else if (strcmp(name, "-o") == 0 || strcmp(name, "--output") == 0) {
        options->output = value;
    } else if (strcmp(name, "-r") == 0 || strcmp(name, "--report") == 0) {
        options->report = value;
    } else if (strcmp(name, "--image-type") == 0) {
        if (strcmp(value, "binary") != 0 && strcmp(value, "elf") != 0) {
            return fail("--image-type must be 'binary' or 'elf', not", value);
        }
        options->elf = strcmp(value, "elf") == 0;
    } else if (strcmp(name, "--capdl-json") == 0 || strcmp(name, "--viper-output") == 0 ||
               strcmp(name, "--override-kernel") == 0) {
        fprintf(stderr, "microkit: warning: %s has no effect with this SDK\n", name);
    } else {
        return fail("unrecognised argument", name);
    }
    return OPTIONS_OK;
}

static enum options_result check(const struct options *options)
{
    if (options->system == NULL) {
        return fail("the following arguments are required: system", NULL);
    }
    if (options->board == NULL) {
        return fail("the following arguments are required: --board", NULL);
    }
    if (options->config == NULL) {
        return fail("the following arguments are required: --config", NULL);
    }
    return OPTIONS_OK;
}

enum options_result options_parse(int argc, char **argv, struct options *options)
{
    enum options_result result;

    options->output = "loader.img";
    options->report = "report.txt";
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            fputs(usage, stdout);
            return OPTIONS_HELP;
        }
        if (strcmp(argv[i], "--search-path") == 0) {
            while (i + 1 < argc && argv[i + 1][0] != '-') {
                options->search_paths[options->search_path_count++] = argv[++i];
            }
            continue;
        }
        if (argv[i][0] != '-') {
            if (options->system != NULL) {
                return fail("unrecognised argument", argv[i]);
            }
            options->system = argv[i];
            continue;
        }
        if (i + 1 == argc) {
            return fail("expected a value after", argv[i]);
        }
        result = set(options, argv[i], argv[i + 1]);
        if (result != OPTIONS_OK) {
            return result;
        }
        i++;
    }
    return check(options);
}
