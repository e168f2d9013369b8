// SPDX-License-Identifier: Apache-2.0
/* callrows.c - the tracer's table of calls as text: "ABI NAME NUMBER" */
#include "calls.h"

#include <stdio.h>

int main(void)
{
	static const char *const abis[] = { "x86-64", "i386", "arm64" };

	for (size_t i = 0; i < calls_n_rows; i++)
		for (int abi = 0; abi < CALL_N_ABIS; abi++)
			if (calls_rows[i].nr[abi] >= 0)
				printf("%s %s %d\n", abis[abi], calls_rows[i].name,
				       calls_rows[i].nr[abi]);
	return 0;
}
