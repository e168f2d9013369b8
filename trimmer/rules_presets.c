// SPDX-License-Identifier: Apache-2.0
/*
 * rules_presets.c - what each preset keeps, as a table of rules
 *
 * docs/rules.md and imagetrim(1) document every preset (tests/lint checks that each row stands
 * in the former). Rows for all distributions stand side by side: what the image lacks keeps
 * nothing.
 */
#include "rules.h"

struct preset_row {
	enum rule_kind kind;
	const char *value;
};

/* Certificates of authorities, in whatever form the TLS library reads them. */
static const struct preset_row ca_certs[] = {
	{ RULE_KEEP, "/etc/ssl/certs" }, /* Debian, Alpine, Go; Java's cacerts too */
	{ RULE_KEEP, "/etc/ssl/cert.pem" },
	{ RULE_KEEP, "/etc/ssl/ca-bundle.pem" },
	{ RULE_KEEP, "/etc/ssl/openssl.cnf" },
	{ RULE_KEEP, "/usr/lib/ssl/cert.pem" }, /* Debian's OPENSSLDIR: links */
	{ RULE_KEEP, "/usr/lib/ssl/certs" },
	{ RULE_KEEP, "/usr/lib/ssl/openssl.cnf" },
	{ RULE_KEEP, "/etc/ssl1.1/cert.pem" }, /* Alpine's older OpenSSL */
	{ RULE_KEEP, "/usr/local/share/ca-certificates" },
	{ RULE_KEEP, "/etc/pki/tls/certs" }, /* Fedora, RHEL */
	{ RULE_KEEP, "/etc/pki/tls/cert.pem" },
	{ RULE_KEEP, "/etc/pki/tls/openssl.cnf" },
	{ RULE_KEEP, "/etc/pki/ca-trust/extracted" },
	{ RULE_KEEP, "/etc/pki/java/cacerts" },
	{ RULE_KEEP, "/var/lib/ca-certificates" }, /* SUSE */
	{ RULE_KEEP, "/**/certifi/cacert.pem" },   /* Python brings its own */
};

static const struct preset_row timezones[] = {
	{ RULE_KEEP, "/usr/share/zoneinfo" },
	{ RULE_KEEP, "/etc/localtime" },
	{ RULE_KEEP, "/etc/timezone" },
	{ RULE_KEEP, "/**/tzdata/zoneinfo" }, /* Python's */
};

/* Locale data, translated messages, and the modules iconv loads for other character sets. */
static const struct preset_row locales[] = {
	{ RULE_KEEP, "/usr/lib/locale" },
	{ RULE_KEEP, "/usr/share/locale" },
	{ RULE_KEEP, "/usr/share/i18n/locales/musl" },
	{ RULE_KEEP, "/etc/default/locale" },
	{ RULE_KEEP, "/etc/locale.conf" },
	{ RULE_KEEP, "/etc/locale.alias" },
	{ RULE_KEEP, "/usr/lib/gconv" },
	{ RULE_KEEP, "/usr/lib64/gconv" },
	{ RULE_KEEP, "/usr/lib/*/gconv" },
};

/* Users, hosts, services: the files, and every module, whether nsswitch.conf names it or not. */
static const struct preset_row nss[] = {
	{ RULE_KEEP, "/etc/nsswitch.conf" },
	{ RULE_KEEP, "/etc/passwd" },
	{ RULE_KEEP, "/etc/group" },
	{ RULE_KEEP, "/etc/host.conf" },
	{ RULE_KEEP, "/etc/gai.conf" },
	{ RULE_KEEP, "/etc/services" },
	{ RULE_KEEP, "/etc/protocols" },
	{ RULE_KEEP, "/etc/networks" },
	{ RULE_KEEP, "/etc/rpc" },
	{ RULE_KEEP, "/lib/libnss_*.so*" },
	{ RULE_KEEP, "/lib64/libnss_*.so*" },
	{ RULE_KEEP, "/lib/*/libnss_*.so*" },
	{ RULE_KEEP, "/usr/lib/libnss_*.so*" },
	{ RULE_KEEP, "/usr/lib64/libnss_*.so*" },
	{ RULE_KEEP, "/usr/lib/*/libnss_*.so*" },
	{ RULE_KEEP, "/lib/*/libresolv.so*" },
	{ RULE_KEEP, "/lib64/libresolv.so*" },
	{ RULE_KEEP, "/usr/lib/*/libresolv.so*" },
	{ RULE_KEEP, "/usr/lib64/libresolv.so*" },
};

