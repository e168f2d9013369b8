// SPDX-License-Identifier: Apache-2.0
/*
 * tlog.h - the trace log: what the tracer writes and the trimmer reads
 *
 * docs/tlog-format.md is normative; this is its grammar. Integers are unsigned LEB128
 * ("varint", at most 64 bits, shortest form), the CRC is 4 bytes little endian.
 *
 *	log     := "imtlog1\n" frame*
 *	frame   := length:varint payload:byte[length] crc32c(length, payload)
 *	payload := record+
 *	record  := head=1 n:varint field[n]                HEADER  begins a section
 *	         | head=2 access base text                 PATH    a path not seen before
 *	         | head=3 id:varint access                 SEEN    a known path, once more
 *	         | head=4 code:varint count:varint text    NOTE    what a reader must know
 *	         | head=36 code:varint count:varint by:varint id:varint    NOTE, text of paths
 *	         | head=5 n:varint field[n]                END     the totals of a clean end
 *	         | head=6 access base byte*                PATH    at the end of a frame
 *	head    := kind + 8 * flags, varint                flags say what is left out
 *	access  := ops:varint? by:varint? of:varint?       of only with the bit TLOG_RESOLVED
 *	base    := back:varint? shared:varint? tail:varint?  the ends of an earlier path
 *	text    := length:varint byte[length]
 *	field   := key:text value:text
 *
 * The n-th PATH record of the file has id n (from 1). A frame is one write(2): a file may end
 * anywhere and is good up to its last whole frame. Each section is one run of a tracer.
 */
#pragma once

#include "base.h"
#include "path.h"

#define TLOG_MAGIC	"imtlog1\n"
#define TLOG_MAGIC_LEN	8
#define TLOG_PATH_MAX	PATH_ABS_MAX /* bytes of one path */
#define TLOG_FRAME_MAX	(1u << 20)   /* payload: a header with all mounts and arguments */
#define TLOG_FIELDS_MAX 16384	     /* fields of a header or end record */
#define TLOG_PATHS_MAX	(1u << 28)   /* paths of one file */
#define TLOG_SUFFIX	".tlog"

/* What was done to a path. Facts only; which of them keep a file is the trimmer's policy. */
enum tlog_op {
	TLOG_EXEC = 1 << 0,	 /* executed */
	TLOG_INTERP = 1 << 1,	 /* opened by the kernel for an execution: #! or PT_INTERP */
	TLOG_READ = 1 << 2,	 /* opened for reading */
	TLOG_WRITE = 1 << 3,	 /* opened for writing, truncated */
	TLOG_STAT = 1 << 4,	 /* looked at, links followed: stat, access, statfs, xattrs */
	TLOG_LSTAT = 1 << 5,	 /* looked at, the last component itself: lstat, O_NOFOLLOW */
	TLOG_LINK = 1 << 6,	 /* symbolic link read */
	TLOG_LIST = 1 << 7,	 /* directory opened, so that its entries can be listed */
	TLOG_ENTER = 1 << 8,	 /* made cwd or root */
	TLOG_CREATE = 1 << 9,	 /* made: O_CREAT, mkdir, link, symlink, mknod, rename to */
	TLOG_REMOVE = 1 << 10,	 /* unlinked, renamed from */
	TLOG_CHANGE = 1 << 11,	 /* metadata changed: chmod, chown, utimes, setxattr, mount */
	TLOG_CONNECT = 1 << 12,	 /* unix socket address: bind, connect */
	TLOG_RESOLVED = 1 << 13, /* not asked for by this name: what request `of` led to */
	TLOG_MISS = 1 << 14,	 /* looked for and not found (ENOENT), on request only */
};
#define TLOG_N_OPS 15
/* Ops whose request does not follow a link in the last component. */
#define TLOG_NOFOLLOW (TLOG_LSTAT | TLOG_LINK | TLOG_CREATE | TLOG_REMOVE | TLOG_RESOLVED)

