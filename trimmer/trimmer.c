// SPDX-License-Identifier: Apache-2.0
/*
 * trimmer.c - main of imagetrim; a map of the program
 *
 * A verb is looked up in the table below, its options are parsed by its own table
 * (options.c), and its cmd_NAME.c does the work. plugin.c knows the other names by which
 * this program is started. In the order of the main job:
 *
 *	cmd_instrument  add the tracer to an image	imageconf.c instrument.c
 *	cmd_run		instrument, run, collect, trim	recording.c session.c leftovers.c
 *	cmd_merge	logs into one			access.c logfile.c
 *	cmd_logs	one line a run			logs.c
 *	cmd_dump	a log as text			logtext.c
 *	cmd_seccomp	a profile of system calls	profile.c
 *	cmd_sbom	packages and files, for scanners sbom.c pkginfo.c
 *	cmd_verify	what a trimmed image misses	verify.c recording.c
 *	cmd_diff	two images or two logs		diff.c diff_logs.c
 *	cmd_report	a page of what is kept and why	findings.c page.c web/
 *	cmd_explain	why a path is kept or not	explain.c provenance.c
 *	cmd_kube	manifests changed and back	kube.c manifest.c yamldoc.c
 *	cmd_kube_collect logs out of pods		kubectl.c kubepods.c logstream.c
 *	cmd_trim	logs and image to a new image	trim.c, which calls, one after another
 *			(the marks by selection.c):
 *
 *	  image.c      where the image's bytes are: engine, OCI layout or archive
 *	    imageref.c store.c engine.c (docker|podman save) spool.c json.c digest.c
 *	    image_verify.c plain layers hashed in threads, beside what follows
 *	    follow.c   or while they are spooled
 *	  access.c     the union of the logs: path -> what was done to it
 *	  origin.c     which logs are of the image
 *	    logfile.c  ../common/tlog_read.c
 *	  layer_read.c the layers' entries, merged into a tree: tree.c
 *	    tar_read.c tar_header.c; tar_archive.c: the one door to libarchive
 *	  provenance.c who used which path, for those verbs that tell why
 *	  resolve.c    marks what a path steps on: directories, links, target
 *	  rules.c      what a rules file says; packages.c: whose files are whose
 *	    match.c rules_apply.c rules_presets.c
 *	  closure.c    marks what is always kept and what programs need, to a fixed point
 *	  gates.c report.c what CI forbids; what was kept and removed
 *	  layer_write.c the marked nodes as one layer
 *	    kin.c      or as one for each of the original's; also of several images together
 *	    layerout.c compress.c: hashed and compressed on the way to a file
 *	  imageconf.c  the config renewed
 *	  image_draft.c the archive it will be in, which the layer is written to
 *	  image_write.c the image into an engine, layout or archive
 *
 * Nothing calls an earlier stage. docs/ARCHITECTURE.md says why.
 */
#include "cmd.h"
#include "complete.h"
#include "diag.h"
#include "engine.h"
#include "limit.h"
#include "plugin.h"

#include <signal.h>
#include <stdio.h>

static const struct verb *const verbs[] = {
	&cmd_run,
	&cmd_instrument,
	&cmd_trim,
	&cmd_explain,
	&cmd_verify,
	&cmd_diff,
	&cmd_report,
	&cmd_merge,
	&cmd_logs,
	&cmd_dump,
	&cmd_sbom,
	&cmd_seccomp,
	&cmd_kube_instrument,
	&cmd_kube_collect,
	&cmd_kube_restore,
	&cmd_limits,
};

/* The rest of the verb's name below the plugin's group ("restore" of "kube restore"), or NULL. */
static const char *below_group(const struct verb *verb, const struct plugin *plugin)
{
	size_t len = plugin && plugin->group ? strlen(plugin->group) : 0;

	if (!len || strncmp(verb->name, plugin->group, len) != 0 || verb->name[len] != ' ')
		return NULL;
	return verb->name + len + 1;
}

static void print_help(const struct plugin *plugin)
{
	printf("usage: %s VERB [options]\n\n"
	       "Records which files a container really uses and rebuilds the image with only\n"
	       "those.\n\n",
	       plugin ? plugin->usage : "imagetrim");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		const char *below = below_group(verbs[i], plugin);

		printf("  %-16s %s\n", below ? below : verbs[i]->name, verbs[i]->summary);
	}
	printf("\n"
	       "An IMAGE is a name in the container engine, or oci:DIR[:REF],\n"
	       "oci-archive:FILE[:REF], docker-archive:FILE[:REF], or - for an archive on\n"
	       "standard input or output.\n\n"
	       "'imagetrim VERB --help' tells more; imagetrim(1) tells all.\n");
}

