// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz.h - the entry of a fuzz target (LLVM's libFuzzer interface)
 *
 * Each target is one file fuzz_NAME.c. With -Dfuzz=true and clang it is linked with libFuzzer;
 * always also with replay.c, which runs it over files given by name.
 */
#pragma once

#include "base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
