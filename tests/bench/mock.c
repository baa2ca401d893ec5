/* mock PORT: an assistant with an OpenAI-like chat API that costs nearly nothing.

   A POST without "stream":true gets a completion of 2 KB. With it, an event stream over chunked coding: of the model
   "bench-N-I" N events, I microseconds apart. Each event carries the time at which it was written. All streams of a run
   have the same interval, so that the queue of due times is first in, first out. A body of more than 16 KB is not looked at. */
#include "common.h"

enum { IN_SIZE = 16 * 1024, OUT_SIZE = 256 * 1024, CONNECTIONS = 4096 };

typedef struct connection {
  int fd, length, left;      /* left: events still to send */
  int waiting;               /* bytes in `out` that the socket did not take */
  int64_t due, interval;
  int queued;                /* the queue holds it: freed when it comes out */
  long upload;               /* bytes of a body too long for `in` that are still to come: thrown away */
  char in[IN_SIZE];
  char *out;
} connection;

static int poll_fd;
static connection *queue[CONNECTIONS * 2];
static int head, tail;
static char whole[4096], event[1024], stream_head[256];
static int whole_length, event_length, mark_at, stream_head_length;
static const char stream_end[] = "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n";

static void build(void) {
  char text[1700], body[2600], data[512];
  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = 0;
  for (int i = 7; i < 1690; i += 8) text[i] = ' ';
  int length = sprintf(body,
      "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"bench\",\"choices\":[{\"index\":0,"
      "\"message\":{\"role\":\"assistant\",\"content\":\"%s\"},\"finish_reason\":\"stop\"}],"
      "\"usage\":{\"prompt_tokens\":230,\"completion_tokens\":300,\"total_tokens\":530}}", text);
  whole_length = sprintf(whole, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", length, body);
  length = sprintf(data,
      "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"bench\","
      "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" MARK "%0*d word\"},\"finish_reason\":null}]}\n\n", MARK_DIGITS, 0);
  event_length = sprintf(event, "%x\r\n%s\r\n", length, data);
  mark_at = (int)(strstr(event, MARK) - event) + (int)strlen(MARK);
  stream_head_length = sprintf(stream_head, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
}

static void leave(connection *c) {
  if (c->fd >= 0) close(c->fd);
  c->fd = -1;
  if (c->queued) return;
  free(c->out);
  free(c);
}

static void send_all(connection *c, const char *data, int length) {
  int sent = 0;
  if (!c->waiting) {
    sent = send(c->fd, data, length, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) { close(c->fd); c->fd = -1; return; }
    if (sent < 0) sent = 0;
    if (sent == length) return;
    watch(poll_fd, EPOLL_CTL_MOD, c->fd, EPOLLIN | EPOLLOUT, c);
  }
  if (!c->out) c->out = malloc(OUT_SIZE);
  if (c->waiting + length - sent > OUT_SIZE) { close(c->fd); c->fd = -1; return; }  /* a reader this slow is broken */
  memcpy(c->out + c->waiting, data + sent, length - sent);
  c->waiting += length - sent;
}

static void send_waiting(connection *c) {
  int sent = send(c->fd, c->out, c->waiting, MSG_NOSIGNAL);
  if (sent < 0) return;
  memmove(c->out, c->out + sent, c->waiting -= sent);
  if (!c->waiting) watch(poll_fd, EPOLL_CTL_MOD, c->fd, EPOLLIN, c);
}

static void enqueue(connection *c) {
  c->queued = 1;
  queue[tail] = c;
  tail = (tail + 1) % (CONNECTIONS * 2);
}

static void send_event(connection *c) {
  put_digits(event + mark_at, MARK_DIGITS, now_ns());
  send_all(c, event, event_length);
  if (--c->left) { c->due += c->interval; enqueue(c); }
  else if (c->fd >= 0) send_all(c, stream_end, sizeof stream_end - 1);
}

static void answer(connection *c, const char *body, int length) {
  if (!memmem(body, length, "\"stream\":true", 13)) { send_all(c, whole, whole_length); return; }
  const char *model = memmem(body, length, "bench-", 6);
  long interval = 20000;
  c->left = 200;
  if (model) { char *end; c->left = strtol(model + 6, &end, 10); if (*end == '-') interval = strtol(end + 1, NULL, 10); }
  c->interval = interval * 1000;
  c->due = now_ns();
  send_all(c, stream_head, stream_head_length);
  if (c->fd >= 0) send_event(c);
}

/* Returns 1 when all of a long body has come. */
static int skip_upload(connection *c, int got) {
  c->upload -= got;
  c->length = 0;
  return c->upload <= 0;
}

/* Whole requests in the buffer; the driver sends Content-Length and never a second one before the answer. */
static void read_requests(connection *c) {
  int got = recv(c->fd, c->in + c->length, IN_SIZE - 1 - c->length, 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) { leave(c); return; }
  if (c->upload) {
    if (skip_upload(c, got)) send_all(c, whole, whole_length);
    return;
  }
  c->length += got;
  c->in[c->length] = 0;
  char *end = strstr(c->in, "\r\n\r\n");
  if (!end) return;
  char *field = strcasestr(c->in, "\r\ncontent-length:");
  int size = field && field < end ? atoi(field + 17) : 0;
  int whole_request = (int)(end + 4 - c->in) + size;
  if (whole_request >= IN_SIZE) { c->upload = whole_request; skip_upload(c, c->length); return; }
  if (c->length < whole_request) return;
  answer(c, end + 4, size);
  c->length = 0;
  if (c->fd < 0) leave(c);
}

int main(int argc, char **argv) {
  prepare_process();
  build();
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in address = loopback(argc > 1 ? atoi(argv[1]) : 0);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) fail("mock: listen");
  poll_fd = epoll_create1(0);
  watch(poll_fd, EPOLL_CTL_ADD, listener, EPOLLIN, NULL);
  static struct epoll_event events[1024];
  for (;;) {
    int count = wait_until(poll_fd, events, 1024, head == tail ? INT64_MAX : queue[head]->due);
    for (int i = 0; i < count; i++) {
      connection *c = events[i].data.ptr;
      if (!c) {
        int fd;
        while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
          no_delay(fd);
          c = calloc(1, sizeof *c);
          c->fd = fd;
          watch(poll_fd, EPOLL_CTL_ADD, fd, EPOLLIN, c);
        }
        continue;
      }
      if (events[i].events & EPOLLOUT) send_waiting(c);
      if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_requests(c);
    }
    while (head != tail && queue[head]->due <= now_ns()) {
      connection *c = queue[head];
      head = (head + 1) % (CONNECTIONS * 2);
      c->queued = 0;
      if (c->fd >= 0) send_event(c);
      if (c->fd < 0 && !c->queued) leave(c);
    }
  }
}
