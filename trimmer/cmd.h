// SPDX-License-Identifier: Apache-2.0
/*
 * cmd.h - the verbs: one table row and one file cmd_NAME.c each
 */
#pragma once

#include "options.h"

extern const struct verb cmd_instrument;
extern const struct verb cmd_run;
extern const struct verb cmd_trim;
extern const struct verb cmd_verify;
extern const struct verb cmd_merge;
extern const struct verb cmd_report;
extern const struct verb cmd_sbom;
extern const struct verb cmd_diff;
extern const struct verb cmd_seccomp;
extern const struct verb cmd_dump;
extern const struct verb cmd_explain;
extern const struct verb cmd_limits;
extern const struct verb cmd_logs;
extern const struct verb cmd_kube_collect;
extern const struct verb cmd_kube_instrument;
extern const struct verb cmd_kube_restore;
