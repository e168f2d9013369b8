// SPDX-License-Identifier: Apache-2.0
/*
 * selection.h - which files of an image are kept: logs, rules and options to marks
 *
 * The same for every verb that asks: what trim writes is what explain and report tell of.
 */
#pragma once

#include "access.h"
#include "options.h"
#include "packages.h"
#include "rules.h"

/* What the user names beside the logs; part of a verb's options. */
struct selection_options {
	struct strlist include, exclude, include_cmd, rules_files;
	bool no_rules, devices;
	const char *platform, *packages; /* as written, or NULL */
	/* What the access set names and what that needs; no rule of ours or the user's. */
	bool exact;
	/* Once selection_prepare() was called: */
	struct rules rules;
	enum packages_mode packages_mode;
};
#define SELECTION_ROW(at, name, type, arg, field, help)                                    \
	{                                                                                  \
		name, 0, type, arg, (at) + offsetof(struct selection_options, field), help \
	}
/* Rows for them at offset `at` of a verb's options. */
#define SELECTION_OPTION_ROWS(at)                                                         \
	SELECTION_ROW(at, "include", OPTION_LIST, "GLOB", include,                        \
		      "keep matching paths too, a directory with all below it"),          \
		SELECTION_ROW(at, "exclude", OPTION_LIST, "GLOB", exclude,                \
			      "leave matching paths out, even used ones"),                \
		SELECTION_ROW(at, "include-cmd", OPTION_LIST, "CMD", include_cmd,         \
			      "keep a program with its interpreter and libraries"),       \
		SELECTION_ROW(at, "devices", OPTION_FLAG, NULL, devices,                  \
			      "keep device nodes that are used, too"),                    \
		SELECTION_ROW(at, "rules", OPTION_LIST, "FILE", rules_files,              \
			      "what to keep and drop (default: " RULES_FILE               \
			      " here, if there)"),                                        \
		SELECTION_ROW(at, "no-rules", OPTION_FLAG, NULL, no_rules,                \
			      "do without " RULES_FILE),                                  \
		SELECTION_ROW(                                                            \
			at, "packages", OPTION_TEXT, "cut|keep|drop", packages,           \
			"package databases: cut to what is left (default), as they are, " \
			"none")
#define PLATFORM_OPTION_ROW(at)                                                   \
	SELECTION_ROW(at, "platform", OPTION_TEXT, "OS/ARCH[/VARIANT]", platform, \
		      "which image of a multi-platform one (default: this machine's)")

/* Reads the rules files. Prints the error. */
int selection_prepare(struct selection_options *options) MUST_CHECK;
/* Frees what selection_prepare() has made; options_fini() frees the rest. */
void selection_release(struct selection_options *options);
/*
 * The tree of image, frozen and marked. *absent: how many logged paths it does not have. *owners:
 * who owns what; NULL if nobody asks. Prints the error; on failure, too, the caller frees *tree
 * and *owners.
 */
int selection_make(struct image *image, const struct access_set *access,
		   const struct selection_options *options, struct tree **tree,
		   struct packages *owners, uint64_t *absent) MUST_CHECK;