/*
 * The verb that the words begin with ("trim", "kube restore"; for a plugin also "restore");
 * *n_words: how many are its name.
 */
static const struct verb *find_verb(char *const words[], const struct plugin *plugin,
				    size_t *n_words)
{
	cleanup_free char *two = words[1] ? xasprintf("%s %s", words[0], words[1]) : NULL;

	*n_words = 1;
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		const char *below = below_group(verbs[i], plugin);

		if (below && strcmp(below, words[0]) == 0)
			return verbs[i];
	}
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		*n_words = 1;
		if (strcmp(verbs[i]->name, words[0]) == 0)
			return verbs[i];
		*n_words = 2;
		if (two && strcmp(verbs[i]->name, two) == 0)
			return verbs[i];
	}
	return NULL;
}

/* A word that verbs of two words begin with. */
static bool is_group(const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (strncmp(verbs[i]->name, word, len) == 0 && verbs[i]->name[len] == ' ')
			return true;
	return false;
}

static int run_verb(const struct verb *verb, const struct plugin *plugin, char *const args[],
		    size_t n_args)
{
	struct common_options *options = xcalloc(1, verb->options_size);
	/* Room for the second NULL that options_parse() may need: behind main's stands environ. */
	char **argv = xcalloc(n_args + 2, sizeof(*argv));
	int argc, r;

	memcpy(argv, args, n_args * sizeof(*argv));
	r = options_parse(verb, options, &argc, argv);

	if (r == 0 && options->help) {
		options_help(verb);
	} else if (r == 0) {
		if (!options->engine && plugin)
			options->engine = plugin->engine;
		if (options->debug)
			diag_set_level(DIAG_DEBUG);
		else if (options->quiet)
			diag_set_level(DIAG_WARNING);
		r = limit_set_all(&options->limits);
		if (r == 0)
			r = verb->run(options, argc, argv);
	}
	options_fini(verb, options);
	free(options);
	free(argv);
	return r < 0 && verb->trouble ? verb->trouble : r;
}

static void complete(const struct plugin *plugin, char *const words[], size_t n)
{
	struct complete_name names[2 * ARRAY_SIZE(verbs)];
	static char empty[] = "", *const none[] = { empty };
	size_t k = 0;

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		const char *below = below_group(verbs[i], plugin);

		if (below)
			names[k++] = (struct complete_name) { below, verbs[i] };
		names[k++] = (struct complete_name) { verbs[i]->name, verbs[i] };
	}
	complete_print(names, k, n ? words : none, n ? n : 1);
}

/* Does what the words after the program's name say. */
static int run_words(char *const words[], size_t n, const struct plugin *plugin)
{
	const struct verb *verb;
	size_t n_words;

	if (!n) {
		diag_error("which verb? See 'imagetrim --help'");
		return 2;
	}
	if (strcmp(words[0], "--help") == 0 || strcmp(words[0], "-h") == 0 ||
	    strcmp(words[0], "help") == 0) {
		print_help(plugin);
		return 0;
	}
	if (strcmp(words[0], "--version") == 0) {
		printf("imagetrim " IMAGETRIM_VERSION "\n");
		return 0;
	}
	if (strcmp(words[0], COMPLETE_VERB) == 0) {
		complete(plugin, words + 1, n - 1);
		return 0;
	}
	verb = find_verb(words, plugin, &n_words);
	if (!verb && is_group(words[0])) {
		diag_error("%s what? See 'imagetrim --help' for the verbs with two words",
			   words[0]);
		return 2;
	}
	if (!verb) {
		diag_error("there is no verb '%s'; see 'imagetrim --help'", words[0]);
		return 2;
	}
	return run_verb(verb, plugin, words + n_words, n - n_words);
}

int main(int argc, char **argv)
{
	const struct plugin *plugin = plugin_find(argv[0]);
	size_t n = argc > 1 ? (size_t)argc - 1 : 0;
	cleanup_free char **words = xcalloc(n + 1, sizeof(*words));
	cleanup_free char **handed = xcalloc(n + 1, sizeof(*handed));
	int r;

	diag_init("imagetrim", DIAG_NOTE);
	signal(SIGPIPE, SIG_IGN); /* a write then tells by its error */
	signal(SIGXFSZ, SIG_IGN);
	n = plugin_order(plugin, argv + 1, n, words, handed);
	engine_hand_on(handed);
	r = plugin_tell(plugin, words) ? 0 : run_words(words, n, plugin);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		diag_error("standard output cannot be written");
		r = -EIO;
	}
	return r < 0 ? 1 : r;
}
