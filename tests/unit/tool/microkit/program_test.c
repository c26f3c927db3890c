/* SPDX-License-Identifier: BSD-2-Clause */
/* Program images, from ELF files made here: segments, symbols, and what is refused. */
#include "tool/microkit/program.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/tool/microkit/cmocka_all.h"

#define BASE  0x200000u
#define NAMES "\0word\0tail\0half\0twice\0hidden\0outside\0undefined"

/* Where NAMES has each of them. */
enum {
    WORD = 1,
    TAIL = 6,
    HALF = 11,
    TWICE = 16,
    HIDDEN = 22,
    OUTSIDE = 29,
    UNDEFINED = 37,
};

/* A file with text at BASE, data behind it, of which half is .bss, and symbols. */
struct elf_file {
    Elf64_Ehdr header;
    Elf64_Phdr segments[2];
    Elf64_Shdr sections[3];
    Elf64_Sym symbols[9];
    char names[64];
    uint8_t text[16];
    uint8_t data[16];
};

#define AT(field) offsetof(struct elf_file, field)

static Elf64_Sym symbol(uint32_t name, unsigned int bind, uint64_t value, uint64_t size)
{
    return (Elf64_Sym){
        .st_name = name,
        .st_info = (unsigned char)ELF64_ST_INFO(bind, STT_OBJECT),
        .st_shndx = name == UNDEFINED ? SHN_UNDEF : SHN_ABS,
        .st_value = value,
        .st_size = size,
    };
}

static void fill_segments(struct elf_file *file)
{
    file->header = (Elf64_Ehdr){
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_AARCH64,
        .e_version = EV_CURRENT,
        .e_entry = BASE,
        .e_phoff = AT(segments),
        .e_shoff = AT(sections),
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = 2,
        .e_shentsize = sizeof(Elf64_Shdr),
        .e_shnum = 3,
    };
    /* The higher one first: they come out sorted. */
    file->segments[0] =
        (Elf64_Phdr){PT_LOAD, PF_R | PF_W, AT(data), BASE + 0x1000, BASE + 0x1000, 16, 32, 0x1000};
    file->segments[1] = (Elf64_Phdr){PT_LOAD, PF_R | PF_X, AT(text), BASE, BASE, 16, 16, 0x1000};
    memset(file->text, 0x11, sizeof(file->text));
    memset(file->data, 0x22, sizeof(file->data));
}

static void fill_symbols(struct elf_file *file)
{
    file->sections[1] = (Elf64_Shdr){.sh_type = SHT_SYMTAB,
                                     .sh_offset = AT(symbols),
                                     .sh_size = sizeof(file->symbols),
                                     .sh_link = 2,
                                     .sh_addralign = 8,
                                     .sh_entsize = sizeof(Elf64_Sym)};
    file->sections[2] =
        (Elf64_Shdr){.sh_type = SHT_STRTAB, .sh_offset = AT(names), .sh_size = sizeof(file->names)};
    memcpy(file->names, NAMES, sizeof(NAMES));
    file->symbols[1] = symbol(TWICE, STB_LOCAL, BASE + 0x1000, 8);
    file->symbols[2] = symbol(TWICE, STB_LOCAL, BASE + 0x1008, 8);
    file->symbols[3] = symbol(HIDDEN, STB_LOCAL, BASE + 0x1000, 8);
    file->symbols[4] = symbol(WORD, STB_GLOBAL, BASE + 0x1008, 8);
    file->symbols[5] = symbol(TAIL, STB_WEAK, BASE + 0x1018, 8);
    file->symbols[6] = symbol(HALF, STB_GLOBAL, BASE + 0x1000, 4);
    file->symbols[7] = symbol(OUTSIDE, STB_GLOBAL, BASE + 0x101c, 8);
    file->symbols[8] = symbol(UNDEFINED, STB_GLOBAL, BASE + 0x1000, 8);
}

struct fixture {
    struct arena arena;
    struct elf_file file;
    struct program program;
    char why[128];
};

