/* What mock and driver share: time, sockets, connections by epoll, percentiles.

   One thread each, no allocation on the hot path: the two must cost far less than what they measure. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MARK "~T"        /* before the time of writing in each event */
#define MARK_DIGITS 19   /* nanoseconds of CLOCK_MONOTONIC */

static inline int64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Write a number with leading zeros in place. */
static inline void put_digits(char *at, int count, int64_t value) {
  while (count-- > 0) { at[count] = '0' + value % 10; value /= 10; }
}

static inline int64_t get_digits(const char *at, int count) {
  int64_t value = 0;
  for (int i = 0; i < count; i++) {
    if (at[i] < '0' || at[i] > '9') return -1;
    value = value * 10 + (at[i] - '0');
  }
  return value;
}

static inline void fail(const char *what) { perror(what); exit(1); }

static inline struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  return address;
}

static inline void no_delay(int fd) {
  int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static inline void watch(int poll, int how, int fd, uint32_t events, void *data) {
  struct epoll_event event = {.events = events, .data.ptr = data};
  if (epoll_ctl(poll, how, fd, &event)) fail("epoll_ctl");
}

/* Wait until something happens, or until a time (INT64_MAX: for ever). */
static inline int wait_until(int poll, struct epoll_event *events, int count, int64_t until) {
  int64_t left = until == INT64_MAX ? 3600000000000LL : until - now_ns();
  if (left < 0) left = 0;
  struct timespec time = {left / 1000000000, left % 1000000000};
  return epoll_pwait2(poll, events, count, &time, NULL);
}

static inline void prepare_process(void) {
  signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_TIMERSLACK, 1);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

typedef struct { float *values; long count, room; } samples; /* microseconds */

static inline void sample(samples *all, double value) {
  if (all->count == all->room) {
    all->room = all->room ? all->room * 2 : 1 << 16;
    all->values = realloc(all->values, all->room * sizeof *all->values);
  }
  all->values[all->count++] = value;
}

static int by_value(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

/* Sort, then print as "name_p50": ..., "name_p99": ... */
static inline void print_percentiles(const char *name, samples *all) {
  qsort(all->values, all->count, sizeof *all->values, by_value);
  const double shares[] = {0.5, 0.99};
  for (int i = 0; i < 2; i++)
    printf(", \"%s_p%g\": %.1f", name, shares[i] * 100, all->count ? all->values[(long)(shares[i] * (all->count - 1) + 0.5)] : -1.0);
}
