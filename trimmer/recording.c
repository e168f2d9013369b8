// SPDX-License-Identifier: Apache-2.0
/*
 * recording.c - instrument, run, collect
 *
 * In: an image and how to use it. Out: the log of the run. What can be refused by its text is
 * refused by recording_prepare(), before the first step.
 */
#include "recording.h"
#include "diag.h"
#include "imageconf.h"
#include "instrument.h"
#include "leftovers.h"

#define READY_SECONDS 10
#define MISSES	      "IMAGETRIM_MISSES=1" /* settings.c of the tracer */

/* ---- the command line ---------------------------------------------------------------------- */

static int split(const char *option, const char *text, char ***argv)
{
	if (process_split(text, argv) < 0)
		return diag_refuse("--%s '%s' has an open quote", option, text);
	if (!(*argv)[0])
		return diag_refuse("--%s wants a command, not '%s'", option, text);
	return 0;
}

/* Words that would take the log away before it is read, or keep it from being written. */
static int check_engine_word(const char *word)
{
	static const struct {
		const char *word, *why;
	} refused[] = {
		{ "--rm", "the container is removed once its log is read" },
		{ "--name", "the container has a name of its own" },
		{ "--entrypoint", "it would bypass the recorder; give the command after --" },
		{ "--detach", "the run would not be seen to its end" },
		{ "-d", "the run would not be seen to its end" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		size_t len = strlen(refused[i].word);

		if (strncmp(word, refused[i].word, len) == 0 &&
		    (!word[len] || word[len] == '='))
			return diag_refuse("--engine-arg %s cannot be used: %s",
					   refused[i].word, refused[i].why);
	}
	if (strstr(word, TRACER_DIR))
		return diag_refuse("--engine-arg %s cannot be used: " TRACER_DIR
				   " is the recorder's own",
				   word);
	return 0;
}

static int split_engine_args(struct recording *p)
{
	const struct strlist *args = &p->options->engine_args;

	p->splits = xcalloc(args->n_items, sizeof(*p->splits));
	for (size_t i = 0; i < args->n_items; i++) {
		int r = split("engine-arg", args->items[i], &p->splits[i]);

		if (p->splits[i])
			p->n_splits = i + 1;
		for (size_t k = 0; r == 0 && p->splits[i][k]; k++) {
			r = check_engine_word(p->splits[i][k]);
			strlist_add(&p->words, p->splits[i][k]);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

static int split_commands(struct recording *p)
{
	const struct strlist *execs = &p->options->execs;
	int r = 0;

	p->execs = xcalloc(execs->n_items, sizeof(*p->execs));
	for (size_t i = 0; i < execs->n_items && r == 0; i++) {
		p->execs[i].text = execs->items[i];
		r = split("exec", execs->items[i], &p->execs[i].argv);
	}
	p->drive.text = p->options->drive;
	if (r == 0 && p->drive.text)
		r = split("drive", p->drive.text, &p->drive.argv);
	return r;
}

int recording_prepare(struct recording *p, const struct recording_options *options)
{
	int r;

	*p = (struct recording) { .options = options };
	r = split_engine_args(p);
	return r == 0 ? split_commands(p) : r;
}

void recording_release(struct recording *p)
{
	for (size_t i = 0; p->execs && i < p->options->execs.n_items; i++)
		argv_free(p->execs[i].argv);
	for (size_t i = 0; i < p->n_splits; i++)
		argv_free(p->splits[i]);
	argv_free(p->drive.argv);
	strlist_fini(&p->words);
	free(p->execs);
	free(p->splits);
	*p = (struct recording) { 0 };
}

/* ---- the run ------------------------------------------------------------------------------- */

/* One run of one image: its container and its temporary image have the same name. */
struct making {
	char *name;
	struct image_ref temporary;
	struct strlist words;
	struct session_request request;
	struct session session;
};

static int choose_name(struct making *m)
{
	cleanup_free char *image = NULL;

	m->name = leftovers_name();
	image = xasprintf("%s:tmp", m->name);
	return image_ref_parse(image, &m->temporary);
}

static void fill_words(struct making *m, const struct recording *p,
		       const struct recording_run *run)
{
	for (size_t i = 0; i < p->words.n_items; i++)
		strlist_add(&m->words, p->words.items[i]);
	if (run->syscalls) {
		strlist_add(&m->words, "--env");
		strlist_add(&m->words, "IMAGETRIM_SYSCALLS=1");
	}
	if (run->misses) {
		strlist_add(&m->words, "--env");
		strlist_add(&m->words, MISSES);
	}
	strlist_add(&m->words, NULL);
}

static void fill_request(struct making *m, const struct recording *p,
			 const struct recording_run *run)
{
	const struct recording_options *o = p->options;
	struct session_request *q = &m->request;
	/* With commands beside it the application is a service: it gets no input. */
	bool alone = !o->execs.n_items && !o->drive && !run->silent_input;

	fill_words(m, p, run);
	*q = (struct session_request) {
		.image = m->temporary.ref,
		.container = m->name,
		.engine_args = (char *const *)(uintptr_t)m->words.items,
		.args = run->args,
		.execs = p->execs,
		.n_execs = o->execs.n_items,
		.drive = o->drive ? &p->drive : NULL,
		.ready = o->ready > 0 ? o->ready : READY_SECONDS,
		.limit = o->limit > 0 ? o->limit : INFINITY,
		.out_to_stderr = run->out_to_stderr,
	};
	q->terminal =
		alone && !q->out_to_stderr && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	q->with_stdin = alone && !isatty(STDIN_FILENO);
}

static int record(struct making *m, struct image *image, const struct engine *engine,
		  const char *log, bool *collected)
{
	cleanup_free char *id = NULL;
	int r, e;

	session_begin(&m->session, &m->request, engine);
	r = instrument_image(image, &m->temporary, engine, &id);
	if (r == 0)
		r = session_run(&m->session);
	e = session_given_up(&m->session) ? -ENODATA : session_collect(&m->session, log);
	*collected = e == 0;
	if (session_given_up(&m->session)) {
		diag_error("given up");
		r = -EINTR;
	} else if (r == 0 && e == -ENODATA) {
		diag_error("%s: nothing was recorded: the recorder was bypassed, or its log "
			   "directory could not be written",
			   image->name);
	}
	session_end(&m->session);
	return r < 0 ? r : e;
}

int recording_make(const struct recording *p, struct image *image, const struct engine *engine,
		   const struct recording_run *run, bool *collected)
{
	struct making m = { 0 };
	int r = choose_name(&m);

	*collected = false;
	leftovers_remove(engine);
	if (r == 0) {
		fill_request(&m, p, run);
		r = record(&m, image, engine, run->log, collected);
	}
	image_ref_fini(&m.temporary);
	strlist_fini(&m.words);
	free(m.name);
	return r;
}
