/* SPDX-License-Identifier: BSD-2-Clause */
/* The microkit tool: a system description and its programs in, loader.img and a report out. */
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/microkit/build.h"

#define KERNEL       "kernel.elf"
#define MOVED_KERNEL "kernel-moved.elf" /* linked for another address: move.c */

static bool is_directory(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* MICROKIT_SDK, else the grandparent of this executable: <sdk>/bin/microkit. */
static const char *find_sdk(struct arena *arena)
{
    const char *sdk = getenv("MICROKIT_SDK");
    char path[PATH_MAX];
    ssize_t length;

    if (sdk != NULL && *sdk != '\0') {
        return sdk;
    }
    length = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (length < 0) {
        return ".";
    }
    path[length] = '\0';
    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(path, '/');

        if (slash != NULL) {
            *slash = '\0';
        }
    }
    return arena_printf(arena, "%s", path);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* "a, b", what there is to choose from in a directory. */
static const char *choices(struct arena *arena, const char *directory)
{
    struct dirent **entries;
    int count = scandir(directory, &entries, is_visible, alphasort);
    const char *text = "";

    if (count < 0) {
        return "nothing: no SDK is there";
    }
    for (int i = 0; i < count; i++) {
        text = arena_printf(arena, "%s%s%s", text, i == 0 ? "" : ", ", entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return text;
}

static bool check_choice(struct arena *arena, const char *option, const char *directory,
                         const char *name)
{
    if (*name != '\0' && strchr(name, '/') == NULL && *name != '.' &&
        is_directory(arena_printf(arena, "%s/%s", directory, name))) {
        return true;
    }
    fprintf(stderr, "microkit: error: argument %s: invalid choice: '%s' (choose from %s)\n", option,
            name, choices(arena, directory));
    return false;
}

/* <sdk>/board/<board>/<config>, or NULL after a message. */
static const char *find_board(struct arena *arena, const struct options *options)
{
    const char *boards = arena_printf(arena, "%s/board", find_sdk(arena));
    const char *board = arena_printf(arena, "%s/%s", boards, options->board);

    if (!check_choice(arena, "--board", boards, options->board) ||
        !check_choice(arena, "--config", board, options->config)) {
        return NULL;
    }
    return arena_printf(arena, "%s/%s", board, options->config);
}

/* What the kernel's static tables hold. The bound on PDs is the contract's, and sdf's. */
static void check_vcpus(struct build *build)
{
    size_t count = 0;

    for (size_t i = 0; i < build->sdf->pd_count; i++) {
        const struct sdf_vm *vm = build->sdf->pds[i].vm;

        for (size_t j = 0; vm != NULL && j < vm->vcpu_count; j++) {
            if (count++ == ABI_MAX_VCPUS) {
                sdf_error(build->messages, &vm->vcpus[j].pos,
                          "a system has at most %d virtual CPUs", ABI_MAX_VCPUS);
            }
        }
    }
}

static void copy_in(struct build *build, uint64_t paddr, const void *bytes, uint64_t size)
{
    memcpy(build->image + (paddr - build->base), bytes, size);
}

static void copy_programs(struct build *build)
{
    for (size_t i = 0; i < build->sdf->pd_count; i++) {
        for (unsigned int j = 0; j < build->programs[i].segment_count; j++) {
            const struct segment *segment = &build->programs[i].segments[j];
            const struct segment_place *place = &build->pds[i].segments[j];

            if (place->stored_size != 0) {
                copy_in(build, place->stored + segment->vaddr % PAGE_SIZE, segment->bytes,
                        segment->stored_size);
            }
        }
    }
}

static void copy_regions(struct build *build)
{
    for (size_t i = 0; i < build->sdf->region_count; i++) {
        const struct sdf_region *region = &build->sdf->regions[i];
        struct file file;

        if (region->prefill_file == NULL) {
            continue;
        }
        if (!file_read(build->arena, region->prefill_file, &file) ||
            file.size != region->prefill_size) {
            sdf_error(build->messages, &region->pos, "cannot read '%s'", region->prefill_file);
            continue;
        }
        copy_in(build, build->regions[i].stored, file.bytes, file.size);
    }
}

/* The kernel's segments, and in its symbol boot_image the address of the header. */
static bool copy_kernel(struct build *build)
{
    uint8_t *at;

    if (program_symbol(&build->kernel, "boot_image", 8, &at) != SYMBOL_OK) {
        fprintf(stderr, "microkit: error: '%s' has no boot_image: not this SDK's kernel\n",
                build->kernel.path);
        return false;
    }
    memcpy(at, &build->header, sizeof(build->header));
    for (unsigned int i = 0; i < build->kernel.segment_count; i++) {
        const struct segment *segment = &build->kernel.segments[i];

        copy_in(build, segment->paddr, segment->bytes, segment->memory_size);
    }
    return true;
}

/* The kernel that is linked for the load address, or the one for another place. */
static bool load_kernel(struct build *build, const char *name)
{
    const char *path = arena_printf(build->arena, "%s/elf/%s", build->directory, name);
    char why[128];

    build->kernel = (struct program){0};
    if (!program_load(build->arena, path, &build->kernel, why, sizeof(why))) {
        fprintf(stderr, "microkit: error: '%s': %s\n", path, why);
        return false;
    }
    build->base = build->kernel.entry;
    for (unsigned int i = 0; i < build->kernel.segment_count; i++) {
        if (build->kernel.segments[i].paddr < build->base) {
            fprintf(stderr, "microkit: error: '%s' has a segment below its entry point\n", path);
            return false;
        }
    }
    return true;
}

/* The image as an ELF file of one segment, for boot loaders that want one. */
static const void *as_elf(struct build *build, size_t *size)
{
    uint64_t base = build->board->load_address;
    size_t image_size = build->file_size;
    uint8_t *file = arena_alloc(build->arena, PAGE_SIZE + image_size);
    Elf64_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_AARCH64,
        .e_version = EV_CURRENT,
        .e_entry = base,
        .e_phoff = sizeof(header),
        .e_ehsize = sizeof(header),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = 1,
    };
    Elf64_Phdr segment = {
        .p_type = PT_LOAD,
        .p_flags = PF_R | PF_W | PF_X,
        .p_offset = PAGE_SIZE,
        .p_vaddr = base,
        .p_paddr = base,
        .p_filesz = image_size,
        .p_memsz = image_size,
        .p_align = PAGE_SIZE,
    };

    memcpy(file, &header, sizeof(header));
    memcpy(file + sizeof(header), &segment, sizeof(segment));
    memcpy(file + PAGE_SIZE, build->file, image_size);
    *size = PAGE_SIZE + image_size;
    return file;
}

typedef void (*report_t)(struct build *build, FILE *out);

/* One form of the report, to a file; nothing if there is no path. */
static bool write_report(struct build *build, report_t report, const char *path)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = path != NULL ? open_memstream(&text, &size) : NULL;
    bool done;

    if (path == NULL) {
        return true;
    }
    if (out != NULL) {
        report(build, out);
    }
    if (out == NULL || fclose(out) != 0) {
        fprintf(stderr, "microkit: error: out of memory\n");
        return false;
    }
    done = file_write(path, text, size);
    free(text);
    return done;
}

static bool write_outputs(struct build *build)
{
    const void *image;
    size_t size;

    build->file = build->image;
    build->file_size = build->image_end - build->base;
    if (build->base != build->board->load_address && !move_image(build)) {
        return false;
    }
    image = build->file;
    size = build->file_size;
    if (build->options->elf) {
        image = as_elf(build, &size);
    }
    if (!write_report(build, report_text, build->options->report) ||
        !write_report(build, report_json, build->options->report_json) ||
        !write_report(build, report_dot, build->options->report_dot) ||
        !file_write(build->options->output, image, size)) {
        return false;
    }
    printf("%s: %lu KiB, report in %s\n", build->options->output, (unsigned long)size / 1024,
           build->options->report);
    return true;
}

static bool exists(const char *path)
{
    return access(path, R_OK) == 0;
}

/* Where the image is loaded, or, if a region wants that memory, elsewhere. */
static bool lay_out(struct build *build)
{
    layout_image(build);
    if (move_is_needed(build) &&
        exists(arena_printf(build->arena, "%s/elf/%s", build->directory, MOVED_KERNEL))) {
        if (!load_kernel(build, MOVED_KERNEL)) {
            return false;
        }
        layout_image(build);
    }
    layout_place(build);
    return build->messages->error_count == 0;
}

static bool load_first_kernel(struct build *build)
{
    if (!load_kernel(build, KERNEL)) {
        return false;
    }
    if (build->base != build->board->load_address) {
        fprintf(stderr, "microkit: error: '%s/elf/%s' is linked for 0x%lx, not for 0x%lx\n",
                build->directory, KERNEL, (unsigned long)build->base,
                (unsigned long)build->board->load_address);
        return false;
    }
    return true;
}

static bool run(struct build *build)
{
    if (!load_first_kernel(build)) {
        return false;
    }
    check_vcpus(build);
    programs_load(build);
    senders_find(build);
    if (build->messages->error_count != 0 || !lay_out(build)) {
        return false;
    }
    programs_patch(build);
    build->image = arena_alloc(build->arena, build->image_end - build->base);
    copy_programs(build);
    copy_regions(build);
    if (build->messages->error_count != 0 || !copy_kernel(build)) {
        return false;
    }
    tables_write(build);
    return write_outputs(build);
}

static bool build_with(struct arena *arena, const struct options *options,
                       struct sdf_messages *messages, char *const *warnings)
{
    const char *directory = find_board(arena, options);
    struct board board;
    struct sdf_options sdf_options;
    struct build build;
    bool done;

    if (directory == NULL || !board_read(arena, directory, &board)) {
        return false;
    }
    sdf_options = (struct sdf_options){
        .search_paths = options->search_paths,
        .search_path_count = options->search_path_count,
        .cpu_count = board.machine.cpu_count,
        .board = &board.bounds,
    };
    build = (struct build){
        .arena = arena,
        .options = options,
        .sdf = sdf_load(options->system, &sdf_options, messages),
        .sdf_options = &sdf_options,
        .messages = messages,
        .warnings = warnings,
        .board = &board,
        .directory = directory,
    };
    if (build.sdf == NULL) {
        return false;
    }
    done = run(&build);
    sdf_free(build.sdf);
    return done;
}

/* Warnings are kept for the report. */
static bool build_system(struct arena *arena, const struct options *options)
{
    char *warnings = NULL;
    size_t size = 0;
    struct sdf_messages messages = {
        .path = options->system,
        .warnings = open_memstream(&warnings, &size),
    };
    bool done = false;

    if (messages.warnings == NULL) {
        fprintf(stderr, "microkit: error: out of memory\n");
        return false;
    }
    done = build_with(arena, options, &messages, &warnings);
    (void)fclose(messages.warnings);
    free(warnings);
    return done;
}

static void remove_if_named(const char *path)
{
    if (path != NULL) {
        file_remove(path);
    }
}

int main(int argc, char **argv)
{
    struct arena arena = {0};
    struct options options = {0};
    int status = 0;

    options.search_paths = arena_array(&arena, (size_t)argc + 1, sizeof(*options.search_paths));
    switch (options_parse(argc, argv, &options)) {
    case OPTIONS_HELP:
        break;
    case OPTIONS_ERROR:
        status = 1;
        break;
    case OPTIONS_OK:
        status = build_system(&arena, &options) ? 0 : 1;
        if (status != 0) {
            /* A run that failed leaves nothing of an earlier one to be taken for its own. */
            file_remove(options.output);
            file_remove(options.report);
            remove_if_named(options.report_json);
            remove_if_named(options.report_dot);
        }
        break;
    }
    arena_free(&arena);
    return status;
}
