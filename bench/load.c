/* A small load generator for one machine: prebuilt HTTP/1.1 requests over kept-alive loopback connections.
 *
 *   load PORT FILE FIRST COUNT CONNECTIONS SECONDS WARMUP RATE NEEDLE
 *
 * FILE holds requests one behind the other, each as a little-endian 32-bit length and that many bytes. Requests
 * FIRST .. FIRST+COUNT-1 are sent, each once, for at most WARMUP + SECONDS; only the last SECONDS are measured.
 * RATE 0 is a closed loop: every connection sends its next request when it has its answer. Any other RATE is an
 * open loop: request i is due at start + i / RATE, and its latency counts from that instant, also when no
 * connection was free then, so that a stalled server cannot hide its stall. Answers must have Content-Length.
 * NEEDLE is looked for in every body; how many held it is reported. One thread, epoll; prints one JSON object.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CONNECTIONS = 1024, ROOM = 256 * 1024, CONNECT_SECONDS = 10, ANSWER_SECONDS = 15 };

typedef struct {
    int fd;
    int waiting;       /* an answer is on its way */
    uint32_t sent;     /* bytes of the request that left already */
    uint64_t request;  /* its number in the file */
    int64_t due_ns;    /* when it was, or should have been, begun */
    size_t got;        /* bytes of the answer */
    size_t need;       /* whole length of the answer, 0 until its head is complete */
    size_t head;       /* length of the head */
    char *in;
} Connection;

static const unsigned char *file_bytes;
static const unsigned char **requests;
static Connection connections[MOST_CONNECTIONS];
static int epoll, first_failure_status, idle_count, idle[MOST_CONNECTIONS];
static uint64_t next_request, end_request, answered, measured, statuses[6], held_needle, failures, late_begun;
static int64_t measure_from_ns, stop_at_ns;
static uint32_t *latencies_us;
static const char *needle;
static char first_failure_body[512];

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void die(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, errno ? strerror(errno) : "unexpected");
    exit(1);
}

static void watch(Connection *c, uint32_t events, int operation) {
    struct epoll_event event = {.events = events, .data.ptr = c};
    if (epoll_ctl(epoll, operation, c->fd, &event) < 0) die("epoll_ctl");
}

