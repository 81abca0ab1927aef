#pragma once
#include <stdint.h>
#include <sys/epoll.h>

/* An epoll instance that watches one descriptor for reading or writing, and for errors in either case; -1 without one. */
static inline int dbauth_epoll_watching(int descriptor, int for_writing) {
  int instance = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = (uint32_t)(for_writing ? EPOLLOUT : EPOLLIN)};
  if (instance >= 0) epoll_ctl(instance, EPOLL_CTL_ADD, descriptor, &event);
  return instance;
}
