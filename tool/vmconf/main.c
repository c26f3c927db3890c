/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vmconf: one description, nothing written twice. Reads the system description, the board's
 * device tree and the guests' overlays; writes what vmconf.c makes of them. docs/vmconf.md is its
 * manual.
 */
#include <dirent.h>
#include <errno.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/sdf/arena.h"
#include "tool/sdf/sdf.h"
#include "tool/vmconf/blob.h"
#include "tool/vmconf/bounds.h"
#include "tool/vmconf/dma_map.h"
#include "tool/vmconf/messages.h"
#include "tool/vmconf/options.h"
#include "tool/vmconf/output.h"
#include "tool/vmconf/report.h"
#include "tool/vmconf/vmconf.h"

#define INDEX_FILE  "vms.txt"
#define REPORT_FILE "vmconf.txt"
#define SMMUS_FILE  "smmus.txt"
#define DMA_FILE    "dma.txt"

struct run {
    const struct options *options;
    struct arena arena;
    struct sdf_messages messages;
    struct board *board;
    struct sdf *sdf;
    struct vmconf_extra *extras;
    struct vmconf_result result;
};

/* Larger files than any tree are read only so far that the size is seen to be too large. */
static bool read_blob(struct run *run, const char *path, struct vmconf_blob *blob)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        vmconf_error(&run->messages, "cannot open '%s' (%s)", path, strerror(errno));
        return false;
    }
    void *bytes = arena_alloc(&run->arena, BLOB_MAX_SIZE + 1);
    size_t size = fread(bytes, 1, BLOB_MAX_SIZE + 1, file);
    bool failed = ferror(file) != 0;
    if (failed) {
        vmconf_error(&run->messages, "cannot read '%s' (%s)", path, strerror(errno));
    }
    fclose(file);
    *blob = (struct vmconf_blob){.file = path, .bytes = bytes, .size = size};
    return !failed;
}

static bool load_board(struct run *run)
{
    struct vmconf_blob blob;

    if (!read_blob(run, run->options->board_dtb, &blob)) {
        return false;
    }
    run->board = board_read(&run->arena, blob.bytes, blob.size, blob.file, &run->messages);
    if (run->board != NULL) {
        board_set_vectors(run->board, run->options->msi_first, run->options->msi_count,
                          run->options->has_its);
    }
    return run->board != NULL;
}

static bool load_sdf(struct run *run)
{
    const struct options *options = run->options;
    struct sdf_options sdf_options = {
        .search_paths = options->search_paths,
        .search_path_count = options->search_path_count,
        .board =
            run->board == NULL ? NULL : bounds_of(&run->arena, run->board, options->intid_count),
        .cpu_count = options->cpu_count,
        .prefill_may_be_missing = true,
        .regions_may_overlap = true, /* check_sharing() */
    };

    if (sdf_options.cpu_count == 0) {
        sdf_options.cpu_count = run->board == NULL ? 1 : (uint32_t)run->board->cpu_count;
    }
    run->sdf = sdf_load(options->system, &sdf_options, &run->messages);
    return run->sdf != NULL;
}

