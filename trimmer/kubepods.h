// SPDX-License-Identifier: Apache-2.0
/*
 * kubepods.h - the pods of a workload, and where their logs can be read
 */
#pragma once

#include "json.h"

/* The text for kubectl's -l of an object's spec.selector; NULL: it has none. Caller frees. */
char *kubepods_selector(const struct json *object);
/* True if the object's owner is the one of that uid. */
bool kubepods_owned(const struct json *object, const char *uid);

/* Where a pod's logs are. Texts are borrowed from the pod but key, which the caller frees. */
struct kubepods_place {
	const char *pod, *container; /* container NULL: none can be asked */
	const char *why_not;	     /* then */
	char *key; /* the volume, good as a directory's name: pods of one claim share it */
};

/* False if the pod records nothing: it has no volume KUBE_VOLUME, or no valid name. */
bool kubepods_place(const struct json *pod, struct kubepods_place *place);