static void push(Connection *c) {
    const unsigned char *at = requests[c->request];
    uint32_t length;
    memcpy(&length, at, 4);
    while (c->sent < length) {
        ssize_t n = send(c->fd, at + 4 + c->sent, length - c->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            watch(c, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
            return;
        }
        if (n <= 0) die("send");
        c->sent += (uint32_t)n;
    }
}

static void begin(Connection *c, int64_t due_ns) {
    c->waiting = 1;
    c->sent = 0;
    c->got = c->need = c->head = 0;
    c->request = next_request++;
    c->due_ns = due_ns;
    push(c);
}

static size_t content_length(const char *head, size_t length) {
    const char *end = head + length;
    for (const char *line = memchr(head, '\n', length); line && line + 16 < end; line = memchr(line, '\n', (size_t)(end - line))) {
        line++;
        if (!strncasecmp(line, "content-length:", 15)) return strtoul(line + 15, NULL, 10);
    }
    fprintf(stderr, "load: an answer without Content-Length: %.*s\n", (int)length, head);
    exit(1);
}

/* 1 when a whole answer was read. */
static int pull(Connection *c) {
    for (;;) {
        ssize_t n = recv(c->fd, c->in + c->got, ROOM - c->got, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
        if (n < 0) die("recv");
        if (n == 0) {
            errno = 0;
            die("the server closed a connection");
        }
        c->got += (size_t)n;
        if (!c->need) {
            char *end = memmem(c->in, c->got, "\r\n\r\n", 4);
            if (end) {
                c->head = (size_t)(end - c->in) + 4;
                c->need = c->head + content_length(c->in, c->head);
                if (c->need > ROOM) {
                    errno = 0;
                    die("an answer is too long");
                }
            }
        }
        if (c->need && c->got >= c->need) return 1;
    }
}

static void finish(Connection *c, int64_t now) {
    int status = atoi(c->in + 9);
    answered++;
    c->waiting = 0;
    if (status < 200 || status > 299) {
        failures++;
        if (!first_failure_status) {
            first_failure_status = status;
            size_t n = c->need - c->head < sizeof first_failure_body - 1 ? c->need - c->head : sizeof first_failure_body - 1;
            for (size_t i = 0; i < n; i++) {
                char letter = c->in[c->head + i];
                first_failure_body[i] = letter < ' ' || letter == '"' || letter == '\\' ? '\'' : letter;
            }
        }
    }
    if (now < measure_from_ns || now > stop_at_ns) return;
    int64_t us = (now - c->due_ns) / 1000;
    latencies_us[measured++] = us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
    statuses[status / 100 < 6 ? status / 100 : 0]++;
    if (*needle && memmem(c->in + c->head, c->need - c->head, needle, strlen(needle))) held_needle++;
}

static int compare(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static double quantile_ms(double q) {
    if (!measured) return 0;
    uint64_t place = (uint64_t)(q * (double)measured);
    return latencies_us[place < measured ? place : measured - 1] / 1000.0;
}

int main(int argc, char **argv) {
    if (argc != 10) {
        fprintf(stderr, "usage: load PORT FILE FIRST COUNT CONNECTIONS SECONDS WARMUP RATE NEEDLE\n");
        return 2;
    }
    int port = atoi(argv[1]), count = atoi(argv[5]);
    uint64_t first = strtoull(argv[3], NULL, 10), wanted = strtoull(argv[4], NULL, 10);
    double seconds = atof(argv[6]), warmup = atof(argv[7]), rate = atof(argv[8]);
    needle = argv[9];
    if (count < 1 || count > MOST_CONNECTIONS) die("CONNECTIONS: expected 1 to 1024");

    int file = open(argv[2], O_RDONLY);
    struct stat stat;
    if (file < 0 || fstat(file, &stat) < 0) die(argv[2]);
    file_bytes = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (file_bytes == MAP_FAILED) die("mmap");
    requests = calloc(wanted ? wanted : 1, sizeof *requests);
    latencies_us = calloc(wanted ? wanted : 1, sizeof *latencies_us);
    if (!requests || !latencies_us) die("calloc");
    uint64_t number = 0;
    for (off_t at = 0; at + 4 <= stat.st_size && number < first + wanted; number++) {
        uint32_t length;
        memcpy(&length, file_bytes + at, 4);
        if (at + 4 + (off_t)length > stat.st_size) {
            errno = 0;
            die("FILE: a length reaches past the end");
        }
        if (number >= first) requests[number - first] = file_bytes + at;
        at += 4 + (off_t)length;
    }
    end_request = number > first ? number - first : 0;

    epoll = epoll_create1(0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (int i = 0; i < count; i++) {
        Connection *c = &connections[i];
        int one = 1;
        struct timeval patience = {.tv_sec = CONNECT_SECONDS};
        c->fd = socket(AF_INET, SOCK_STREAM, 0);
        c->in = malloc(ROOM);
        if (c->fd < 0 || !c->in) die("socket");
        setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0) die("connect");
        fcntl(c->fd, F_SETFL, O_NONBLOCK);
        watch(c, EPOLLIN, EPOLL_CTL_ADD);
        idle[idle_count++] = i;
    }
    int timer = -1;
    if (rate > 0) {
        timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
        if (timer < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event) < 0) die("timerfd");
    }

    int64_t start = now_ns(), last_answer = start;
    measure_from_ns = start + (int64_t)(warmup * 1e9);
    stop_at_ns = measure_from_ns + (int64_t)(seconds * 1e9);
    int exhausted = 0;
    struct epoll_event events[MOST_CONNECTIONS];
    for (;;) {
        int64_t now = now_ns();
        while (idle_count && now < stop_at_ns) {
            if (next_request >= end_request) {
                exhausted = 1;
                break;
            }
            int64_t due = rate > 0 ? start + (int64_t)((double)next_request * 1e9 / rate) : now;
            if (due > now) {
                struct itimerspec at = {.it_value = {.tv_sec = due / 1000000000, .tv_nsec = due % 1000000000}};
                timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
                break;
            }
            if (now - due > 1000000 && rate > 0) late_begun++;
            begin(&connections[idle[--idle_count]], due);
        }
        if (idle_count == count && (exhausted || now >= stop_at_ns)) break;
        if (now - last_answer > (int64_t)ANSWER_SECONDS * 1000000000) {
            errno = 0;
            die("no answer for 15 seconds");
        }
        int n = epoll_wait(epoll, events, count + 1, 100);
        if (n < 0 && errno != EINTR) die("epoll_wait");
        now = now_ns();
        for (int i = 0; i < n; i++) {
            Connection *c = events[i].data.ptr;
            if (!c) {
                uint64_t ticks;
                if (read(timer, &ticks, sizeof ticks) < 0 && errno != EAGAIN) die("timerfd");
                continue;
            }
            if (events[i].events & EPOLLOUT) {
                watch(c, EPOLLIN, EPOLL_CTL_MOD);
                push(c);
            }
            if ((events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && pull(c)) {
                last_answer = now = now_ns();
                finish(c, now);
                idle[idle_count++] = (int)(c - connections);
            }
        }
    }
    int64_t end = exhausted && last_answer < stop_at_ns ? last_answer : stop_at_ns;
    double lasted = (double)(end - measure_from_ns) / 1e9;
    qsort(latencies_us, measured, sizeof *latencies_us, compare);
    printf("{\"connections\":%d,\"rate\":%.1f,\"seconds\":%.3f,\"sent\":%llu,\"measured\":%llu,\"per_second\":%.1f,"
           "\"p50_ms\":%.3f,\"p90_ms\":%.3f,\"p99_ms\":%.3f,\"p999_ms\":%.3f,\"max_ms\":%.3f,"
           "\"status_2xx\":%llu,\"status_4xx\":%llu,\"status_5xx\":%llu,\"failures\":%llu,\"held_needle\":%llu,"
           "\"begun_late\":%llu,\"exhausted\":%s,\"first_failure\":\"%d %s\"}\n",
           count, rate, lasted, (unsigned long long)next_request, (unsigned long long)measured,
           lasted > 0 ? (double)measured / lasted : 0, quantile_ms(0.5), quantile_ms(0.9), quantile_ms(0.99),
           quantile_ms(0.999), quantile_ms(1.0), (unsigned long long)statuses[2], (unsigned long long)statuses[4],
           (unsigned long long)statuses[5], (unsigned long long)failures, (unsigned long long)held_needle,
           (unsigned long long)late_begun, exhausted ? "true" : "false", first_failure_status, first_failure_body);
    return 0;
}
