/* drive PORT requests CONNECTIONS SECONDS RATE    JSON turns; RATE a second in an open loop, 0: as fast as answers come
   drive PORT streams  CONNECTIONS EVENTS INTERVAL each connection one stream of EVENTS events, INTERVAL microseconds apart

   Prints one line of JSON, times in microseconds. In the open loop latency counts from the time a request was due. The delay
   of an event is the time between the mock's write and our read. Users and conversations change: 4 turns a conversation. */
#include "common.h"

enum { BUFFER = 64 * 1024, RAMP_NS = 1000000000 };

typedef struct {
  int fd, length, busy, done, first;
  int64_t since;
  char in[BUFFER];
} connection;

static int port, poll_fd, count, streams;
static connection *all;
static char request[4096];
static int request_length, number_at, user_at;
static long sent, ok, bad, lost;  /* bad: another status than 200; lost: no whole answer */
static samples latency, first_event, delay;
static int64_t steady_from, steady_until;  /* all streams are open, none has ended */
static long steady_events;

static void build(long events, long interval) {
  char filler[521], body[2048];
  memset(filler, 'y', sizeof filler - 1);
  filler[sizeof filler - 1] = 0;
  for (int i = 6; i < 515; i += 7) filler[i] = ' ';
  int length = sprintf(body,
      "{\"model\":\"bench-%ld-%ld\",\"messages\":[{\"role\":\"system\",\"content\":\"You are the assistant of a benchmark. Answer "
      "briefly, and always the same.\"},{\"role\":\"user\",\"content\":\"%s\"}],\"temperature\":0.2,%s\"user\":\"user-0000\","
      "\"metadata\":{\"conversation_id\":\"conversation-0000000000\"}}", events, interval, filler, streams ? "\"stream\":true," : "");
  request_length = sprintf(request,
      "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\nAccept: */*\r\n"
      "Authorization: Bearer sk-bench\r\nUser-Agent: bench\r\nContent-Length: %d\r\n\r\n%s", port, length, body);
  user_at = (int)(strstr(request, "\"user-0000") - request) + 6;
  number_at = (int)(strstr(request, "conversation-0") - request) + 13;
}

static void start(connection *c, int64_t since) {
  put_digits(request + user_at, 4, sent / 4 % 200);
  put_digits(request + number_at, 10, now_ns() / 1000000 / 4000 * 100000 + sent / 4 % 100000);  /* runs do not meet */
  sent++;
  c->busy = 1;
  c->length = c->done = c->first = 0;
  c->since = since;
  if (send(c->fd, request, request_length, MSG_NOSIGNAL) != request_length) { c->busy = 0; lost++; }
}

static void open_connection(connection *c) {
  struct sockaddr_in address = loopback(port);
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(c->fd, (struct sockaddr *)&address, sizeof address)) fail("drive: connect");
  no_delay(c->fd);
  watch(poll_fd, EPOLL_CTL_ADD, c->fd, EPOLLIN, c);
}

/* Returns 1 when the whole answer is there. */
static int read_answer(connection *c) {
  char *end = memmem(c->in, c->length, "\r\n\r\n", 4);
  if (!end) return 0;
  char *field = strcasestr(c->in, "\r\ncontent-length:");
  return field && field < end && c->length >= end + 4 - c->in + atoi(field + 17);
}

/* Samples the events in the buffer and keeps what may be the beginning of another; returns 1 at the end. */
static int read_events(connection *c, int64_t now) {
  char *at = c->in, *end = c->in + c->length, *mark;
  const int size = strlen(MARK) + MARK_DIGITS;
  while ((mark = memmem(at, end - at, MARK, strlen(MARK))) && end - mark >= size) {
    int64_t written = get_digits(mark + strlen(MARK), MARK_DIGITS);
    if (!c->first++) sample(&first_event, (now - c->since) / 1e3);
    sample(&delay, (now - written) / 1e3);
    steady_events += now >= steady_from && now < steady_until;
    at = mark + size;
  }
  if (memmem(at, end - at, "[DONE]", 6)) return 1;
  char *keep = mark ? mark : end - size > at ? end - size : at;
  memmove(c->in, keep, c->length = end - keep);
  return 0;
}

