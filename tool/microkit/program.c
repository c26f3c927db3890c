/* SPDX-License-Identifier: BSD-2-Clause */
/* See program.h. */
#include "tool/microkit/program.h"

#include <errno.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/limits.h"

#define MEMORY_LIMIT  (1UL << 32) /* of one segment: more than the board has */
#define ADDRESS_LIMIT (1UL << ABI_IPA_BITS)

static bool is_our_kind(const GElf_Ehdr *header)
{
    return header->e_ident[EI_CLASS] == ELFCLASS64 && header->e_ident[EI_DATA] == ELFDATA2LSB &&
           header->e_machine == EM_AARCH64;
}

static int by_vaddr(const void *a, const void *b)
{
    const struct segment *first = a;
    const struct segment *second = b;

    return first->vaddr < second->vaddr ? -1 : first->vaddr > second->vaddr;
}

static const char *check_segment(const GElf_Phdr *header, size_t file_size)
{
    if (header->p_filesz > header->p_memsz) {
        return "a segment is larger in the file than in memory";
    }
    if (header->p_offset > file_size || header->p_filesz > file_size - header->p_offset) {
        return "truncated: a segment reaches past the end of the file";
    }
    if (header->p_memsz > MEMORY_LIMIT || header->p_vaddr > ADDRESS_LIMIT ||
        header->p_paddr > ADDRESS_LIMIT) {
        return "a segment is too large or too high";
    }
    return NULL;
}

static const char *load_segments(struct arena *arena, Elf *elf, const struct file *file,
                                 struct program *program)
{
    size_t count;

    if (elf_getphdrnum(elf, &count) != 0) {
        return "cannot read its program headers";
    }
    for (size_t i = 0; i < count; i++) {
        struct segment *segment = &program->segments[program->segment_count];
        GElf_Phdr header;
        const char *why;

        if (gelf_getphdr(elf, (int)i, &header) == NULL) {
            return "cannot read its program headers";
        }
        if (header.p_type != PT_LOAD || header.p_memsz == 0) {
            continue;
        }
        why = check_segment(&header, file->size);
        if (why != NULL) {
            return why;
        }
        if (program->segment_count == PROGRAM_MAX_SEGMENTS) {
            return "too many segments";
        }
        segment->vaddr = header.p_vaddr;
        segment->paddr = header.p_paddr;
        segment->offset = header.p_offset;
        segment->memory_size = header.p_memsz;
        segment->stored_size = header.p_filesz;
        segment->flags = header.p_flags;
        segment->bytes = arena_alloc(arena, header.p_memsz);
        memcpy(segment->bytes, file->bytes + header.p_offset, header.p_filesz);
        program->segment_count++;
    }
    return program->segment_count == 0 ? "it has no segments" : NULL;
}

static const char *check_program(const struct program *program)
{
    bool entry_is_code = false;

    for (unsigned int i = 0; i < program->segment_count; i++) {
        const struct segment *segment = &program->segments[i];

        if ((segment->flags & PF_X) != 0 && program->entry >= segment->vaddr &&
            program->entry - segment->vaddr < segment->memory_size) {
            entry_is_code = true;
        }
        if ((segment->flags & PF_R) == 0) {
            return "a segment is not readable"; /* but it may be writable and executable */
        }
        if (i > 0 && segment[-1].vaddr + segment[-1].memory_size > segment->vaddr) {
            return "its segments overlap (a note in front? link with -Wl,--build-id=none)";
        }
    }
    return entry_is_code ? NULL : "its entry point is not in an executable segment";
}

static const char *load(struct arena *arena, const struct file *file, struct program *program)
{
    const char *why;
    GElf_Ehdr header;
    Elf *elf;

    if (elf_version(EV_CURRENT) == EV_NONE) {
        return elf_errmsg(-1);
    }
    elf = elf_memory((char *)file->bytes, file->size);
    if (elf == NULL) {
        return elf_errmsg(-1);
    }
    if (elf_kind(elf) != ELF_K_ELF || gelf_getehdr(elf, &header) == NULL) {
        why = "not an ELF file";
    } else if (!is_our_kind(&header)) {
        why = "not an ELF64 little-endian AArch64 file";
    } else if (header.e_type != ET_EXEC) {
        why = "not a linked executable (relocatable, or position-independent)";
    } else {
        program->entry = header.e_entry;
        why = load_segments(arena, elf, file, program);
    }
    (void)elf_end(elf);
    if (why != NULL) {
        return why;
    }
    qsort(program->segments, program->segment_count, sizeof(program->segments[0]), by_vaddr);
    return check_program(program);
}

