/* SPDX-License-Identifier: BSD-2-Clause */
/* Names for fault reports, from symbol tables made here: what counts, where a name ends, what is
 * left out, and tables that make no sense. */
#include "tool/microkit/symbols.h"

#include <elf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/tool/microkit/cmocka_all.h"

#define TEXT      0x200000UL
#define TEXT_SIZE 0x1000UL
#define DATA      0x201000UL
#define DATA_SIZE 0x100UL

#define MAX_SYMBOLS 3000
#define NAMES_SIZE  0x20000

enum {
    TEXT_SECTION = 1,
    DATA_SECTION,
    SYMBOL_SECTION,
    NAME_SECTION,
    SECTION_COUNT
};

/* A file of sections alone: segments are given with struct program. */
struct elf_file {
    Elf64_Ehdr header;
    Elf64_Shdr sections[SECTION_COUNT];
    Elf64_Sym symbols[MAX_SYMBOLS];
    char names[NAMES_SIZE];
};

#define AT(field) offsetof(struct elf_file, field)

struct fixture {
    struct arena arena;
    struct elf_file file;
    uint32_t symbol_count;
    uint32_t names_size;
    struct program program;
    struct symbols symbols;
};

static int start(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct elf_file *file = &fixture->file;

    assert_int_not_equal(elf_version(EV_CURRENT), EV_NONE);
    file->header = (Elf64_Ehdr){
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_AARCH64,
        .e_version = EV_CURRENT,
        .e_shoff = AT(sections),
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_shentsize = sizeof(Elf64_Shdr),
        .e_shnum = SECTION_COUNT,
    };
    file->sections[TEXT_SECTION] = (Elf64_Shdr){.sh_type = SHT_NOBITS,
                                                .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
                                                .sh_addr = TEXT,
                                                .sh_size = 0x800};
    file->sections[DATA_SECTION] = (Elf64_Shdr){
        .sh_type = SHT_NOBITS, .sh_flags = SHF_ALLOC, .sh_addr = DATA, .sh_size = DATA_SIZE};
    file->sections[SYMBOL_SECTION] = (Elf64_Shdr){.sh_type = SHT_SYMTAB,
                                                  .sh_offset = AT(symbols),
                                                  .sh_link = NAME_SECTION,
                                                  .sh_addralign = 8,
                                                  .sh_entsize = sizeof(Elf64_Sym)};
    file->sections[NAME_SECTION] =
        (Elf64_Shdr){.sh_type = SHT_STRTAB, .sh_offset = AT(names), .sh_size = NAMES_SIZE};
    fixture->program.segment_count = 2;
    fixture->program.segments[0] =
        (struct segment){.vaddr = TEXT, .memory_size = TEXT_SIZE, .flags = PF_R | PF_X};
    fixture->program.segments[1] =
        (struct segment){.vaddr = DATA, .memory_size = DATA_SIZE, .flags = PF_R | PF_W};
    fixture->symbol_count = 1;
    fixture->names_size = 1;
    *state = fixture;
    return 0;
}

static int end(void **state)
{
    struct fixture *fixture = *state;

    arena_free(&fixture->arena);
    free(fixture);
    return 0;
}

static Elf64_Sym *add(struct fixture *fixture, const char *name, unsigned int type, uint64_t value,
                      uint64_t size)
{
    Elf64_Sym *symbol = &fixture->file.symbols[fixture->symbol_count++];

    *symbol = (Elf64_Sym){.st_name = fixture->names_size,
                          .st_info = (unsigned char)ELF64_ST_INFO(STB_GLOBAL, type),
                          .st_shndx = value >= DATA ? DATA_SECTION : TEXT_SECTION,
                          .st_value = value,
                          .st_size = size};
    (void)strcpy(fixture->file.names + fixture->names_size, name);
    fixture->names_size += (uint32_t)strlen(name) + 1;
    return symbol;
}

/* Reads `size` bytes of the file, from memory that ends with them. */
static void read_bytes(struct fixture *fixture, size_t size)
{
    uint8_t *bytes = malloc(size);

    memcpy(bytes, &fixture->file, size);
    fixture->program.symbols = (struct file){.bytes = bytes, .size = size};
    symbols_read(&fixture->arena, &fixture->program, &fixture->symbols);
    free(bytes);
}

