// SPDX-License-Identifier: Apache-2.0
/*
 * racing.c - a thread changes the name while another one's call is looked at: each name is recorded
 * that stood there, none that did not
 */
#include "expect.h"

#include <pthread.h>
#include <stdatomic.h>

#define TRIES 4000

static char name[] = "a";
static atomic_int ready, done;

static void *changing(void *arg UNUSED)
{
	volatile char *letter = name;

	ready = 1;
	while (!done)
		*letter = *letter == 'a' ? 'b' : 'a';
	return NULL;
}

int main(int argc, char **argv UNUSED)
{
	pthread_t id;

	if (argc > 1) {
		touch("a");
		touch("b");
		return 0;
	}
	CHECK(pthread_create(&id, NULL, changing, NULL) == 0);
	while (!ready)
		;
	for (int i = 0; i < TRIES; i++)
		close((int)MUST(open(name, O_RDONLY)));
	done = 1;
	pthread_join(id, NULL);
	expect("read", "a");
	expect("read", "b");
	return 0;
}
