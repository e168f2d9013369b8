// SPDX-License-Identifier: Apache-2.0
/*
 * kube.h - pods that record: their manifests changed, and changed back
 *
 * The annotation KUBE_ANNOTATION on the object keeps, as JSON, what stood there before:
 *
 *	{"containers": {NAME: {"image": ..., "command": [...], "securityContext": {...},
 *			       "livenessProbe": [...], ... "postStart": [...], "preStop": [...],
 *			       "made": {"env": "absent" | "null", "volumeMounts": ...}}},
 *	 "made": {"volumes": ..., "annotations": ..., "metadata": ...}}
 *
 * Of lists that others may add to (env, volumeMounts, volumes, containers) restore takes out
 * our own elements only, and the list where it was made for them.
 */
#pragma once

#include "json.h"

#include "options.h"

#define KUBE_ANNOTATION "imagetrim/original"
#define KUBE_VOLUME	"imagetrim-log"
#define KUBE_COLLECTOR	"imagetrim-collector"
#define KUBE_LOG_DIR	"/.imagetrim/log"
#define KUBE_TRACER	"/.imagetrim/imagetrim-tracer"

struct kube_plan {
	struct strlist images;	   /* IMAGE=NEW */
	struct strlist containers; /* names; none: all */
	const char *volume;	   /* emptydir, pvc:NAME, hostpath:DIR */
	bool init, sys_ptrace, collector;
};

struct kube_result {
	size_t n_objects, n_containers; /* changed */
	size_t n_already;		/* objects that had the annotation */
};

/* Refuses a plan that cannot work. Prints the error. */
int kube_check(const struct kube_plan *plan) MUST_CHECK;
/* Changes one object; 0 also when nothing in it is meant. Prints the error. */
int kube_instrument(const struct kube_plan *plan, struct json *object,
		    struct kube_result *result) MUST_CHECK;
int kube_restore(struct json *object, struct kube_result *result) MUST_CHECK;

/* Sets object's member back to what kept has by name; kept null: it was not there. */
void kube_put_back(struct json *object, const char *key, const struct json *kept,
		   const char *name);
/* True for the variables that kube_instrument() sets. */
bool kube_is_our_env(const char *name) MUST_CHECK;

/* Where commands are, beside the container's own: kube.c. */
struct kube_command {
	const char *name;    /* in the annotation */
	const char *path[3]; /* from the container to the object with "command" */
};
extern const struct kube_command kube_commands[];
extern const size_t kube_n_commands;
struct json *kube_command_holder(const struct json *container,
				 const struct kube_command *command);
