/* SPDX-License-Identifier: BSD-2-Clause */
/* See symbols.h. Nothing that the file says is believed: what makes no sense is no symbol. */
#include "tool/microkit/symbols.h"

#include <gelf.h>
#include <stdlib.h>
#include <string.h>

/* A symbol that may be taken. */
struct candidate {
    uint64_t start;
    uint64_t end;
    unsigned int rank; /* of several at one address the lowest is taken */
    const char *name;  /* ends with a zero, or is longer than SYMBOLS_MAX_NAME */
};

/* The symbol table of a file, and the names that it refers to. */
struct source {
    const struct program *program;
    Elf *elf;
    Elf_Data *symbols;
    Elf_Data *names;
};

static bool open_table(struct source *source)
{
    Elf_Scn *section = NULL;
    GElf_Shdr header;

    while ((section = elf_nextscn(source->elf, section)) != NULL) {
        if (gelf_getshdr(section, &header) != NULL && header.sh_type == SHT_SYMTAB) {
            source->symbols = elf_getdata(section, NULL);
            section = elf_getscn(source->elf, header.sh_link);
            source->names = section == NULL ? NULL : elf_getdata(section, NULL);
            break; /* a file has one at most */
        }
    }
    return source->symbols != NULL && source->symbols->d_buf != NULL && source->names != NULL &&
           source->names->d_buf != NULL;
}

static const char *find_name(const struct source *source, uint64_t offset)
{
    const char *name = source->names->d_buf;
    size_t room = source->names->d_size;
    size_t length;

    if (offset >= room) {
        return NULL;
    }
    name += offset;
    room -= offset;
    length = strnlen(name, room < SYMBOLS_MAX_NAME ? room : SYMBOLS_MAX_NAME);
    return length == 0 || length == room ? NULL : name;
}

/* $x, $d, $x.…: where instructions and data begin (AAELF64, "Mapping symbols"). */
static bool is_mapping_symbol(const char *name)
{
    return name[0] == '$' && (name[1] == 'x' || name[1] == 'd') &&
           (name[2] == '\0' || name[2] == '.');
}

/* End of the executable segment that has the address; 0: none has. */
static uint64_t segment_end(const struct program *program, uint64_t address)
{
    for (unsigned int i = 0; i < program->segment_count; i++) {
        const struct segment *segment = &program->segments[i];

        if ((segment->flags & PF_X) != 0 && address >= segment->vaddr &&
            address - segment->vaddr < segment->memory_size) {
            return segment->vaddr + segment->memory_size;
        }
    }
    return 0;
}

/* End of the symbol's own section, if that has code and the address; 0 otherwise. */
static uint64_t section_end(const struct source *source, const GElf_Sym *symbol)
{
    Elf_Scn *section = NULL;
    GElf_Shdr header;

    if (symbol->st_shndx < SHN_LORESERVE) {
        section = elf_getscn(source->elf, symbol->st_shndx);
    }
    if (section == NULL || gelf_getshdr(section, &header) == NULL ||
        (header.sh_flags & SHF_EXECINSTR) == 0 || symbol->st_value < header.sh_addr ||
        symbol->st_value - header.sh_addr >= header.sh_size) {
        return 0;
    }
    return header.sh_size > UINT64_MAX - header.sh_addr ? UINT64_MAX
                                                        : header.sh_addr + header.sh_size;
}

/* Functions before labels, names of the whole program before those of one file. */
static unsigned int rank(const GElf_Sym *symbol)
{
    static const unsigned int by_bind[] = {[STB_GLOBAL] = 0, [STB_WEAK] = 1, [STB_LOCAL] = 2};
    unsigned int bind = GELF_ST_BIND(symbol->st_info);

    return (GELF_ST_TYPE(symbol->st_info) == STT_FUNC ? 0 : 3) + (bind < 3 ? by_bind[bind] : 2);
}

static bool consider(const struct source *source, const GElf_Sym *symbol,
                     struct candidate *candidate)
{
    unsigned int type = GELF_ST_TYPE(symbol->st_info);
    const char *name = find_name(source, symbol->st_name);
    uint64_t limit = segment_end(source->program, symbol->st_value);
    uint64_t section_limit = section_end(source, symbol);

