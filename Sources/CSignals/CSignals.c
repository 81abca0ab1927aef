#include "CSignals.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* One more than the descriptor: 0 is none. */
static volatile sig_atomic_t counters[NSIG];

/* Calls nothing but write(2), which a handler may: signal-safety(7). */
static void count(int number) {
  int before = errno;
  uint64_t one = 1;
  ssize_t written = write(counters[number] - 1, &one, sizeof one);
  (void)written;
  errno = before;
}

int dbauth_count_signal(int number) {
  if (number < 1 || number >= NSIG) return -1;
  if (counters[number] == 0) counters[number] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) + 1;
  if (counters[number] == 0) return -1;
  struct sigaction action = {.sa_handler = count, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  return sigaction(number, &action, NULL) == 0 ? counters[number] - 1 : -1;
}
