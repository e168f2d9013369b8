// SPDX-License-Identifier: Apache-2.0
/*
 * termlog.h - a line for who asks Kubernetes why nothing was recorded
 *
 * The kubelet shows what a container leaves in /dev/termination-log (kubectl describe pod).
 */
#pragma once

/* Writes the line if that file is there and empty: what the application says there counts. */
void termlog_say(const char *text);