static void read_symbols(struct fixture *fixture)
{
    fixture->file.sections[SYMBOL_SECTION].sh_size = fixture->symbol_count * sizeof(Elf64_Sym);
    read_bytes(fixture, sizeof(fixture->file));
}

static void expect(const struct fixture *fixture, size_t index, const char *name, uint64_t address,
                   uint64_t size)
{
    const struct image_symbol *symbol = &fixture->symbols.list[index];

    assert_true(index < fixture->symbols.count);
    assert_true(symbol->name < fixture->symbols.names_size);
    assert_string_equal(fixture->symbols.names + symbol->name, name);
    assert_int_equal(symbol->address, address);
    assert_int_equal(symbol->size, size);
}

static void test_sorted(void **state)
{
    struct fixture *fixture = *state;

    add(fixture, "third", STT_FUNC, TEXT + 0x80, 0x10);
    add(fixture, "first", STT_FUNC, TEXT, 0x20);
    add(fixture, "second", STT_FUNC, TEXT + 0x20, 0x20);
    read_symbols(fixture);
    assert_int_equal(fixture->symbols.count, 3);
    expect(fixture, 0, "first", TEXT, 0x20);
    expect(fixture, 1, "second", TEXT + 0x20, 0x20);
    expect(fixture, 2, "third", TEXT + 0x80, 0x10);
    assert_int_equal(fixture->symbols.left_out, 0);
}

/* Of data, of nothing, of no code, without a name, and where instructions begin. */
static void test_what_does_not_count(void **state)
{
    struct fixture *fixture = *state;

    add(fixture, "object", STT_OBJECT, TEXT + 0x10, 8);
    add(fixture, "file", STT_FILE, TEXT + 0x10, 0);
    add(fixture, "undefined", STT_FUNC, TEXT + 0x10, 8)->st_shndx = SHN_UNDEF;
    add(fixture, "in data", STT_FUNC, DATA, 8);
    add(fixture, "data label", STT_NOTYPE, DATA, 0);
    add(fixture, "nowhere", STT_FUNC, TEXT - 4, 8);
    add(fixture, "text's end", STT_NOTYPE, TEXT + 0x800, 0);
    add(fixture, "absolute label", STT_NOTYPE, TEXT + 0x10, 0)->st_shndx = SHN_ABS;
    add(fixture, "", STT_FUNC, TEXT + 0x10, 8);
    add(fixture, "$x", STT_NOTYPE, TEXT + 0x10, 0);
    add(fixture, "$d", STT_NOTYPE, TEXT + 0x10, 0);
    add(fixture, "$x.17", STT_NOTYPE, TEXT + 0x10, 0);
    read_symbols(fixture);
    assert_int_equal(fixture->symbols.count, 0);
    add(fixture, "$xy", STT_NOTYPE, TEXT + 0x20, 0);
    add(fixture, "absolute", STT_FUNC, TEXT + 0x10, 8)->st_shndx = SHN_ABS;
    read_symbols(fixture);
    assert_int_equal(fixture->symbols.count, 2);
    expect(fixture, 0, "absolute", TEXT + 0x10, 8);
}

/* A size ends with the next symbol, the section, the segment, or as the symbol says. */
static void test_sizes(void **state)
{
    struct fixture *fixture = *state;

    add(fixture, "label", STT_NOTYPE, TEXT, 0);
    add(fixture, "too_long", STT_FUNC, TEXT + 0x10, UINT64_MAX);
    add(fixture, "short", STT_FUNC, TEXT + 0x20, 4);
    add(fixture, "last_label", STT_NOTYPE, TEXT + 0x700, 0);
    add(fixture, "last", STT_FUNC, TEXT + 0xff0, 0x20);
    read_symbols(fixture);
    assert_int_equal(fixture->symbols.count, 5);
    expect(fixture, 0, "label", TEXT, 0x10);
    expect(fixture, 1, "too_long", TEXT + 0x10, 0x10);
    expect(fixture, 2, "short", TEXT + 0x20, 4);
    expect(fixture, 3, "last_label", TEXT + 0x700, 0x100);
    expect(fixture, 4, "last", TEXT + 0xff0, 0x10);
}

