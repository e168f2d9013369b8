// SPDX-License-Identifier: Apache-2.0
/*
 * program.h - an execution: the file, its interpreters, what the kernel made of them
 */
#pragma once

#include "journal.h"
#include "tracee.h"

/*
 * At EVENT_EXEC: records the executed file of request q (NULL if the call was not seen), its
 * chain of #! interpreters and the dynamic loader. by: the program that executed it. Returns
 * the log id of the file, 0 unknown.
 */
uint32_t program_record(struct journal *j, const struct tracees *tracees, struct tracee *t,
			const struct request *q, uint32_t by);
