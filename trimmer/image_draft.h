// SPDX-License-Identifier: Apache-2.0
/*
 * image_draft.h - where a new image will be, opened before there is one
 *
 * What can be refused about a destination is refused at once, not after the work. An archive's
 * file takes the bytes of a layer where they will stay, so that they are written once.
 */
#pragma once

#include "image_pack.h"
#include "outfile.h"

struct engine;
struct engine_load;

struct image_draft {
	const struct image_ref *dest; /* borrowed */
	const struct engine *engine;  /* of IMAGE_ENGINE */
	struct engine_load *load;     /* begun, or NULL */
	struct image_names names;
	struct outfile file; /* of an archive in a file; else its fd is -1 */
	int fd; /* of the archive that is to be: in file, or for an engine; or -1 */
};

/*
 * engine: for IMAGE_ENGINE (NULL: the first that answers is looked for). Prints the error; to
 * be freed by image_draft_fini() in any case. Nothing is to be seen at dest until image_write().
 */
int image_draft_open(struct image_draft *draft, const struct image_ref *dest,
		     const struct engine *engine) MUST_CHECK;
void image_draft_fini(struct image_draft *draft);
/* Before long work: prints the error of an engine that turned out not to answer. */
int image_draft_check(struct image_draft *draft) MUST_CHECK;
/* -ENOSPC, with a message, where `bytes` more will not fit. */
int image_draft_room(const struct image_draft *draft, uint64_t bytes) MUST_CHECK;
/*
 * The place of the first layer in the archive: from to->off on it may be written (to->len is
 * 0). -EOPNOTSUPP where no archive is made (a layout, a pipe).
 */
int image_draft_place(const struct image_draft *draft, struct range *to) MUST_CHECK;