/* One name for an address, whatever the order in the file. */
static void test_one_for_each_address(void **state)
{
    struct fixture *fixture = *state;

    add(fixture, "label", STT_NOTYPE, TEXT, 0);
    add(fixture, "local", STT_FUNC, TEXT, 0x10)->st_info = ELF64_ST_INFO(STB_LOCAL, STT_FUNC);
    add(fixture, "weak", STT_FUNC, TEXT, 0x10)->st_info = ELF64_ST_INFO(STB_WEAK, STT_FUNC);
    add(fixture, "b", STT_FUNC, TEXT, 0x10);
    add(fixture, "a", STT_FUNC, TEXT, 0x10);
    read_symbols(fixture);
    assert_int_equal(fixture->symbols.count, 1);
    expect(fixture, 0, "a", TEXT, 0x10);
}

static void test_names(void **state)
{
    struct fixture *fixture = *state;
    char name[2 * SYMBOLS_MAX_NAME];

    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    add(fixture, name, STT_FUNC, TEXT, 4);
    add(fixture, "\033[2J \xc3\xa9", STT_FUNC, TEXT + 4, 4);
    add(fixture, "_ZN3foo3barEv", STT_FUNC, TEXT + 8, 4);
    read_symbols(fixture);
    name[SYMBOLS_MAX_NAME] = '\0';
    expect(fixture, 0, name, TEXT, 4);
    expect(fixture, 1, "?[2J???", TEXT + 4, 4);
    expect(fixture, 2, "_ZN3foo3barEv", TEXT + 8, 4);
    assert_int_equal(fixture->symbols.names_size, SYMBOLS_MAX_NAME + 1 + 8 + 14);
}

/* The lowest that fit; the rest is counted. */
static void test_bound(void **state)
{
    struct fixture *fixture = *state;
    char name[32];

    for (unsigned int i = 0; i < MAX_SYMBOLS - 1; i++) {
        (void)snprintf(name, sizeof(name), "function_%06u", i); /* 16 bytes, as its record */
        add(fixture, name, STT_FUNC, TEXT + i, 1);
    }
    read_symbols(fixture);
    assert_int_equal(fixture->symbols.count, SYMBOLS_MAX_BYTES / 32);
    assert_int_equal(fixture->symbols.left_out, MAX_SYMBOLS - 1 - SYMBOLS_MAX_BYTES / 32);
    expect(fixture, 2047, "function_002047", TEXT + 2047, 1);
}

static void test_equal(void **state)
{
    struct fixture *fixture = *state;
    struct symbols first;
    struct symbols none = {0};

    add(fixture, "one", STT_FUNC, TEXT, 4);
    read_symbols(fixture);
    first = fixture->symbols;
    read_symbols(fixture);
    assert_true(symbols_are_equal(&first, &fixture->symbols));
    assert_true(symbols_are_equal(&none, &none));
    assert_false(symbols_are_equal(&first, &none));
    fixture->file.names[1] = 'O';
    read_symbols(fixture);
    assert_false(symbols_are_equal(&first, &fixture->symbols));
    fixture->file.names[1] = 'o';
    fixture->file.symbols[1].st_size = 8;
    read_symbols(fixture);
    assert_false(symbols_are_equal(&first, &fixture->symbols));
}

/* Whatever stands in the file, what comes out is sorted and ends where it says. */
static void check_result(const struct symbols *symbols)
{
    for (size_t i = 0; i < symbols->count; i++) {
        const struct image_symbol *symbol = &symbols->list[i];

        assert_true(symbol->size > 0);
        assert_true(symbol->address >= TEXT && symbol->address + symbol->size <= TEXT + TEXT_SIZE);
        assert_true(i == 0 || symbol[-1].address + symbol[-1].size <= symbol->address);
        assert_true(symbol->name < symbols->names_size);
    }
    assert_true(symbols->names_size == 0 || symbols->names[symbols->names_size - 1] == '\0');
    assert_true(symbols->count * sizeof(struct image_symbol) + symbols->names_size <=
                SYMBOLS_MAX_BYTES);
}

