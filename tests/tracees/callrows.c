// SPDX-License-Identifier: Apache-2.0
/*
 * callrows.c - the tracer's table of calls as text: "ABI NAME NUMBER ARGUMENTS", the last the
 * numbers of those with a path or an address of one ("-": none); and "ABI newest NUMBER"
 */
#include "calls.h"

#include <stdio.h>

static const char *const abis[] = { "x86-64", "i386", "arm64" };

static void print_row(const struct call_row *row, int abi)
{
	const char *before = " ";

	printf("%s %s %d", abis[abi], row->name, row->nr[abi]);
	for (size_t i = 0; i < CALL_N_PATHS && row->paths[i].family != CALL_NO_PATH; i++) {
		if (row->paths[i].path < 0)
			continue;
		printf("%s%d", before, row->paths[i].path);
		before = ",";
	}
	printf("%s\n", *before == ' ' ? " -" : "");
}

int main(void)
{
	for (int abi = 0; abi < CALL_N_ABIS; abi++) {
		uint64_t newest = 0;

		while (!calls_unknown((enum call_abi)abi, newest + 1))
			newest++;
		printf("%s newest %llu -\n", abis[abi], (unsigned long long)newest);
		for (size_t i = 0; i < calls_n_rows; i++)
			if (calls_rows[i].nr[abi] >= 0)
				print_row(&calls_rows[i], abi);
	}
	return 0;
}
