/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs of the model (docs/model.md): model [--seed FIRST] [--seeds COUNT] [--steps N] [--cores N]
 * [--trace] [--go-on]. A run is a seed; one that fails ends with what happened last.
 */
#include "tests/model/run.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const struct option options[] = {
    {"seed", required_argument, NULL, 's'},
    {"seeds", required_argument, NULL, 'n'},
    {"steps", required_argument, NULL, 't'},
    {"cores", required_argument, NULL, 'c'},
    {"trace", no_argument, NULL, 'v'},
    {"go-on", no_argument, NULL, 'g'},
    {NULL, 0, NULL, 0},
};

struct request {
    uint64_t seed, seeds;
    unsigned int steps, cores;
    bool traces, goes_on;
};

static bool parse(int argc, char **argv, struct request *request)
{
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 's':
            request->seed = strtoull(optarg, NULL, 0);
            break;
        case 'n':
            request->seeds = strtoull(optarg, NULL, 0);
            break;
        case 't':
            request->steps = (unsigned int)strtoul(optarg, NULL, 0);
            break;
        case 'c':
            request->cores = (unsigned int)strtoul(optarg, NULL, 0);
            break;
        case 'v':
            request->traces = true;
            break;
        case 'g':
            request->goes_on = true;
            break;
        default:
            return false;
        }
    }
    return optind == argc && request->cores <= MODEL_CORES;
}

static void report(const struct request *request, uint64_t seed, const char *why)
{
    if (request->goes_on) {
        printf("seed %lu, %lu steps: %s\n", seed, run_steps(), why);
        return;
    }
    if (!request->traces) {
        run_print_trace();
    }
    printf("seed %lu failed after %lu steps: %s\n", seed, run_steps(), why);
    printf("again, with all that happens: --seed %lu --steps %u --cores %u --trace\n", seed,
           request->steps, request->cores);
}

int main(int argc, char **argv)
{
    struct request request = {.seed = 1, .seeds = 1, .steps = 500};
    uint64_t failures = 0;
    uint64_t steps = 0;

    if (!parse(argc, argv, &request)) {
        fprintf(stderr,
                "usage: %s [--seed FIRST] [--seeds COUNT] [--steps N] [--cores 1..%u] "
                "[--trace] [--go-on]\n",
                argv[0], MODEL_CORES);
        return 2;
    }
    for (uint64_t seed = request.seed; seed < request.seed + request.seeds; seed++) {
        const char *why;

        run_from_seed(seed);
        why = run(request.steps, request.cores, request.traces);
        steps += run_steps();
        if (why != NULL) {
            failures++;
            report(&request, seed, why);
            if (!request.goes_on) {
                return 1;
            }
        }
    }
    printf("%lu seeds, %lu steps, %lu failed\n", request.seeds, steps, failures);
    return failures != 0;
}
