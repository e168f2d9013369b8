// SPDX-License-Identifier: Apache-2.0
/*
 * runinfo.c - fields from the system, the environment and /proc/self/mountinfo
 *
 * In: this process, which is still the application's. Out: fields. Leaves out what it cannot
 * know.
 */
#include "runinfo.h"
#include "path.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <time.h>

#if defined(__x86_64__)
#define ARCH "amd64"
#elif defined(__aarch64__)
#define ARCH "arm64"
#else
#error "runinfo.c knows x86-64 and arm64 only"
#endif

/* A file of mounts larger than this is cut: some thousand mounts. */
#define MOUNTINFO_MAX (8u << 20)
#define IMAGE_MAX     4096

struct runinfo_text {
	struct runinfo_text *next;
	char text[];
};

static void add(struct runinfo *info, const char *key, const char *value)
{
	size_t size = value ? strlen(value) + 1 : 0;
	struct runinfo_text *text;

	if (!value || info->n_fields >= TLOG_FIELDS_MAX)
		return;
	text = xmalloc(sizeof(*text) + size);
	memcpy(text->text, value, size);
	text->next = info->texts;
	info->texts = text;
	xgrow(&info->fields, &info->cap, info->n_fields, sizeof(*info->fields));
	info->fields[info->n_fields++] = (struct tlog_field) { key, text->text };
}

static void add_system(struct runinfo *info)
{
	char text[64], cwd[PATH_MAX];
	struct timespec now;
	struct utsname uts;
	uint64_t random;

	if (uname(&uts) == 0) {
		add(info, "host", uts.nodename);
		add(info, "kernel", uts.release);
	}
	if (getcwd(cwd, sizeof(cwd)))
		add(info, "cwd", cwd);
	snprintf(text, sizeof(text), "%u:%u", (unsigned int)geteuid(), (unsigned int)getegid());
	add(info, "user", text);
	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(text, sizeof(text), "%lld%09ld", (long long)now.tv_sec, now.tv_nsec);
	add(info, "started", text);
	if (getrandom(&random, sizeof(random), 0) == sizeof(random)) {
		snprintf(text, sizeof(text), "%016llx", (unsigned long long)random);
		add(info, "id", text);
	}
}

/* What a cluster's manifest can hand down. */
static void add_environment(struct runinfo *info)
{
	static const struct {
		const char *key, *env;
	} rows[] = {
		{ "pod", "IMAGETRIM_POD" },	    { "namespace", "IMAGETRIM_NAMESPACE" },
		{ "node", "IMAGETRIM_NODE" },	    { "container", "IMAGETRIM_CONTAINER" },
		{ "pod-uid", "IMAGETRIM_POD_UID" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		add(info, rows[i].key, getenv(rows[i].env));
}

/*
 * The file `image` beside the log directory, written when the image was instrumented: its
 * config digest and the chain ID of its layers, a line each.
 */
static void add_image(struct runinfo *info, const struct settings *settings)
{
	cleanup_free char *name = xasprintf("%s/../image", settings->log_dir);
	cleanup_fd int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char text[IMAGE_MAX], *layers;
	ssize_t n;

	if (settings->image)
		add(info, "image", settings->image);
	n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return;
	text[n] = '\0';
	layers = text + strcspn(text, "\n");
	if (*layers)
		*layers++ = '\0';
	layers[strcspn(layers, "\n")] = '\0';
	if (!settings->image)
		add(info, "image", text);
	if (layers[0])
		add(info, "layers", layers);
}

/* The kernel writes blank, tab, newline and backslash as \ooo. */
static void decode_octal(char *text)
{
	char *out = text;

	for (const char *p = text; *p; p++) {
		if (p[0] == '\\' && p[1] >= '0' && p[1] <= '3' && p[2] >= '0' && p[2] <= '7' &&
		    p[3] >= '0' && p[3] <= '7') {
			*out++ = (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0'));
			p += 3;
		} else {
			*out++ = *p;
		}
	}
	*out = '\0';
}

/* Each line: id parent major:minor root MOUNT-POINT ... */
static void add_mounts(struct runinfo *info)
{
	cleanup_fd int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	cleanup_free char *text = NULL;
	char *save = NULL;
	size_t len;

	if (fd < 0 || read_whole(fd, MOUNTINFO_MAX, &text, &len) < 0)
		return;
	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *words = NULL, *word = strtok_r(line, " ", &words);

		for (int i = 0; word && i < 4; i++)
			word = strtok_r(NULL, " ", &words);
		if (!word || strcmp(word, "/") == 0)
			continue;
		decode_octal(word);
		add(info, "mount", word);
	}
}

void runinfo_collect(struct runinfo *info, const struct settings *settings,
		     const struct choice *choice)
{
	*info = (struct runinfo) { 0 };
	add(info, "arch", ARCH);
	add_image(info, settings);
	add(info, "version", IMAGETRIM_VERSION);
	add(info, "engine", choice->engine);
	add(info, "engine-reason", choice->why);
	add_system(info);
	add_environment(info);
	for (char **arg = settings->command; *arg; arg++)
		add(info, "arg", *arg);
	add_mounts(info);
}

void runinfo_fini(struct runinfo *info)
{
	for (struct runinfo_text *t = info->texts, *next; t; t = next) {
		next = t->next;
		free(t);
	}
	free(info->fields);
	*info = (struct runinfo) { 0 };
}
