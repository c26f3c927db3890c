/* SPDX-License-Identifier: BSD-2-Clause */
/* See xml.h. expat does the parsing. */
#include "tool/sdf/xml.h"

#include <ctype.h>
#include <errno.h>
#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH     80    /* 63 PDs, each the other's child, and what is in them */
#define MAX_ELEMENTS  20000 /* the checks are quadratic in places */
#define MAX_NAME      64    /* bytes of an element's name */
#define MAX_FILE_SIZE (16UL << 20)
#define MAX_VALUE     4096 /* bytes of an attribute's value */

/* The names that expat 2.9 has for where it is; it deprecates those that all versions have. */
#if XML_MAJOR_VERSION == 2 && XML_MINOR_VERSION < 9
#define XML_GetCurrentLineNumber64   XML_GetCurrentLineNumber
#define XML_GetCurrentColumnNumber64 XML_GetCurrentColumnNumber
#endif

struct parse {
    XML_Parser parser;
    struct arena *arena;
    struct sdf_messages *messages;
    struct xml_element *root;
    struct xml_element *current;
    unsigned int depth;
    unsigned int element_count;
    bool stopped; /* a message has been given */
};

static struct sdf_pos position(struct parse *parse, const char *tag)
{
    return (struct sdf_pos){
        .row = (unsigned int)XML_GetCurrentLineNumber64(parse->parser),
        .col = (unsigned int)XML_GetCurrentColumnNumber64(parse->parser) + 1,
        .tag = tag,
    };
}

static void stop(struct parse *parse, const struct sdf_pos *pos, const char *what)
{
    if (!parse->stopped) {
        sdf_error(parse->messages, pos, "%s", what);
    }
    parse->stopped = true;
    XML_StopParser(parse->parser, XML_FALSE);
}

static bool add_attributes(struct parse *parse, struct xml_element *element, const XML_Char **list)
{
    struct xml_attribute **end = &element->attributes;

    for (; list[0] != NULL; list += 2) {
        struct xml_attribute *attribute;

        if (strlen(list[0]) + strlen(list[1]) > MAX_VALUE) {
            stop(parse, &element->pos, "attribute too long");
            return false;
        }
        attribute = arena_alloc(parse->arena, sizeof(*attribute));
        attribute->name = arena_printf(parse->arena, "%s", list[0]);
        attribute->value = arena_printf(parse->arena, "%s", list[1]);
        *end = attribute;
        end = &attribute->next;
    }
    return true;
}

static void on_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct parse *parse = context;
    struct sdf_pos pos = position(parse, "system");
    struct xml_element *element;

    if (parse->stopped) {
        return;
    }
    if (strlen(name) > MAX_NAME) {
        stop(parse, &pos, "an element's name is too long");
        return;
    }
    pos.tag = name;
    if (++parse->depth > MAX_DEPTH) {
        stop(parse, &pos, "elements are nested too deeply");
        return;
    }
    if (++parse->element_count > MAX_ELEMENTS) {
        stop(parse, &pos, "too many elements");
        return;
    }
    element = arena_alloc(parse->arena, sizeof(*element));
    element->pos = pos; /* expat's string does not live on */
    element->pos.tag = arena_printf(parse->arena, "%s", name);
    if (!add_attributes(parse, element, attributes)) {
        return;
    }
    element->parent = parse->current;
    if (parse->current == NULL) {
        parse->root = element;
    } else if (parse->current->last_child == NULL) {
        parse->current->children = element;
        parse->current->last_child = element;
    } else {
        parse->current->last_child->next = element;
        parse->current->last_child = element;
    }
    parse->current = element;
}

static void on_end(void *context, const XML_Char *name)
{
    struct parse *parse = context;

    (void)name;
    if (!parse->stopped) {
        parse->depth--;
        parse->current = parse->current->parent;
    }
}

static void on_text(void *context, const XML_Char *text, int length)
{
    struct parse *parse = context;

    if (parse->stopped || parse->current == NULL) {
        return;
    }
    for (int i = 0; i < length; i++) {
        if (!isspace((unsigned char)text[i]) && !parse->current->has_text) {
            sdf_error(parse->messages, &parse->current->pos, "unexpected text");
            parse->current->has_text = true;
        }
    }
}

/* Nothing is lost: a description needs no entities of its own, and those of hostile files grow. */
static void on_doctype(void *context, const XML_Char *name, const XML_Char *system_id,
                       const XML_Char *public_id, int has_internal_subset)
{
    struct parse *parse = context;
    struct sdf_pos pos = position(parse, "!DOCTYPE");

    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_internal_subset;
    stop(parse, &pos, "document type declarations are not allowed");
}

/* Up to one byte more than is allowed, which tells that it is too large; NULL: no memory. */
static char *read_stream(FILE *file, size_t *done)
{
    size_t room = 65536;
    char *text = malloc(room);

    while (text != NULL) {
        *done += fread(text + *done, 1, room - *done, file);
        if (*done < room || *done > MAX_FILE_SIZE) {
            break;
        }
        room *= 2;
        char *larger = realloc(text, room);
        if (larger == NULL) {
            free(text);
        }
        text = larger;
    }
    return text;
}

static char *read_file(const char *path, size_t *size, struct sdf_messages *messages)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t done = 0;

    if (file == NULL) {
        fprintf(stderr, "Error: cannot open '%s': %s\n", path, strerror(errno));
        messages->error_count++;
        return NULL;
    }
    text = read_stream(file, &done);
    if (text == NULL || ferror(file) != 0 || done > MAX_FILE_SIZE) {
        fprintf(stderr, "Error: cannot read '%s': %s\n", path,
                done > MAX_FILE_SIZE ? "larger than 16 MiB" : strerror(errno));
        messages->error_count++;
        free(text);
        text = NULL;
    }
    (void)fclose(file);
    *size = done;
    return text;
}

static void run(struct parse *parse, const char *text, size_t size)
{
    struct sdf_pos pos;

    XML_SetUserData(parse->parser, parse);
    XML_SetElementHandler(parse->parser, on_start, on_end);
    XML_SetCharacterDataHandler(parse->parser, on_text);
    XML_SetStartDoctypeDeclHandler(parse->parser, on_doctype);
    if (XML_Parse(parse->parser, text, (int)size, XML_TRUE) == XML_STATUS_OK || parse->stopped) {
        return;
    }
    pos = position(parse, parse->current == NULL ? "system" : parse->current->pos.tag);
    sdf_error(parse->messages, &pos, "not well-formed XML (%s)",
              XML_ErrorString(XML_GetErrorCode(parse->parser)));
    parse->stopped = true;
}

struct xml_element *xml_parse(const char *path, struct arena *arena, struct sdf_messages *messages)
{
    struct parse parse = {.arena = arena, .messages = messages};
    size_t size;
    char *text = read_file(path, &size, messages);

    if (text == NULL) {
        return NULL;
    }
    parse.parser = XML_ParserCreate(NULL);
    if (parse.parser == NULL) {
        fprintf(stderr, "Error: out of memory\n");
        messages->error_count++;
        parse.stopped = true;
    } else {
        run(&parse, text, size);
        XML_ParserFree(parse.parser);
    }
    free(text);
    return parse.stopped ? NULL : parse.root;
}