static size_t find_vm(const struct run *run, const char *name, size_t length)
{
    size_t count = vmconf_count_vms(run->sdf);

    for (size_t i = 0; i < count; i++) {
        const char *vm = vmconf_vm_pd(run->sdf, i)->vm->name;
        if (strlen(vm) == length && strncmp(vm, name, length) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

/* "VM=STRING" only if VM is one: "root=/dev/vda1" is for the only guest. */
static void assign_bootargs(struct run *run, const char *argument)
{
    const char *equals = strchr(argument, '=');
    size_t vm = equals == NULL ? SIZE_MAX : find_vm(run, argument, (size_t)(equals - argument));
    const char *text = vm == SIZE_MAX ? argument : equals + 1;

    if (vm == SIZE_MAX && vmconf_count_vms(run->sdf) == 1) {
        vm = 0;
    }
    if (vm == SIZE_MAX) {
        vmconf_error(&run->messages,
                     "--bootargs '%s': the description has %zu virtual machines; "
                     "name the one that is meant: --bootargs VM=STRING",
                     argument, vmconf_count_vms(run->sdf));
        return;
    }
    run->extras[vm].bootargs = text;
}

static int is_overlay(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);

    return length > strlen(".dtbo") &&
           strcmp(entry->d_name + length - strlen(".dtbo"), ".dtbo") == 0;
}

static void take_overlay(struct run *run, const char *directory, const char *name)
{
    const char *path = arena_printf(&run->arena, "%s/%s", directory, name);
    size_t vm = find_vm(run, name, strlen(name) - strlen(".dtbo"));

    if (vm == SIZE_MAX) {
        vmconf_warning(&run->messages, "%s: no virtual machine has this name: not used", path);
    } else if (run->extras[vm].overlay.file == NULL) {
        read_blob(run, path, &run->extras[vm].overlay);
    }
}

static void find_overlays(struct run *run, const char *directory)
{
    struct dirent **entries;
    int count = scandir(directory, &entries, is_overlay, alphasort);

    if (count < 0) {
        vmconf_error(&run->messages, "cannot read directory '%s' (%s)", directory, strerror(errno));
        return;
    }
    for (int i = 0; i < count; i++) {
        take_overlay(run, directory, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

/* The user meant a guest, and there is none of that name. */
static void check_vm(struct run *run, const char *name)
{
    const char *names = "";

    if (name == NULL || find_vm(run, name, strlen(name)) != SIZE_MAX) {
        return;
    }
    for (size_t i = 0; i < vmconf_count_vms(run->sdf); i++) {
        names = arena_printf(&run->arena, "%s%s%s", names, i == 0 ? "" : ", ",
                             vmconf_vm_pd(run->sdf, i)->vm->name);
    }
    vmconf_error(&run->messages, "the description has no virtual machine '%s', but: %s", name,
                 names);
}

static void find_extras(struct run *run)
{
    const struct options *options = run->options;

    check_vm(run, options->vm);
    run->extras = arena_array(&run->arena, vmconf_count_vms(run->sdf), sizeof(*run->extras));
    for (size_t i = 0; i < options->bootargs_count; i++) {
        assign_bootargs(run, options->bootargs[i]);
    }
    for (size_t i = 0; i < options->overlay_path_count; i++) {
        find_overlays(run, options->overlay_paths[i]);
    }
}

static bool add_text(struct output *output, const char *name,
                     void (*print)(const struct run *run, FILE *file), const struct run *run)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    bool printed = false;

    if (file != NULL) {
        print(run, file);
        printed = fclose(file) == 0;
    }
    if (!printed) {
        vmconf_error(output->messages, "out of memory");
    }
    bool added = printed && output_add(output, name, text, size);
    free(text);
    return added;
}

static void print_index(const struct run *run, FILE *file)
{
    for (size_t i = 0; i < run->result.guest_count; i++) {
        const struct guest *guest = &run->result.guests[i];
        fprintf(file, "%s %s %s\n", guest->vm->name, guest->pd->name, guest->pd->image_path);
    }
}

static void print_report(const struct run *run, FILE *file)
{
    fprintf(file, "vmconf's report for %s\n", run->options->system);
    for (size_t i = 0; i < run->result.guest_count; i++) {
        fputc('\n', file);
        report_write(&run->result.guests[i], file);
    }
    for (size_t i = 0; i < run->result.owner_count; i++) {
        if (run->result.owners[i].pd != NULL) {
            fputc('\n', file);
            smmu_write_report(&run->result.owners[i], run->sdf, run->board, file);
        }
    }
}

static void print_dma(const struct run *run, FILE *file)
{
    dma_map_write(&run->result, file);
}

static const char *smmu_file(struct arena *arena, size_t index)
{
    return arena_printf(arena, "smmu_%zu.smmu_config", index);
}

static void print_smmus(const struct run *run, FILE *file)
{
    for (size_t i = 0; i < run->result.owner_count; i++) {
        if (run->result.owners[i].pd != NULL) {
            fprintf(file, "smmu_%zu.smmu_config %s\n", i, run->result.owners[i].pd->image_path);
        }
    }
}

/* Boards without SMMUs, and descriptions that leave them alone, have no such files. */
static bool add_smmus(struct output *output, struct run *run)
{
    bool written = true;
    bool has_one = false;

    for (size_t i = 0; i < run->result.owner_count && written; i++) {
        const struct smmu_owner *owner = &run->result.owners[i];
        if (owner->pd != NULL) {
            has_one = true;
            written = output_add(output, smmu_file(output->arena, i), &owner->config,
                                 sizeof(owner->config));
        }
    }
    if (!has_one) {
        output_remove(output, SMMUS_FILE);
    }
    return written && (!has_one || add_text(output, SMMUS_FILE, print_smmus, run));
}

static bool add_guest(struct output *output, const struct guest *guest)
{
    const char *dtb = arena_printf(output->arena, "%s.dtb", guest->vm->name);
    const char *config = arena_printf(output->arena, "%s.vm_config", guest->vm->name);

    return output_add(output, dtb, guest->fdt, fdt_totalsize(guest->fdt)) &&
           output_add(output, config, &guest->config, sizeof(guest->config));
}

static bool write_all(struct run *run, struct output *output)
{
    bool written = output_start(output) && add_text(output, INDEX_FILE, print_index, run) &&
                   add_text(output, REPORT_FILE, print_report, run) &&
                   add_text(output, DMA_FILE, print_dma, run) && add_smmus(output, run);

    for (size_t i = 0; i < run->result.guest_count && written; i++) {
        written = add_guest(output, &run->result.guests[i]);
    }
    if (!written) {
        output_abandon(output);
        return false;
    }
    return output_commit(output);
}

/* What an earlier run left would pass for this one's. */
static void remove_all(struct run *run, struct output *output)
{
    size_t count = run->sdf == NULL ? 0 : vmconf_count_vms(run->sdf);

    output_remove(output, INDEX_FILE);
    output_remove(output, REPORT_FILE);
    output_remove(output, SMMUS_FILE);
    output_remove(output, DMA_FILE);
    for (size_t i = 0; run->board != NULL && i < run->board->smmu_count; i++) {
        output_remove(output, smmu_file(&run->arena, i));
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = vmconf_vm_pd(run->sdf, i)->vm->name;
        if (strchr(name, '/') == NULL) {
            output_remove(output, arena_printf(&run->arena, "%s.dtb", name));
            output_remove(output, arena_printf(&run->arena, "%s.vm_config", name));
        }
    }
}

static bool derive(struct run *run)
{
    bool has_board = load_board(run);
    bool has_sdf = load_sdf(run);

    if (!has_board || !has_sdf) {
        return false;
    }
    find_extras(run);
    run->result = vmconf_derive(&run->arena, run->sdf, run->board, run->extras, &run->messages);
    return run->messages.error_count == 0;
}

static bool perform(struct run *run)
{
    struct output output = {
        .arena = &run->arena,
        .messages = &run->messages,
        .directory = run->options->output,
    };
    bool done = derive(run) && write_all(run, &output);

    if (!done) {
        remove_all(run, &output);
        return false;
    }
    for (size_t i = 0; i < run->result.guest_count; i++) {
        report_notes(&run->result.guests[i]);
    }
    return true;
}

int main(int argc, char **argv)
{
    struct options options;
    int status = 1;

    if (options_parse(&options, argc, argv)) {
        struct run run = {.options = &options, .messages = {.path = options.system}};
        if (options.wants_help) {
            options_print_usage();
            status = 0;
        } else {
            status = perform(&run) ? 0 : 1;
        }
        if (run.sdf != NULL) {
            sdf_free(run.sdf);
        }
        arena_free(&run.arena);
    }
    options_free(&options);
    return status;
}
