// SPDX-License-Identifier: Apache-2.0
/*
 * progress.c - "redis:7: reading  84.2 MB of 181 MB  210 MB/s" on one line that is overwritten
 *
 * In: amounts. Out: a line on a terminal, wiped at the end. Never prints to a file or pipe.
 */
#include "progress.h"
#include "diag.h"

#include <stdio.h>
#include <time.h>

#define SHOW_EVERY 100000000u /* ns */
#define WIPE	   "\r\033[K"

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void progress_size(uint64_t bytes, char out[16])
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
	double value = (double)bytes;
	size_t unit = 0;
	int decimals = 0;

	/* 999.5 would be rounded to four digits. */
	while (value >= (unit ? 999.5 : 1000) && unit + 1 < ARRAY_SIZE(units)) {
		value /= 1000;
		unit++;
	}
	if (unit && value < 9.995)
		decimals = 2;
	else if (unit && value < 99.95)
		decimals = 1;
	snprintf(out, 16, "%.*f %s", decimals, value, units[unit]);
}

void progress_begin(struct progress *p, const char *what, uint64_t total)
{
	*p = (struct progress) { .what = what, .total = total };
	p->on = diag_level() >= DIAG_NOTE && isatty(STDERR_FILENO);
	if (p->on)
		p->started = p->shown = now_ns();
}

static void show(struct progress *p, uint64_t now)
{
	double seconds = (double)(now - p->started) / 1e9;
	char done[16], total[16], rate[16], line[256];
	int n;

	progress_size(p->done, done);
	progress_size(p->total, total);
	progress_size((uint64_t)((double)p->done / seconds), rate);
	n = snprintf(line, sizeof(line), WIPE "%.160s  %s%s%s  %s/s", p->what, done,
		     p->total ? " of " : "", p->total ? total : "", rate);
	/* A file's name may be in it. */
	for (int i = (int)strlen(WIPE); i < n; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	diag_raw(line, (size_t)n);
	p->shown = now;
}

void progress_add(struct progress *p, uint64_t n)
{
	uint64_t now;

	p->done += n;
	if (!p->on)
		return;
	now = now_ns();
	if (now - p->shown >= SHOW_EVERY)
		show(p, now);
}

void progress_end(struct progress *p)
{
	if (p->on && p->shown != p->started)
		diag_raw(WIPE, sizeof(WIPE) - 1);
	p->on = false;
}
