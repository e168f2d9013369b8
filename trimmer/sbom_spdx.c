// SPDX-License-Identifier: Apache-2.0
/*
 * sbom_spdx.c - a bill of materials as SPDX 2.3
 *
 * In: what the image consists of. Out: the document as JSON. Source: spdx.github.io/spdx-spec/v2.3.
 *
 * Licences that are no identifier of SPDX's become LicenseRef-NAME, each with an entry that says
 * how the package calls it.
 */
#include "sbom.h"

#include <stdio.h>

#define DOCUMENT "SPDXRef-DOCUMENT"
#define IMAGE	 "SPDXRef-Image"
#define NONE	 "NOASSERTION"

struct writing {
	const struct sbom *sbom;
	struct json *relations, *extracted;
	struct pathset *refs; /* LicenseRefs in extracted */
};

static void relate(struct writing *w, const char *from, const char *how, const char *to)
{
	struct json *o = json_new_object();

	json_set_text(o, "spdxElementId", from);
	json_set_text(o, "relationshipType", how);
	json_set_text(o, "relatedSpdxElement", to);
	json_add(w->relations, o);
}

/* Only what an identifier may hold. */
static char *as_id(char *text)
{
	for (char *c = text; *c; c++)
		if (!((*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') ||
		      (*c >= 'a' && *c <= 'z') || *c == '.' || *c == '-'))
			*c = '-';
	return text;
}

/* ---- licences ----------------------------------------------------------------------------- */

static char *licence_ref(struct writing *w, const char *name)
{
	char *ref = as_id(xasprintf("LicenseRef-%s", name));
	bool fresh;

	if (pathset_add(w->refs, ref, strlen(ref), &fresh) < 0)
		abort();
	if (fresh) {
		struct json *o = json_new_object();
		cleanup_free char *text = xasprintf("The licence that packages call %s.", name);

		json_set_text(o, "licenseId", ref);
		json_set(o, "name", json_new_bytes(name));
		json_set(o, "extractedText", json_new_bytes(text));
		json_add(w->extracted, o);
	}
	return ref;
}

/*
 * "MIT AND GPL-2+" as SPDX wants it. Names that hold more than one word ("GPL-2+ or Artistic")
 * are one licence to us.
 */
static char *licence_expression(struct writing *w, const char *names)
{
	cleanup_free char *copy = xstrdup(names);
	char *text, *next;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	for (char *name = copy; name; name = next) {
		const char *id;
		cleanup_free char *ref = NULL;

		next = strstr(name, " AND ");
		if (next) {
			*next = '\0';
			next += strlen(" AND ");
		}
		id = sbom_licence_id(name);
		if (!id)
			id = ref = licence_ref(w, name);
		fprintf(out, "%s%s", name == copy ? "" : " AND ", id);
	}
	if (fclose(out) != 0)
		abort();
	return text;
}

/* ---- packages ----------------------------------------------------------------------------- */

static char *package_id(const struct sbom *sbom, size_t i)
{
	if (i == SBOM_NO_PACKAGE)
		return xstrdup(IMAGE);
	return as_id(xasprintf("SPDXRef-Package-%zu-%s", i + 1, sbom->infos.items[i].name));
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* 7.9: SHA-1 of the sorted SHA-1s. False if the package has no files. */
static bool verification_code(const struct sbom *sbom, size_t package,
			      char hex[DIGEST_HEX_SIZE])
{
	cleanup_free const char **sums = xcalloc(sbom->n_files + 1, sizeof(*sums));
	struct digest digest;
	size_t n = 0;

	for (size_t i = 0; i < sbom->n_files; i++)
		if (sbom->files[i].package == package)
			sums[n++] = sbom->files[i].sha1;
	if (!n)
		return false;
	qsort(sums, n, sizeof(*sums), compare);
	digest_init_sha1(&digest);
	for (size_t i = 0; i < n; i++)
		digest_update(&digest, sums[i], strlen(sums[i]));
	digest_final_hex(&digest, hex);
	return true;
}

static struct json *package_object(const struct sbom *sbom, size_t i, const char *name)
{
	struct json *o = json_new_object(), *code;
	cleanup_free char *id = package_id(sbom, i);
	char hex[DIGEST_HEX_SIZE];
	bool has_files = verification_code(sbom, i, hex);

	json_set(o, "name", json_new_bytes(name));
	json_set_text(o, "SPDXID", id);
	json_set_text(o, "downloadLocation", NONE);
	json_set(o, "filesAnalyzed", json_new_bool(has_files));
	if (has_files) {
		code = json_new_object();
		json_set_text(code, "packageVerificationCodeValue", hex);
		json_set(o, "packageVerificationCode", code);
	}
	json_set_text(o, "licenseConcluded", NONE);
	json_set_text(o, "copyrightText", NONE);
	return o;
}

static struct json *image_object(const struct sbom *sbom)
{
	struct json *o = package_object(sbom, SBOM_NO_PACKAGE, sbom->image->name);

	json_set_text(o, "versionInfo", sbom->image->config_digest);
	json_set_text(o, "licenseDeclared", NONE);
	json_set_text(o, "primaryPackagePurpose", "CONTAINER");
	return o;
}

static struct json *purl_object(const struct sbom *sbom, const struct pkginfo *info)
{
	struct json *o = json_new_object();
	cleanup_free char *purl = sbom_purl(sbom, info);

	json_set_text(o, "referenceCategory", "PACKAGE-MANAGER");
	json_set_text(o, "referenceType", "purl");
	json_set_text(o, "referenceLocator", purl);
	return o;
}

static struct json *info_object(struct writing *w, size_t i)
{
	const struct pkginfo *info = &w->sbom->infos.items[i];
	struct json *o = package_object(w->sbom, i, info->name), *refs = json_new_array();
	cleanup_free char *expression =
		info->licences ? licence_expression(w, info->licences) : xstrdup(NONE);
	cleanup_free char *id = package_id(w->sbom, i), *about = NULL;

	json_set(o, "versionInfo", json_new_bytes(info->version));
	json_set_text(o, "licenseDeclared", expression);
	if (info->partial) {
		about = xasprintf("Only a part is in the image: %s.", info->partial);
		json_set(o, "comment", json_new_bytes(about));
	}
	json_add(refs, purl_object(w->sbom, info));
	json_set(o, "externalRefs", refs);
	relate(w, IMAGE, "CONTAINS", id);
	return o;
}

/*
 * The operating system, as a package without files; its identifier is the one that scanners look for. No
 * primaryPackagePurpose: the schema of 2.3 wants OPERATING_SYSTEM, that of 2.3.1 OPERATING-SYSTEM.
 */
static struct json *os_object(struct writing *w)
{
	const struct sbom *sbom = w->sbom;
	struct json *o = json_new_object();

	json_set(o, "name", json_new_bytes(sbom->os_id));
	json_set_text(o, "SPDXID", "SPDXRef-OperatingSystem");
	json_set(o, "versionInfo", json_new_bytes(sbom->os_version ? sbom->os_version : ""));
	json_set_text(o, "downloadLocation", NONE);
	json_set(o, "filesAnalyzed", json_new_bool(false));
	json_set_text(o, "licenseConcluded", NONE);
	json_set_text(o, "licenseDeclared", NONE);
	json_set_text(o, "copyrightText", NONE);
	relate(w, IMAGE, "CONTAINS", "SPDXRef-OperatingSystem");
	return o;
}

/* ---- files -------------------------------------------------------------------------------- */

static struct json *checksum(const char *algorithm, const char *hex)
{
	struct json *o = json_new_object();

	json_set_text(o, "algorithm", algorithm);
	json_set_text(o, "checksumValue", hex);
	return o;
}

static struct json *file_object(struct writing *w, size_t i)
{
	const struct sbom_file *file = &w->sbom->files[i];
	struct json *o = json_new_object(), *sums = json_new_array(), *info = json_new_array();
	cleanup_free char *id = xasprintf("SPDXRef-File-%zu", i + 1);
	cleanup_free char *path = xasprintf(".%s", file->path);
	cleanup_free char *owner = package_id(w->sbom, file->package);

	json_set(o, "fileName", json_new_bytes(path));
	json_set_text(o, "SPDXID", id);
	json_add(sums, checksum("SHA1", file->sha1));
	json_add(sums, checksum("SHA256", file->sha256));
	json_set(o, "checksums", sums);
	json_set_text(o, "licenseConcluded", NONE);
	json_add_text(info, NONE);
	json_set(o, "licenseInfoInFiles", info);
	json_set_text(o, "copyrightText", NONE);
	relate(w, owner, "CONTAINS", id);
	return o;
}

/* ---- the document ------------------------------------------------------------------------- */

static struct json *creation(const struct sbom *sbom)
{
	struct json *o = json_new_object(), *creators = json_new_array();

	json_set_text(o, "created", sbom->created);
	json_add_text(creators, "Tool: imagetrim-" IMAGETRIM_VERSION);
	json_set(o, "creators", creators);
	return o;
}

struct json *sbom_spdx(const struct sbom *sbom)
{
	struct writing w = { .sbom = sbom, .refs = pathset_new() };
	struct json *o = json_new_object(), *packages = json_new_array();
	struct json *files = json_new_array();
	cleanup_free char *space = xasprintf("https://spdx.org/spdxdocs/imagetrim-%s",
					     digest_hex(sbom->image->config_digest));

	if (!w.refs)
		abort();
	w.relations = json_new_array();
	w.extracted = json_new_array();
	json_set_text(o, "spdxVersion", "SPDX-2.3");
	json_set_text(o, "dataLicense", "CC0-1.0");
	json_set_text(o, "SPDXID", DOCUMENT);
	json_set(o, "name", json_new_bytes(sbom->image->name));
	json_set_text(o, "documentNamespace", space);
	json_set(o, "creationInfo", creation(sbom));
	relate(&w, DOCUMENT, "DESCRIBES", IMAGE);
	json_add(packages, image_object(sbom));
	if (sbom->os_id)
		json_add(packages, os_object(&w));
	for (size_t i = 0; i < sbom->infos.n_items; i++)
		json_add(packages, info_object(&w, i));
	for (size_t i = 0; i < sbom->n_files; i++)
		json_add(files, file_object(&w, i));
	json_set(o, "packages", packages);
	json_set(o, "files", files);
	if (json_count(w.extracted))
		json_set(o, "hasExtractedLicensingInfos", w.extracted);
	else
		json_free(w.extracted);
	json_set(o, "relationships", w.relations);
	pathset_free(w.refs);
	return o;
}
