/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The multiplexer's configuration, a text of lines "name = value"; what follows a # is a comment.
 *
 *   escape = ^]            the escape key: a control key, but for ^@, ^J, ^M and ^[
 *   poweroff = never       or all: the machine goes off when every guest is
 *   show = 1               what is shown at the start: 1..9, 0, all
 */
#ifndef SLUICE_COMPONENTS_SERIAL_MUX_CONFIG_H
#define SLUICE_COMPONENTS_SERIAL_MUX_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONFIG_SHOW_ALL 10

struct config {
    uint8_t escape;
    bool is_power_shared; /* poweroff = all */
    unsigned int show;    /* a number, or CONFIG_SHOW_ALL */
};

/* Who is told what is wrong: the line's number, from 1 on, and why. */
typedef void config_report(void *context, unsigned int line, const char *why);

void config_set_defaults(struct config *config);
/* What is wrong is reported and left out; the rest counts. A text ends at its size, or at a zero.
 */
void config_parse(struct config *config, const char *text, size_t size, config_report *report,
                  void *context);

#endif
