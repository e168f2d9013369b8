// SPDX-License-Identifier: Apache-2.0
/*
 * access.c - logs into one set of paths with what was done to them
 *
 * In: logs. Out: the union. Never asks the image whether a path is there.
 */
#include "access.h"
#include "diag.h"
#include "path.h"

/* One log being added; mounts are those of the section that is read. */
struct adding {
	struct access_set *set;
	const struct logfile *file;
	struct tlog_reader *reader;
	const char **mounts;
	size_t n_mounts, mounts_cap;
	bool pass_over; /* the section is of another image or architecture */
};

void access_init(struct access_set *set, const struct image *image)
{
	*set = (struct access_set) { 0 };
	origin_of(image, &set->origin);
	set->paths = pathset_new();
	if (!set->paths)
		abort();
}

void access_fini(struct access_set *set)
{
	pathset_free(set->paths);
	free(set->items);
	free(set->left);
	origin_fini(&set->origin);
	*set = (struct access_set) { 0 };
}

/* ---- one record -------------------------------------------------------------------------- */

static bool below_mount(const struct adding *a, const char *abs)
{
	for (size_t i = 0; i < a->n_mounts; i++)
		if (path_below(abs, a->mounts[i]) && strcmp(abs, a->mounts[i]) != 0)
			return true;
	return false;
}

/* The number of a path, which is in the set from now on. */
static size_t put_path(struct access_set *set, const char *abs, size_t len)
{
	bool fresh;
	int64_t n = pathset_add(set->paths, abs, len, &fresh);

	if (n < 0)
		abort();
	xgrow(&set->items, &set->items_cap, (size_t)n, sizeof(*set->items));
	if (fresh)
		set->items[n] = (struct access_item) { 0 };
	return (size_t)n;
}

void access_put(struct access_set *set, const char *abs, size_t len, uint32_t ops)
{
	size_t n = put_path(set, abs, len);

	set->items[n].ops |= ops;
}

static void add_path(struct adding *a, const struct tlog_record *rec)
{
	struct access_set *set = a->set;
	bool mounted = below_mount(a, rec->path);
	size_t n = put_path(set, rec->path, rec->path_len);

	if (mounted)
		set->items[n].mounted_ops |= rec->ops;
	else
		set->items[n].ops |= rec->ops;
	if (set->watch)
		set->watch->use(set->watch->arg, n, rec, tlog_reader_path(a->reader, rec->by),
				mounted);
}

static bool is_of_other(const struct access_set *set, const char *image, const char *layers)
{
	if (origin_matches(&set->origin, image, layers))
		return false;
	for (size_t i = 0; i < set->n_others; i++)
		if (origin_matches(&set->others[i], image, layers))
			return true;
	return false;
}

static void leave(struct adding *a, uint32_t *count, const char *how, const char *what)
{
	a->pass_over = true;
	(*count)++;
	if (!a->set->left)
		a->set->left = xasprintf("%s was recorded %s %s", a->file->name, how, what);
}

/* Decides whether the run counts for this image. */
static void choose(struct adding *a, const struct tlog_record *rec)
{
	const char *arch = tlog_field_get(rec->fields, rec->n_fields, "arch");
	const char *image = tlog_field_get(rec->fields, rec->n_fields, "image");
	const char *layers = tlog_field_get(rec->fields, rec->n_fields, "layers");
	struct access_totals *totals = &a->set->totals;

	a->pass_over = is_of_other(a->set, image, layers);
	if (a->pass_over)
		return;
	if (arch && strcmp(arch, a->set->origin.arch) != 0)
		leave(a, &totals->n_left_arch, "on", arch);
	else if (!a->set->any_image && !origin_matches(&a->set->origin, image, layers))
		leave(a, &totals->n_left_image, "from image", image ? image : layers);
	else
		totals->n_logs++;
}

static void add_header(struct adding *a, const struct tlog_record *rec)
{
	choose(a, rec);
	if (a->pass_over)
		return;
	if (a->set->watch)
		a->set->watch->run(a->set->watch->arg, a->file, rec);
	a->n_mounts = 0;
	for (size_t i = 0; i < rec->n_fields; i++) {
		if (strcmp(rec->fields[i].key, "mount") != 0 || !rec->fields[i].value[0] ||
		    strcmp(rec->fields[i].value, "/") == 0)
			continue;
		xgrow(&a->mounts, &a->mounts_cap, a->n_mounts, sizeof(*a->mounts));
		a->mounts[a->n_mounts++] = rec->fields[i].value;
	}
}

static void add_note(struct adding *a, const struct tlog_record *rec)
{
	struct access_totals *totals = &a->set->totals;

	losses_add(&totals->losses, rec);
	totals->n_damaged += rec->code == TLOG_NOTE_DAMAGED;
	if (a->set->watch && a->set->watch->note)
		a->set->watch->note(a->set->watch->arg, rec);
}