/* What a reader must know about the log itself; written when it happens. */
enum tlog_note {
	TLOG_NOTE_UNREADABLE = 1, /* a path could not be read from the tracee */
	TLOG_NOTE_LOST = 2,	  /* records could not be written (no space, no memory) */
	TLOG_NOTE_SETID = 3,	  /* a set-id or capability program was executed under trace */
	TLOG_NOTE_IO_URING = 4,	  /* io_uring was asked for and refused, or (text) allowed */
	TLOG_NOTE_NAMESPACE = 5,  /* a path belongs to another root or mount namespace */
	TLOG_NOTE_UNKNOWN_CALL = 6, /* a system call that the table does not know */
	TLOG_NOTE_SYSCALL = 9, /* a system call was made; text "ABI NUMBER", on request only */
	TLOG_NOTE_MISSES = 10, /* looks in vain beside those of records; text PROGRAM/PATH */
	TLOG_NOTE_DAMAGED = 8, /* written by merge: the log it came from was damaged */
	TLOG_NOTE_EXIT = 7,    /* the traced command ended; text "exited N" or "killed N" */
};

#define TLOG_IO_URING_ALLOWED "allowed" /* text of the note: its opens are not seen */

enum tlog_kind {
	TLOG_HEADER = 1,
	TLOG_PATH = 2,
	TLOG_SEEN = 3,
	TLOG_NOTE = 4,
	TLOG_END = 5,
};
#define TLOG_PATH_ENDS 6 /* a kind in files only: readers hand on PATH */
#define TLOG_KIND_BITS 3

enum tlog_flag {
	TLOG_SAME_OPS = 1 << 0, /* ops, by: as in the PATH or SEEN record before */
	TLOG_SAME_BY = 1 << 1,
	TLOG_NEAR = 1 << 2, /* the earlier path is the last one */
	TLOG_PAIR = 1 << 2, /* of a NOTE: its text is a path, a slash, a path */
	TLOG_TAIL = 1 << 3, /* some of its last bytes are meant, too */
};

/*
 * Header keys the tracer writes; any key may come (0-9 a-z - _), readers keep what they do
 * not know. arch: OCI name (amd64, arm64). image: config digest. host, kernel, engine,
 * version, cwd, user ("uid:gid"), started (decimal ns since 1970), id (random hex). Repeated:
 * arg (the command), mount (absolute mount points seen at the start, "/" left out). From the
 * environment where a cluster tells it: pod, namespace, node, container, pod-uid.
 */
struct tlog_field {
	const char *key;   /* NUL-terminated */
	const char *value; /* NUL-terminated too; no NUL inside */
};

/* ---- writing: tlog_write.c ------------------------------------------------------------ */

struct tlog_writer;

/*
 * A writer on fd (taken over, closed by tlog_writer_free), which is empty: writes the magic.
 * Frames hold one record each and are written at once; a `batch` writer (for merge) fills
 * them first. All put functions return -errno when the write failed: then nothing of the
 * record stays in the file, and it may be tried again. NULL only when out of memory.
 */
int tlog_writer_new(int fd, bool batch, struct tlog_writer **w) MUST_CHECK;
void tlog_writer_free(struct tlog_writer *w);
int tlog_writer_flush(struct tlog_writer *w) MUST_CHECK;

int tlog_put_header(struct tlog_writer *w, const struct tlog_field *fields,
		    size_t n) MUST_CHECK;
/*
 * Returns the id (> 0) of the new path. by: id of the path of the executed program, 0 unknown.
 * of: id of the request, only with TLOG_RESOLVED. abs must stay valid as long as the writer
 * (a pathset's text): later paths are stored against it.
 */
int64_t tlog_put_path(struct tlog_writer *w, uint32_t ops, uint32_t by, uint32_t of,
		      const char *abs, size_t len) MUST_CHECK;
/* True if the file has no name any more: what is written to it nobody will read. */
bool tlog_writer_deleted(const struct tlog_writer *w);
/* The id that the next path will get. */
uint32_t tlog_writer_next_id(const struct tlog_writer *w);
int tlog_put_seen(struct tlog_writer *w, uint32_t id, uint32_t ops, uint32_t by,
		  uint32_t of) MUST_CHECK;
int tlog_put_note(struct tlog_writer *w, enum tlog_note code, uint64_t count,
		  const char *text) MUST_CHECK;
/*
 * Notes of misses, all of them in one frame or none (at most TLOG_MISSES_MAX): looks of program by
 * (0 unknown) for path id.
 */
