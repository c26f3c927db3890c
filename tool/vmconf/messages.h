/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages about what has no position in the system description: files, trees, overlays. What
 * has one goes through sdf_error(); both count in the same struct.
 */
#ifndef SLUICE_TOOL_VMCONF_MESSAGES_H
#define SLUICE_TOOL_VMCONF_MESSAGES_H

#include "tool/sdf/sdf.h"

/* "vmconf: error: <what>" on stderr. */
void vmconf_error(struct sdf_messages *messages, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* "vmconf: warning: <what>" */
void vmconf_warning(struct sdf_messages *messages, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* "vmconf: note: <what>": nothing is wrong, but the user should know. */
void vmconf_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
