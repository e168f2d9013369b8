// SPDX-License-Identifier: Apache-2.0
/*
 * manifest.h - Kubernetes objects in a file, JSON or YAML, and back in the same form
 */
#pragma once

#include "json.h"
#include "yamldoc.h"

struct manifest {
	const char *name; /* for messages; borrowed */
	bool is_yaml;
	struct yamldoc_stream stream;
	struct json **docs; /* changed in place */
	size_t n_docs;
};

/* Reads a file ("-": standard input). Prints the error. */
int manifest_read(const char *path, struct manifest *m) MUST_CHECK;
void manifest_fini(struct manifest *m);
/* Calls each(arg, object) for every object, those in lists too; a negative return ends it. */
int manifest_each(const struct manifest *m, int (*each)(void *arg, struct json *object),
		  void *arg) MUST_CHECK;
/* Writes all to standard output. Prints the error. */
int manifest_write(const struct manifest *m) MUST_CHECK;

/* The pod spec in an object of a kind that has one, or NULL. */
struct json *manifest_pod_spec(const struct json *object);
/* "Deployment web", for messages; the caller frees. */
char *manifest_object_name(const struct json *object);