#define TLOG_MISSES_MAX 256
struct tlog_misses {
	uint64_t count;
	uint32_t by, id;
};
int tlog_put_misses(struct tlog_writer *w, const struct tlog_misses *misses,
		    size_t n) MUST_CHECK;
int tlog_put_end(struct tlog_writer *w, const struct tlog_field *fields, size_t n) MUST_CHECK;

/* ---- the file: tlog_create.c ---------------------------------------------------------- */

/*
 * Creates DIR/STEM-TIME-RANDOM.tlog, never an existing file (O_EXCL, 64 random bits: host name
 * and pid are alike in all containers of a pod). stem: any text, cleaned. *name: the file's
 * name, the caller frees. Returns the fd (close-on-exec) or -errno.
 */
int tlog_create(const char *dir, const char *stem, char **name) MUST_CHECK;

/* ---- reading: tlog_read.c ------------------------------------------------------------- */

enum tlog_state {
	TLOG_COMPLETE, /* each section ends with END */
	TLOG_CUT,      /* ends without END, or within a frame: normal after a kill */
	TLOG_DAMAGED,  /* a frame or record is wrong; all before it is good */
};

/* One record; strings live as long as the reader. */
struct tlog_record {
	enum tlog_kind kind;
	uint32_t id;	  /* PATH, SEEN */
	uint32_t ops;	  /* PATH, SEEN: enum tlog_op bits */
	uint32_t by;	  /* PATH, SEEN: id or 0 */
	uint32_t of;	  /* PATH, SEEN: id or 0 */
	const char *path; /* PATH, SEEN: NUL-terminated abs */
	size_t path_len;
	unsigned int code; /* NOTE; enum tlog_note, or a newer one */
	uint64_t count;	   /* NOTE */
	const char *text;  /* NOTE: NUL-terminated; only until the next tlog_next() */
	const struct tlog_field *fields; /* HEADER, END */
	size_t n_fields;
};

struct tlog_reader;

/*
 * Takes a log in memory (borrowed, must outlive the reader). -EBADMSG when it does not begin
 * with the magic (a cut magic too: such a file holds nothing).
 */
int tlog_reader_new(const void *data, size_t len, struct tlog_reader **r) MUST_CHECK;
void tlog_reader_free(struct tlog_reader *r);
/* 1 with the next record, 0 at the end (see tlog_reader_state). Never fails otherwise. */
int tlog_next(struct tlog_reader *r, struct tlog_record *record);
/* After tlog_next() returned 0: how it ended, at which byte, and why if damaged (static). */
enum tlog_state tlog_reader_state(const struct tlog_reader *r, size_t *offset,
				  const char **reason);
/* Text of path id (1 .. paths so far), for `by` and `of`; NULL for 0 or one not there. */
const char *tlog_reader_path(const struct tlog_reader *r, uint32_t id);

/*
 * For copying a log that is being written: how many of these bytes are whole frames. data
 * begins with the magic if at_start, else with a frame. All of them where no frame can begin.
 */
size_t tlog_whole_frames(const char *data, size_t len, bool at_start) MUST_CHECK;

/* The first field of that key, or NULL. */
const char *tlog_field_get(const struct tlog_field *fields, size_t n, const char *key);

/* ---- names: tlog_names.c -------------------------------------------------------------- */

/* "read,stat" (size >= 128), and back: the bits, or 0 when a word is unknown. */
void tlog_ops_format(uint32_t ops, char *out, size_t size);
uint32_t tlog_ops_parse(const char *text);
/* "unreadable" or "note-N"; and back, 0 when unknown. */
const char *tlog_note_name(unsigned int code);
unsigned int tlog_note_parse(const char *name);

/* A name that tlog_create() could have made: *.tlog, no slash, no dot first, plain letters. */
bool tlog_name_valid(const char *name) MUST_CHECK;

/*
 * A stream of logs (tlog-format.md, 8) begins with this line and ends with TLOG_STREAM_END; each
 * piece is "log OFFSET LENGTH NAME\n" and LENGTH bytes.
 */
#define TLOG_STREAM_MAGIC "imcat1\n"
#define TLOG_STREAM_END	  "end\n"

/* CRC32C (Castagnoli) of data, going on from crc (0 at the start). */
uint32_t tlog_crc32c(uint32_t crc, const void *data, size_t len);
