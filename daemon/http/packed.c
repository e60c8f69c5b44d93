#include "http/packed.h"
#include "base/ceilings.h"

#include <string.h>
#include <zlib.h>

enum { GZIP = 16, LEVEL = 6, MEMORY = 8, WORTH = 1000 };

bool packed(struct buf *b)
{
    z_stream z;
    struct buf out;
    unsigned char chunk[16384];
    int rc = Z_OK;

    if (b->over || b->len < WORTH)
        return false;
    memset(&z, 0, sizeof z);
    if (deflateInit2(&z, LEVEL, Z_DEFLATED, MAX_WBITS + GZIP, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    buf_init(&out, RESPONSE_MAX);
    z.next_in = (unsigned char *)b->data;
    z.avail_in = (unsigned)b->len;
    while (rc == Z_OK && !out.over) {
        z.next_out = chunk;
        z.avail_out = sizeof chunk;
        rc = deflate(&z, Z_FINISH);
        buf_add(&out, (const char *)chunk, sizeof chunk - z.avail_out);
    }
    deflateEnd(&z);
    if (rc != Z_STREAM_END || out.over || out.len >= b->len) {
        buf_clear(&out);
        return false;
    }
    buf_clear(b);
    *b = out;
    return true;
}