static void nothing(struct fixture *fixture)
{
    read_bytes(fixture, sizeof(fixture->file));
    assert_int_equal(fixture->symbols.count, 0);
}

/* Sections and names that lie outside the file or are of another kind. */
static void test_nonsense(void **state)
{
    struct fixture *fixture = *state;
    Elf64_Shdr *table = &fixture->file.sections[SYMBOL_SECTION];
    Elf64_Shdr *names = &fixture->file.sections[NAME_SECTION];
    Elf64_Shdr good_table;
    Elf64_Shdr good_names = *names;
    Elf64_Sym *symbol = add(fixture, "one", STT_FUNC, TEXT, 4);

    read_symbols(fixture);
    assert_int_equal(fixture->symbols.count, 1);
    good_table = *table;
    symbol->st_name = NAMES_SIZE;
    nothing(fixture);
    symbol->st_name = UINT32_MAX;
    nothing(fixture);
    symbol->st_name = 1;
    names->sh_size = 4; /* the name has no end in it */
    nothing(fixture);
    names->sh_size = UINT64_MAX;
    nothing(fixture);
    *names = good_names;
    names->sh_offset = sizeof(fixture->file);
    nothing(fixture);
    *names = good_names;
    for (uint32_t link = 0; link < 100; link++) {
        table->sh_link = link == NAME_SECTION ? UINT32_MAX : link;
        read_bytes(fixture, sizeof(fixture->file)); /* other bytes may look like a name */
        check_result(&fixture->symbols);
    }
    *table = good_table;
    table->sh_size = UINT64_MAX; /* a huge count */
    nothing(fixture);
    *table = good_table;
    table->sh_offset = UINT64_MAX - 8;
    nothing(fixture);
    *table = good_table;
    table->sh_type = SHT_PROGBITS;
    nothing(fixture);
    *table = good_table;
    fixture->file.header.e_shnum = 0;
    nothing(fixture);
    fixture->file.header.e_shnum = SECTION_COUNT;
    fixture->file.sections[TEXT_SECTION].sh_size = UINT64_MAX;
    symbol->st_shndx = 0xfe00;
    read_bytes(fixture, sizeof(fixture->file));
    assert_int_equal(fixture->symbols.count, 1);
}

static void test_truncated(void **state)
{
    struct fixture *fixture = *state;

    add(fixture, "one", STT_FUNC, TEXT, 4);
    read_symbols(fixture);
    for (size_t size = 1; size < AT(symbols) + 200; size++) {
        read_bytes(fixture, size);
        assert_int_equal(fixture->symbols.count, 0);
    }
    read_bytes(fixture, AT(names) + 4);
    assert_int_equal(fixture->symbols.count, 0);
}

static void test_mutated(void **state)
{
    static const uint8_t values[] = {0, 1, 2, 4, 0x20, 0x7f, 0x80, 0xff};
    struct fixture *fixture = *state;
    struct elf_file *good = malloc(sizeof(*good));
    uint32_t random = 1;

    for (unsigned int i = 0; i < 20; i++) {
        add(fixture, "name", i % 2 == 0 ? STT_FUNC : STT_NOTYPE, TEXT + 16UL * i, 8);
    }
    read_symbols(fixture);
    *good = fixture->file;
    for (unsigned int i = 0; i < 3000; i++) {
        for (unsigned int j = 0; j < 1 + i % 5; j++) {
            random = random * 1103515245 + 12345;
            ((uint8_t *)&fixture->file)[(random >> 8) % (AT(symbols) + 21 * sizeof(Elf64_Sym))] =
                values[random >> 4 & 7];
        }
        read_bytes(fixture, sizeof(fixture->file));
        check_result(&fixture->symbols);
        memcpy(&fixture->file, good, AT(symbols) + 21 * sizeof(Elf64_Sym));
    }
    free(good);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sorted),    TEST(test_what_does_not_count),
        TEST(test_sizes),     TEST(test_one_for_each_address),
        TEST(test_names),     TEST(test_bound),
        TEST(test_equal),     TEST(test_nonsense),
        TEST(test_truncated), TEST(test_mutated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
