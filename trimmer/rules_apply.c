// SPDX-License-Identifier: Apache-2.0
/*
 * rules_apply.c - rules to marks
 *
 * In: rules and the frozen tree. Out: marks and exclusions. A rule that finds nothing is told
 * of, for it is most often a slip of the pen, but it is no error: one file may serve several
 * images.
 */
#include "diag.h"
#include "imageconf.h"
#include "packages.h"
#include "process.h"
#include "rules.h"

/* Each returns false when the image has nothing of the kind. */

static bool keep(struct closure *c, const struct rule *rule)
{
	return closure_add_glob(c, rule->value, KEEP_RULE) > 0;
}

static bool keep_dir(struct closure *c, const struct rule *rule)
{
	return closure_add_dir(c, rule->value, KEEP_RULE);
}

static bool keep_cmd(struct closure *c, const struct rule *rule)
{
	char **argv;
	bool found;

	if (process_split(rule->value, &argv) < 0)
		return false; /* rules.c has checked it */
	found = closure_add_command(c, argv, NULL);
	argv_free(argv);
	return found;
}

static void keep_node(void *arg, const char *package UNUSED, struct node *node)
{
	closure_add_node(arg, node, KEEP_RULE);
}

static bool keep_package(struct closure *c, const struct rule *rule)
{
	return packages_each(c->image, c->tree, rule->value, keep_node, c) > 0;
}

static bool apply(struct closure *c, const struct rule *rule);

static bool keep_preset(struct closure *c, const struct rule *rule)
{
	struct rule row = *rule;
	bool found = false;

	for (size_t i = 0; rules_preset_row(rule->value, i, &row.kind, &row.value); i++)
		found |= apply(c, &row);
	return found;
}

static const struct {
	bool (*apply)(struct closure *c, const struct rule *rule);
	const char *nothing; /* with the value in it */
} kinds[N_RULE_KINDS] = {
	[RULE_KEEP] = { keep, "nothing in the image matches '%s'" },
	[RULE_DROP] = { NULL, "nothing in the image matches '%s'" },
	[RULE_KEEP_DIR] = { keep_dir, "the image has no directory '%s'" },
	[RULE_KEEP_CMD] = { keep_cmd, "'%s' is not a program of the image" },
	[RULE_KEEP_PACKAGE] = { keep_package, "the image has no dpkg or apk package '%s'" },
	[RULE_PRESET] = { keep_preset, "the image has nothing of preset '%s'" },
};

static bool apply(struct closure *c, const struct rule *rule)
{
	return kinds[rule->kind].apply(c, rule);
}

static void warn_of_nothing(const struct rule *rule)
{
	const char *nothing = kinds[rule->kind].nothing;
	int before = (int)strcspn(nothing, "%");

	diag_warning("%s:%u: %.*s%s%s", rule->file, rule->line, before, nothing, rule->value,
		     nothing + before + 2);
}

static void ask(struct closure *c, const struct rule *rule)
{
	closure_ask(c, "%s:%u: %s %s", rule->file, rule->line, rules_word(rule->kind),
		    rule->value);
}

void rules_drop(const struct rules *rules, struct closure *c)
{
	for (size_t i = 0; i < rules->n_items; i++) {
		const struct rule *rule = &rules->items[i];

		if (rule->kind != RULE_DROP)
			continue;
		ask(c, rule);
		if (!closure_exclude_glob(c, rule->value))
			warn_of_nothing(rule);
	}
}

void rules_keep(const struct rules *rules, struct closure *c)
{
	for (size_t i = 0; i < rules->n_items; i++) {
		const struct rule *rule = &rules->items[i];

		if (rule->kind == RULE_DROP)
			continue;
		ask(c, rule);
		if (!apply(c, rule))
			warn_of_nothing(rule);
	}
}