bool program_load(struct arena *arena, const char *path, struct program *program, char *why,
                  size_t why_size)
{
    struct file file;
    const char *problem;

    program->path = path;
    errno = 0;
    if (!file_read(arena, path, &file)) {
        problem = strerror(errno);
    } else {
        program->symbols = file;
        problem = load(arena, &file, program);
    }
    if (problem != NULL) {
        (void)snprintf(why, why_size, "%s", problem);
    }
    return problem == NULL;
}

/* What a search for a name found. A global symbol hides local ones of the same name. */
struct search {
    const char *name;
    GElf_Sym symbol;
    unsigned int globals;
    unsigned int locals;
};

static void consider(struct search *search, const GElf_Sym *symbol)
{
    unsigned int type = GELF_ST_TYPE(symbol->st_info);

    if (symbol->st_shndx == SHN_UNDEF || type == STT_FILE || type == STT_SECTION) {
        return;
    }
    if (GELF_ST_BIND(symbol->st_info) == STB_LOCAL) {
        search->locals++;
        if (search->globals != 0) {
            return;
        }
    } else {
        search->globals++;
    }
    search->symbol = *symbol;
}

static void search_section(Elf *elf, Elf_Scn *section, struct search *search)
{
    Elf_Data *data = elf_getdata(section, NULL);
    GElf_Shdr header;
    size_t count;

    if (data == NULL || gelf_getshdr(section, &header) == NULL || header.sh_entsize == 0) {
        return;
    }
    count = data->d_size / header.sh_entsize;
    for (size_t i = 0; i < count && i <= INT32_MAX; i++) {
        GElf_Sym symbol;
        const char *name;

        if (gelf_getsym(data, (int)i, &symbol) == NULL) {
            return;
        }
        name = elf_strptr(elf, header.sh_link, symbol.st_name);
        if (name != NULL && strcmp(name, search->name) == 0) {
            consider(search, &symbol);
        }
    }
}

static void search_file(const struct file *file, struct search *search)
{
    Elf *elf = elf_memory((char *)file->bytes, file->size);
    Elf_Scn *section = NULL;

    while (elf != NULL && (section = elf_nextscn(elf, section)) != NULL) {
        GElf_Shdr header;

        if (gelf_getshdr(section, &header) != NULL && header.sh_type == SHT_SYMTAB) {
            search_section(elf, section, search);
        }
    }
    if (elf != NULL) {
        (void)elf_end(elf);
    }
}

enum symbol_result program_symbol(struct program *program, const char *name, uint64_t size,
                                  uint8_t **at)
{
    struct search search = {.name = name};
    GElf_Sym symbol;

    search_file(&program->symbols, &search);
    if (search.globals + search.locals == 0) {
        return SYMBOL_MISSING;
    }
    if (search.globals > 1 || (search.globals == 0 && search.locals > 1)) {
        return SYMBOL_AMBIGUOUS;
    }
    symbol = search.symbol;
    if (symbol.st_size != size) {
        return SYMBOL_WRONG_SIZE;
    }
    for (unsigned int i = 0; i < program->segment_count; i++) {
        const struct segment *segment = &program->segments[i];

        if (symbol.st_value >= segment->vaddr && size <= segment->memory_size &&
            symbol.st_value - segment->vaddr <= segment->memory_size - size) {
            *at = segment->bytes + (symbol.st_value - segment->vaddr);
            return SYMBOL_OK;
        }
    }
    return SYMBOL_OUTSIDE;
}

void program_touch(struct program *program, const uint8_t *at, uint64_t size)
{
    for (unsigned int i = 0; i < program->segment_count; i++) {
        struct segment *segment = &program->segments[i];

        if (at >= segment->bytes && at < segment->bytes + segment->memory_size) {
            uint64_t end = (uint64_t)(at - segment->bytes) + size;

            if (end > segment->stored_size) {
                segment->stored_size = end;
            }
        }
    }
}
