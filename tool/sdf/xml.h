/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The XML of a description as a tree of elements with their attributes and positions; no
 * knowledge of what they mean. Hostile files end in a message: depth, number of elements and
 * size are bounded, document type declarations are refused.
 */
#ifndef SLUICE_TOOL_SDF_XML_H
#define SLUICE_TOOL_SDF_XML_H

#include "tool/sdf/arena.h"
#include "tool/sdf/sdf.h"

struct xml_attribute {
    const char *name;
    const char *value;
    bool used; /* looked up by the reader */
    struct xml_attribute *next;
};

/* More than any element has. */
#define XML_MAX_ASKED 32

struct xml_element {
    struct sdf_pos pos; /* pos.tag is its name */
    struct xml_attribute *attributes;
    const char
        *asked[XML_MAX_ASKED]; /* the names that the reader looked up, whether there or not */
    size_t asked_count;
    bool has_text;                /* which has been complained about */
    struct xml_element *children; /* in the file's order */
    struct xml_element *last_child;
    struct xml_element *next;
    struct xml_element *parent;
};

/* NULL after a message. */
struct xml_element *xml_parse(const char *path, struct arena *arena, struct sdf_messages *messages);

#endif
