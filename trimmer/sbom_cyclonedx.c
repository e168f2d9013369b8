// SPDX-License-Identifier: Apache-2.0
/*
 * sbom_cyclonedx.c - a bill of materials as CycloneDX 1.5
 *
 * In: what the image consists of. Out: the document as JSON. Source: cyclonedx.org/docs/1.5/json.
 */
#include "sbom.h"

#include <stdio.h>

static struct json *component(const char *type, const char *name, const char *version)
{
	struct json *o = json_new_object();

	json_set_text(o, "type", type);
	json_set(o, "name", json_new_bytes(name));
	if (version)
		json_set(o, "version", json_new_bytes(version));
	return o;
}

static struct json *licence_list(const char *names)
{
	cleanup_free char *copy = xstrdup(names);
	struct json *list = json_new_array();
	char *next;

	for (char *name = copy; name; name = next) {
		struct json *o = json_new_object(), *licence = json_new_object();
		const char *id;

		next = strstr(name, " AND ");
		if (next) {
			*next = '\0';
			next += strlen(" AND ");
		}
		id = sbom_licence_id(name);
		json_set(licence, id ? "id" : "name", json_new_bytes(id ? id : name));
		json_set(o, "license", licence);
		json_add(list, o);
	}
	return list;
}

static struct json *property(const char *name, const char *value)
{
	struct json *list = json_new_array(), *o = json_new_object();

	json_set_text(o, "name", name);
	json_set(o, "value", json_new_bytes(value));
	json_add(list, o);
	return list;
}

static struct json *file_object(const struct sbom_file *file)
{
	struct json *o = component("file", file->path, NULL), *hashes = json_new_array();
	const struct {
		const char *name, *hex;
	} sums[] = { { "SHA-1", file->sha1 }, { "SHA-256", file->sha256 } };

	for (size_t i = 0; i < ARRAY_SIZE(sums); i++) {
		struct json *hash = json_new_object();

		json_set_text(hash, "alg", sums[i].name);
		json_set_text(hash, "content", sums[i].hex);
		json_add(hashes, hash);
	}
	json_set(o, "hashes", hashes);
	return o;
}

static struct json *package_object(const struct sbom *sbom, size_t i)
{
	const struct pkginfo *info = &sbom->infos.items[i];
	struct json *o = component("library", info->name, info->version);
	struct json *files = json_new_array();
	cleanup_free char *purl = sbom_purl(sbom, info);
	cleanup_free char *ref = xasprintf("%zu-%s", i + 1, info->name);

	json_set(o, "bom-ref", json_new_bytes(ref));
	json_set_text(o, "purl", purl);
	if (info->licences)
		json_set(o, "licenses", licence_list(info->licences));
	if (info->partial)
		json_set(o, "properties", property("imagetrim:partial", info->partial));
	for (size_t k = 0; k < sbom->n_files; k++)
		if (sbom->files[k].package == i)
			json_add(files, file_object(&sbom->files[k]));
	json_set(o, "components", files);
	return o;
}

static struct json *metadata(const struct sbom *sbom)
{
	struct json *o = json_new_object(), *tools = json_new_object();
	struct json *list = json_new_array();
	struct json *image =
		component("container", sbom->image->name, sbom->image->config_digest);

	json_add(list, component("application", "imagetrim", IMAGETRIM_VERSION));
	json_set(tools, "components", list);
	json_set(image, "bom-ref", json_new_text("image"));
	json_set_text(o, "timestamp", sbom->created);
	json_set(o, "tools", tools);
	json_set(o, "component", image);
	return o;
}

/* A UUID (version 8: of our own making, RFC 9562) of the image, so that it is always the same. */
static char *serial_of(const struct sbom *sbom)
{
	const char *hex = digest_hex(sbom->image->config_digest);

	return xasprintf("urn:uuid:%.8s-%.4s-8%.3s-8%.3s-%.12s", hex, hex + 8, hex + 12,
			 hex + 15, hex + 18);
}

struct json *sbom_cyclonedx(const struct sbom *sbom)
{
	struct json *o = json_new_object(), *components = json_new_array();
	cleanup_free char *serial = serial_of(sbom);

	json_set_text(o, "bomFormat", "CycloneDX");
	json_set_text(o, "specVersion", "1.5");
	json_set_text(o, "serialNumber", serial);
	json_set(o, "version", json_new_size(1));
	json_set(o, "metadata", metadata(sbom));
	if (sbom->os_id)
		json_add(components,
			 component("operating-system", sbom->os_id, sbom->os_version));
	for (size_t i = 0; i < sbom->infos.n_items; i++)
		json_add(components, package_object(sbom, i));
	for (size_t i = 0; i < sbom->n_files; i++)
		if (sbom->files[i].package == SBOM_NO_PACKAGE)
			json_add(components, file_object(&sbom->files[i]));
	json_set(o, "components", components);
	return o;
}
