// SPDX-License-Identifier: Apache-2.0
/*
 * match.h - globs over the tree
 *
 * A glob is matched against the whole path of a node; "*" stops at a slash, unless the glob has
 * "**" in it. Directories before the first special character are looked up as the kernel would,
 * so that "/bin/sh" also finds the shell where /bin is a link to usr/bin.
 */
#pragma once

#include "tree.h"

/*
 * Calls each(arg, node, below) for every node that glob matches, and for all below a matched
 * directory (below is true then). mark: links that the glob's fixed directories lead over are
 * marked if something matched. Returns how many matched by themselves.
 */
size_t match_each(struct tree *tree, const char *glob, bool mark,
		  void (*each)(void *arg, struct node *node, bool below), void *arg);
