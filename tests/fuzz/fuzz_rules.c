// SPDX-License-Identifier: Apache-2.0
/* fuzz_rules.c - any text as a rules file, applied to a small image with package databases */
#include "fuzz.h"
#include "rules.h"

static void put(struct tree *tree, const char *path, enum tar_type type, const char *link)
{
	struct node *node = tree_put(tree, path, 0, type == TAR_DIR);

	/* No layer is behind it: what is looked into cannot be read, which is no error. */
	node->inode->type = (uint8_t)type;
	node->inode->mode = 0755;
	if (link)
		node->inode->link = tree_text(tree, link, strlen(link));
}

static struct tree *small_tree(void)
{
	struct tree *tree = tree_new();

	put(tree, "bin", TAR_SYMLINK, "usr/bin");
	put(tree, "usr/bin/sh", TAR_SYMLINK, "/usr/bin/dash");
	put(tree, "usr/bin/dash", TAR_FIFO, NULL);
	put(tree, "etc/ssl/certs/one", TAR_FIFO, NULL);
	put(tree, "app/__pycache__/a.cpython-311.pyc", TAR_FIFO, NULL);
	put(tree, "app/a.py", TAR_FIFO, NULL);
	put(tree, "loop", TAR_SYMLINK, "loop");
	put(tree, "var/lib/dpkg/info/tool.list", TAR_DIR, NULL);
	tree_freeze(tree);
	return tree;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *reason = NULL, name[] = "fuzz", arch[] = "amd64", *text = xmemdup(data, size);
	struct image image = { .name = name, .arch = arch };
	struct rules rules = { 0 };

	if (size < 65536 && rules_parse(&rules, "fuzz", text, size) == 0) {
		struct tree *tree = small_tree();
		struct closure closure;

		if (json_parse("{}", 2, JSON_MAX_CONFIG, &image.config, &reason) < 0)
			abort();
		closure_init(&closure, &image, tree);
		rules_drop(&rules, &closure);
		rules_keep(&rules, &closure);
		closure_run(&closure);
		closure_fini(&closure);
		json_free(image.config);
		tree_free(tree);
	} else if (size >= 65536) {
		free(text);
	}
	rules_fini(&rules);
	return 0;
}
