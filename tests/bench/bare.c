/*
 * The reference of the HTTP measurements: libmicrohttpd as it comes, answering every
 * request with the same bytes from memory. usage: bare PORT POOL FILE CONTENT-TYPE
 */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct MHD_Response *response;

static enum MHD_Result answer(void *cls, struct MHD_Connection *c, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *len, void **con_cls)
{
    static int seen;

    (void)cls;
    (void)url;
    (void)method;
    (void)version;
    (void)data;
    (void)len;
    if (!*con_cls) {
        *con_cls = &seen;
        return MHD_YES;
    }
    return MHD_queue_response(c, MHD_HTTP_OK, response);
}

int main(int argc, char **argv)
{
    static char bytes[1 << 20];
    FILE *in = argc == 5 ? fopen(argv[3], "r") : NULL;
    size_t n = in ? fread(bytes, 1, sizeof bytes, in) : 0;
    struct MHD_Daemon *daemon;

    if (!n) {
        fputs("usage: bare PORT POOL FILE CONTENT-TYPE\n", stderr);
        return 2;
    }
    fclose(in);
    response = MHD_create_response_from_buffer(n, bytes, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, argv[4]);
    daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD,
                              (unsigned short)strtol(argv[1], NULL, 10), NULL, NULL, answer, NULL,
                              MHD_OPTION_THREAD_POOL_SIZE, (unsigned)strtol(argv[2], NULL, 10),
                              MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)32768, MHD_OPTION_END);
    if (!daemon)
        return 1;
    pause();
    return 0;
}