    if (symbol->st_shndx == SHN_UNDEF || limit == 0 || name == NULL || is_mapping_symbol(name)) {
        return false;
    }
    if (type != STT_FUNC && (type != STT_NOTYPE || section_limit == 0)) {
        return false;
    }
    if (section_limit != 0 && section_limit < limit) {
        limit = section_limit;
    }
    *candidate = (struct candidate){
        .start = symbol->st_value, .end = limit, .rank = rank(symbol), .name = name};
    if (symbol->st_size != 0 && symbol->st_size < limit - symbol->st_value) {
        candidate->end = symbol->st_value + symbol->st_size;
    }
    return true;
}

static int by_start(const void *a, const void *b)
{
    const struct candidate *first = a;
    const struct candidate *second = b;

    if (first->start != second->start) {
        return first->start < second->start ? -1 : 1;
    }
    if (first->rank != second->rank) {
        return first->rank < second->rank ? -1 : 1;
    }
    return strncmp(first->name, second->name, SYMBOLS_MAX_NAME);
}

/* Sorted, one for each address. */
static size_t collect(struct arena *arena, const struct source *source, struct candidate **list)
{
    size_t limit = source->symbols->d_size / sizeof(Elf64_Sym);
    struct candidate *all = arena_array(arena, limit + 1, sizeof(*all));
    size_t count = 0;
    size_t kept = 0;

    for (size_t i = 0; i < limit && i <= INT32_MAX; i++) {
        GElf_Sym symbol;

        if (gelf_getsym(source->symbols, (int)i, &symbol) == NULL) {
            break;
        }
        if (consider(source, &symbol, &all[count])) {
            count++;
        }
    }
    qsort(all, count, sizeof(*all), by_start);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || all[kept - 1].start != all[i].start) {
            all[kept++] = all[i];
        }
    }
    *list = all;
    return kept;
}

/* What a terminal might take for more than text is not shown. */
static size_t put_name(char *to, const char *name)
{
    size_t length = strnlen(name, SYMBOLS_MAX_NAME);

    for (size_t i = 0; i < length; i++) {
        to[i] = name[i];
        if (to[i] <= ' ' || to[i] > '~') {
            to[i] = '?';
        }
    }
    to[length] = '\0';
    return length + 1;
}

static void fill(struct arena *arena, const struct candidate *list, size_t count,
                 struct symbols *symbols)
{
    symbols->list = arena_alloc(arena, SYMBOLS_MAX_BYTES);
    symbols->names = arena_alloc(arena, SYMBOLS_MAX_BYTES);
    for (size_t i = 0; i < count; i++) {
        uint64_t size = list[i].end - list[i].start;

        if (i + 1 < count && size > list[i + 1].start - list[i].start) {
            size = list[i + 1].start - list[i].start;
        }
        if ((symbols->count + 1) * sizeof(struct image_symbol) + symbols->names_size +
                strnlen(list[i].name, SYMBOLS_MAX_NAME) + 1 >
            SYMBOLS_MAX_BYTES) {
            symbols->left_out = count - i;
            return;
        }
        symbols->list[symbols->count++] = (struct image_symbol){
            .address = list[i].start,
            .size = size > UINT32_MAX ? UINT32_MAX : (uint32_t)size,
            .name = (uint32_t)symbols->names_size,
        };
        symbols->names_size += put_name(symbols->names + symbols->names_size, list[i].name);
    }
}

void symbols_read(struct arena *arena, const struct program *program, struct symbols *symbols)
{
    struct source source = {.program = program};

    *symbols = (struct symbols){0};
    source.elf = elf_memory((char *)program->symbols.bytes, program->symbols.size);
    if (source.elf == NULL) {
        return;
    }
    if (open_table(&source)) {
        struct candidate *list;
        size_t count = collect(arena, &source, &list);

        fill(arena, list, count, symbols);
    }
    (void)elf_end(source.elf);
}

bool symbols_are_equal(const struct symbols *a, const struct symbols *b)
{
    if (a->count != b->count || a->names_size != b->names_size) {
        return false;
    }
    return a->count == 0 || (memcmp(a->list, b->list, a->count * sizeof(*a->list)) == 0 &&
                             memcmp(a->names, b->names, a->names_size) == 0);
}
