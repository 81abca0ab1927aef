#pragma once

/*
 * Counts a signal from now on, instead of what it did before. Returns the eventfd(2) that has the count, always the same
 * one for a signal; -1 when the system has no descriptor left.
 */
int dbauth_count_signal(int number);