/* A shell to look around with, and the programs that start-up scripts are made of. */
static const struct preset_row shell[] = {
	{ RULE_KEEP_CMD, "sh" },       { RULE_KEEP_CMD, "bash" },
	{ RULE_KEEP_CMD, "[" },	       { RULE_KEEP_CMD, "awk" },
	{ RULE_KEEP_CMD, "basename" }, { RULE_KEEP_CMD, "cat" },
	{ RULE_KEEP_CMD, "chmod" },    { RULE_KEEP_CMD, "chown" },
	{ RULE_KEEP_CMD, "cp" },       { RULE_KEEP_CMD, "cut" },
	{ RULE_KEEP_CMD, "date" },     { RULE_KEEP_CMD, "dirname" },
	{ RULE_KEEP_CMD, "echo" },     { RULE_KEEP_CMD, "env" },
	{ RULE_KEEP_CMD, "expr" },     { RULE_KEEP_CMD, "false" },
	{ RULE_KEEP_CMD, "find" },     { RULE_KEEP_CMD, "grep" },
	{ RULE_KEEP_CMD, "head" },     { RULE_KEEP_CMD, "hostname" },
	{ RULE_KEEP_CMD, "id" },       { RULE_KEEP_CMD, "kill" },
	{ RULE_KEEP_CMD, "ln" },       { RULE_KEEP_CMD, "ls" },
	{ RULE_KEEP_CMD, "mkdir" },    { RULE_KEEP_CMD, "mktemp" },
	{ RULE_KEEP_CMD, "mv" },       { RULE_KEEP_CMD, "printf" },
	{ RULE_KEEP_CMD, "ps" },       { RULE_KEEP_CMD, "pwd" },
	{ RULE_KEEP_CMD, "readlink" }, { RULE_KEEP_CMD, "realpath" },
	{ RULE_KEEP_CMD, "rm" },       { RULE_KEEP_CMD, "rmdir" },
	{ RULE_KEEP_CMD, "sed" },      { RULE_KEEP_CMD, "sleep" },
	{ RULE_KEEP_CMD, "sort" },     { RULE_KEEP_CMD, "stat" },
	{ RULE_KEEP_CMD, "tail" },     { RULE_KEEP_CMD, "test" },
	{ RULE_KEEP_CMD, "touch" },    { RULE_KEEP_CMD, "tr" },
	{ RULE_KEEP_CMD, "true" },     { RULE_KEEP_CMD, "uname" },
	{ RULE_KEEP_CMD, "uniq" },     { RULE_KEEP_CMD, "wc" },
	{ RULE_KEEP_CMD, "which" },    { RULE_KEEP_CMD, "xargs" },
};

static const struct {
	const char *name;
	const struct preset_row *rows;
	size_t n_rows;
} presets[] = {
	{ "ca-certs", ca_certs, ARRAY_SIZE(ca_certs) },
	{ "timezones", timezones, ARRAY_SIZE(timezones) },
	{ "locales", locales, ARRAY_SIZE(locales) },
	{ "nss", nss, ARRAY_SIZE(nss) },
	{ "shell", shell, ARRAY_SIZE(shell) },
};

bool rules_preset_row(const char *preset, size_t i, enum rule_kind *kind, const char **value)
{
	for (size_t p = 0; p < ARRAY_SIZE(presets); p++) {
		if (strcmp(presets[p].name, preset) != 0)
			continue;
		if (i >= presets[p].n_rows)
			return false;
		*kind = presets[p].rows[i].kind;
		*value = presets[p].rows[i].value;
		return true;
	}
	return false;
}

const char *rules_preset_names(void)
{
	return "ca-certs, timezones, locales, nss and shell";
}