static int start(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    fill_segments(&fixture->file);
    fill_symbols(&fixture->file);
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

static bool load_bytes(struct fixture *fixture, size_t size)
{
    char path[] = "/tmp/program-XXXXXX";
    int file = mkstemp(path);

    assert_true(file >= 0);
    assert_int_equal(write(file, &fixture->file, size), size);
    memset(&fixture->program, 0, sizeof(fixture->program));
    bool loaded =
        program_load(&fixture->arena, path, &fixture->program, fixture->why, sizeof(fixture->why));
    (void)close(file);
    (void)unlink(path);
    return loaded;
}

static bool load(struct fixture *fixture)
{
    return load_bytes(fixture, sizeof(fixture->file));
}

static void test_segments(void **state)
{
    struct fixture *fixture = *state;
    const struct segment *segments = fixture->program.segments;

    assert_true(load(fixture));
    assert_int_equal(fixture->program.entry, BASE);
    assert_int_equal(fixture->program.segment_count, 2);
    assert_int_equal(segments[0].vaddr, BASE);
    assert_int_equal(segments[0].flags, PF_R | PF_X);
    assert_int_equal(segments[1].vaddr, BASE + 0x1000);
    assert_int_equal(segments[1].stored_size, 16);
    assert_int_equal(segments[1].memory_size, 32);
    assert_int_equal(segments[1].bytes[15], 0x22);
    for (unsigned int i = 16; i < 32; i++) {
        assert_int_equal(segments[1].bytes[i], 0);
    }
}

static void test_symbols(void **state)
{
    struct fixture *fixture = *state;
    struct program *program = &fixture->program;
    uint8_t *at = NULL;

    assert_true(load(fixture));
    assert_int_equal(program_symbol(program, "word", 8, &at), SYMBOL_OK);
    assert_ptr_equal(at, program->segments[1].bytes + 8);
    assert_int_equal(program_symbol(program, "hidden", 8, &at), SYMBOL_OK);
    assert_int_equal(program_symbol(program, "half", 8, &at), SYMBOL_WRONG_SIZE);
    assert_int_equal(program_symbol(program, "half", 4, &at), SYMBOL_OK);
    assert_int_equal(program_symbol(program, "twice", 8, &at), SYMBOL_AMBIGUOUS);
    assert_int_equal(program_symbol(program, "outside", 8, &at), SYMBOL_OUTSIDE);
    assert_int_equal(program_symbol(program, "undefined", 8, &at), SYMBOL_MISSING);
    assert_int_equal(program_symbol(program, "nothing", 8, &at), SYMBOL_MISSING);
    assert_int_equal(program_symbol(program, "", 8, &at), SYMBOL_MISSING);
}

/* A global symbol is what other files see: local ones of its name do not make it ambiguous. */
static void test_global_hides_local(void **state)
{
    struct fixture *fixture = *state;
    uint8_t *at = NULL;

    fixture->file.symbols[8] = symbol(HIDDEN, STB_GLOBAL, BASE + 0x1010, 8);
    fixture->file.symbols[8].st_shndx = SHN_ABS;
    assert_true(load(fixture));
    assert_int_equal(program_symbol(&fixture->program, "hidden", 8, &at), SYMBOL_OK);
    assert_ptr_equal(at, fixture->program.segments[1].bytes + 0x10);
}

/* Patched bytes of .bss have contents, and so have to be stored. */
static void test_touch(void **state)
{
    struct fixture *fixture = *state;
    uint8_t *at = NULL;

    assert_true(load(fixture));
    assert_int_equal(program_symbol(&fixture->program, "tail", 8, &at), SYMBOL_OK);
    program_touch(&fixture->program, at, 8);
    assert_int_equal(fixture->program.segments[1].stored_size, 32);
    assert_int_equal(fixture->program.segments[0].stored_size, 16);
}

static void refused(struct fixture *fixture, const char *why)
{
    assert_false(load(fixture));
    assert_string_equal(fixture->why, why);
    fill_segments(&fixture->file);
}

static void test_refused(void **state)
{
    struct fixture *fixture = *state;
    struct elf_file *file = &fixture->file;

    file->header.e_ident[EI_CLASS] = ELFCLASS32;
    refused(fixture, "not an ELF64 little-endian AArch64 file");
    file->header.e_machine = EM_X86_64;
    refused(fixture, "not an ELF64 little-endian AArch64 file");
    file->header.e_type = ET_DYN;
    refused(fixture, "not a linked executable (relocatable, or position-independent)");
    file->header.e_entry = BASE + 16;
    refused(fixture, "its entry point is not in an executable segment");
    file->segments[0].p_filesz = 33;
    refused(fixture, "a segment is larger in the file than in memory");
    file->segments[0].p_offset = UINT64_MAX;
    refused(fixture, "truncated: a segment reaches past the end of the file");
    file->segments[0].p_memsz = UINT64_MAX;
    refused(fixture, "a segment is too large or too high");
    file->segments[0].p_vaddr = UINT64_MAX - 8;
    refused(fixture, "a segment is too large or too high");
    file->segments[0].p_vaddr = BASE + 15;
    refused(fixture, "its segments overlap (a note in front? link with -Wl,--build-id=none)");
    file->segments[0].p_flags = PF_W;
    refused(fixture, "a segment is not readable");
    file->header.e_phnum = 0;
    refused(fixture, "it has no segments");
}

static void test_every_truncation(void **state)
{
    struct fixture *fixture = *state;

    for (size_t size = 0; size < sizeof(fixture->file); size++) {
        assert_false(load_bytes(fixture, size));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_segments, start, end),
        cmocka_unit_test_setup_teardown(test_symbols, start, end),
        cmocka_unit_test_setup_teardown(test_global_hides_local, start, end),
        cmocka_unit_test_setup_teardown(test_touch, start, end),
        cmocka_unit_test_setup_teardown(test_refused, start, end),
        cmocka_unit_test_setup_teardown(test_every_truncation, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
