// SPDX-License-Identifier: Apache-2.0
/*
 * tlog_crc.c - CRC32C of frames, by the CPU where it can
 *
 * In: bytes. Out: the CRC of RFC 3720, B.4 (Castagnoli, reflected 0x82f63b78), the same on all
 * CPUs. Merging 10,000 logs is 1 GB of them; four bits at a time took a sixth of the time.
 */
#include "tlog.h"

#if defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#elif defined(__x86_64__) && __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#endif

/* Small enough to stand here. */
static uint32_t by_table(uint32_t crc, const unsigned char *p, size_t len)
{
	static const uint32_t table[16] = {
		0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
		0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
		0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
	};

	while (len--) {
		crc ^= *p++;
		crc = (crc >> 4) ^ table[crc & 15];
		crc = (crc >> 4) ^ table[crc & 15];
	}
	return crc;
}

#if defined(__x86_64__)

/* The C library has asked the CPU already. Each question to it is a trap on a virtual machine. */
static bool cpu_can(void)
{
#if __has_include(<sys/platform/x86.h>)
	return CPU_FEATURE_ACTIVE(SSE4_2);
#else
	return __builtin_cpu_supports("sse4.2");
#endif
}

__attribute__((target("sse4.2"))) static uint32_t by_cpu(uint32_t crc, uint64_t word)
{
	return (uint32_t)__builtin_ia32_crc32di(crc, word);
}

#elif defined(__aarch64__)

static bool cpu_can(void)
{
	return getauxval(AT_HWCAP) & HWCAP_CRC32;
}

static uint32_t by_cpu(uint32_t crc, uint64_t word)
{
	__asm__(".arch_extension crc\n\tcrc32cx %w0, %w0, %x1" : "+r"(crc) : "r"(word));
	return crc;
}

#else

static bool cpu_can(void)
{
	return false;
}

static uint32_t by_cpu(uint32_t crc, uint64_t word UNUSED)
{
	return crc;
}

#endif

uint32_t tlog_crc32c(uint32_t crc, const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t word;

	crc = ~crc;
	if (len >= sizeof(word) && cpu_can()) {
		for (; len >= sizeof(word); len -= sizeof(word), p += sizeof(word)) {
			memcpy(&word, p, sizeof(word));
			crc = by_cpu(crc, word);
		}
	}
	return ~by_table(crc, p, len);
}
