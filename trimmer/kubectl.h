// SPDX-License-Identifier: Apache-2.0
/*
 * kubectl.h - the cluster, through the user's own kubectl
 */
#pragma once

#include "json.h"

#include <sys/types.h>

/* What kubectl is told besides the command; NULL: as it is configured. */
struct kubectl {
	const char *kubeconfig, *context, *namespace;
	unsigned int seconds; /* for a get; 0: no limit */
};

/* kubectl get WORDS -o json; at most four words, NULL-terminated. Prints the error. */
int kubectl_get(const struct kubectl *k, const char *const words[],
		struct json **object) MUST_CHECK;
/*
 * Starts "kubectl exec" of words (at most four) with in as its standard input; *out: where its
 * standard output can be read, the caller closes it. The pid, or -errno after a printed error.
 */
pid_t kubectl_exec(const struct kubectl *k, const char *pod, const char *container,
		   const char *const words[], int in, int *out) MUST_CHECK;
/* It has sent all that is wanted: it ends soon, or is killed. Its exit status, or -errno. */
int kubectl_end(pid_t pid);