static void add_record(struct adding *a, const struct tlog_record *rec)
{
	if (a->pass_over && rec->kind != TLOG_HEADER)
		return;
	switch (rec->kind) {
	case TLOG_HEADER:
		add_header(a, rec);
		break;
	case TLOG_PATH:
	case TLOG_SEEN:
		add_path(a, rec);
		break;
	case TLOG_NOTE:
		add_note(a, rec);
		break;
	case TLOG_END:
		break;
	}
}

bool access_takes(const struct access_set *set, const char *arch, const char *image,
		  const char *layers)
{
	return (!arch[0] || strcmp(arch, set->origin.arch) == 0) &&
	       (set->any_image || origin_matches(&set->origin, image[0] ? image : NULL,
						 layers[0] ? layers : NULL));
}

/* ---- one log ----------------------------------------------------------------------------- */

static void tell_state(const struct adding *a)
{
	const char *reason;
	size_t offset;

	switch (tlog_reader_state(a->reader, &offset, &reason)) {
	case TLOG_COMPLETE:
		break;
	case TLOG_CUT:
		a->set->totals.n_cut++;
		break;
	case TLOG_DAMAGED:
		a->set->totals.n_damaged++;
		diag_warning("log %s is damaged at byte %zu (%s); only the part before is used",
			     a->file->name, offset, reason);
		break;
	}
}

int access_add(struct access_set *set, const struct logfile *file)
{
	struct adding a = { .set = set, .file = file };
	struct tlog_record rec;
	int r = tlog_reader_new(file->data, file->len, &a.reader);

	if (r < 0)
		return diag_refuse("%s is no trace log", file->name);
	while (tlog_next(a.reader, &rec) > 0)
		add_record(&a, &rec);
	tell_state(&a);
	tlog_reader_free(a.reader);
	free(a.mounts);
	return r;
}

/* ---- all logs ---------------------------------------------------------------------------- */

static int add_file(void *arg, struct logfile *file)
{
	return access_add(arg, file);
}

/* Many images may record into one volume, so logs of others are normal; no log at all is not. */
static int tell_left(const struct access_set *set)
{
	const struct access_totals *t = &set->totals;
	uint32_t n = t->n_left_image + t->n_left_arch;

	if (n && !t->n_logs)
		return diag_refuse("log %s, not %s; %s", set->left,
				   t->n_left_arch ? set->origin.arch : set->origin.image,
				   t->n_left_arch
					   ? "use logs of the image's architecture"
					   : "say --any-image to use logs of other images");
	if (t->n_left_image)
		diag_note("left out %u of %u runs: recorded from another image",
			  t->n_left_image, n + t->n_logs);
	if (t->n_left_arch)
		diag_note("left out %u of %u runs: recorded on another architecture",
			  t->n_left_arch, n + t->n_logs);
	return 0;
}

int access_add_all(struct access_set *set, char *const args[], size_t n_args)
{
	int r = logfile_each(args, n_args, add_file, set);

	return r < 0 ? r : tell_left(set);
}

/* ---- losses ------------------------------------------------------------------------------ */

static const struct {
	size_t count; /* offset in struct losses */
	const char *what, *means;
} losses[] = {
	{ offsetof(struct losses, unreadable), "paths that could not be read",
	  "files that were used may not be in the log" },
	{ offsetof(struct losses, lost), "records that could not be written",
	  "what they told is missing (was the volume full?)" },
	{ offsetof(struct losses, io_uring), "times that io_uring was allowed",
	  "files opened through it are not in the log" },
};

static bool tell_loss(uint64_t count, const char *what, const char *means, bool accept)
{
	if (count && accept)
		diag_warning("the logs tell of %s: %llu; %s", what, (unsigned long long)count,
			     means);
	else if (count)
		diag_error("the logs tell of %s: %llu; %s", what, (unsigned long long)count,
			   means);
	return count;
}

int access_check_losses(const struct access_set *set, bool accept)
{
	const struct access_totals *t = &set->totals;
	bool lossy = tell_loss(t->n_damaged, "damage to themselves",
			       "what was recorded behind it is missing", accept);

	for (size_t i = 0; i < ARRAY_SIZE(losses); i++)
		lossy |= tell_loss(
			*(const uint64_t *)((const char *)&t->losses + losses[i].count),
			losses[i].what, losses[i].means, accept);
	tell_loss(t->losses.setid, "set-id programs that ran without their rights",
		  "what they could not do is not in the log", true);
	if (lossy && !accept)
		return diag_refuse("the logs are incomplete; record again, or say "
				   "--accept-incomplete to use them all the same");
	return 0;
}

struct json *access_totals_json(const struct access_totals *t, uint64_t absent)
{
	struct json *o = json_new_object();

	json_set(o, "runs", json_new_size(t->n_logs));
	json_set(o, "cut", json_new_size(t->n_cut));
	json_set(o, "left_image", json_new_size(t->n_left_image));
	json_set(o, "left_architecture", json_new_size(t->n_left_arch));
	json_set(o, "damaged", json_new_size(t->n_damaged));
	losses_json(&t->losses, o);
	json_set(o, "absent", json_new_size(absent));
	return o;
}