static void on_readable(connection *c) {
  int got = recv(c->fd, c->in + c->length, BUFFER - 1 - c->length, MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN) return;
  int64_t now = now_ns();
  if (got <= 0) {
    lost += c->busy;
    close(c->fd);
    c->busy = 0;
    c->done = 1;
    if (!streams) { open_connection(c); c->done = 0; }
    return;
  }
  if (c->length == 0 && c->first == 0 && (got < 12 || memcmp(c->in + 9, "200", 3))) bad++;
  c->length += got;
  c->in[c->length] = 0;
  if (streams ? !read_events(c, now) : !read_answer(c)) return;
  ok++;
  c->busy = 0;
  c->length = 0;
  if (streams) { close(c->fd); c->done = 1; }
  else sample(&latency, (now - c->since) / 1e3);
}

static void poll_once(int64_t until) {
  static struct epoll_event events[512];
  int ready = wait_until(poll_fd, events, 512, until);
  for (int i = 0; i < ready; i++) on_readable(events[i].data.ptr);
}

static void run_requests(double seconds, double rate) {
  for (int i = 0; i < count; i++) open_connection(&all[i]);
  int64_t begin = now_ns(), end = begin + seconds * 1e9;
  for (int64_t now = begin; now < end; now = now_ns()) {
    int64_t due = now;
    for (int i = 0; i < count; i++) {
      if (all[i].busy) continue;
      due = rate > 0 ? begin + (int64_t)(sent * 1e9 / rate) : now;
      if (due > now) break;
      start(&all[i], due);
    }
    poll_once(due > now && due < end ? due : end);
  }
  double took = (now_ns() - begin) / 1e9;
  long answered = ok;
  for (int64_t limit = now_ns() + 2000000000; ok + lost < sent && now_ns() < limit;) poll_once(limit);
  printf("{\"sent\": %ld, \"ok\": %ld, \"errors\": %ld, \"per_second\": %.1f", sent, ok, bad + sent - ok, answered / took);
  print_percentiles("latency", &latency);
}

static void run_streams(long events, long interval) {
  int opened = 0;
  int64_t begin = now_ns(), end = begin + RAMP_NS + events * interval * 1000LL + 10000000000LL;
  steady_from = begin + RAMP_NS + 200000000;
  steady_until = begin + events * interval * 1000LL - 200000000;
  while (ok + lost < count && now_ns() < end) {
    int64_t due = begin + (int64_t)opened * RAMP_NS / count;
    if (opened < count && due <= now_ns()) {
      open_connection(&all[opened]);
      start(&all[opened++], now_ns());
      continue;
    }
    poll_once(opened < count ? due : end);
  }
  printf("{\"sent\": %ld, \"ok\": %ld, \"errors\": %ld, \"events\": %ld", sent, ok, bad + sent - ok, delay.count);
  double window = (steady_until - steady_from) / 1e9;
  printf(", \"per_second\": %.1f", window > 0 ? steady_events / window : -1.0);
  print_percentiles("first", &first_event);
  print_percentiles("delay", &delay);
}

int main(int argc, char **argv) {
  if (argc != 6) { fprintf(stderr, "usage: drive PORT requests|streams CONNECTIONS ...\n"); return 2; }
  prepare_process();
  port = atoi(argv[1]);
  streams = !strcmp(argv[2], "streams");
  count = atoi(argv[3]);
  all = calloc(count, sizeof *all);
  poll_fd = epoll_create1(0);
  build(streams ? atol(argv[4]) : 0, streams ? atol(argv[5]) : 0);
  if (streams) run_streams(atol(argv[4]), atol(argv[5]));
  else run_requests(atof(argv[4]), atof(argv[5]));
  printf("}\n");
  return 0;
}
