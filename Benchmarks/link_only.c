/*
 * A measure for start-up: a program that links the libraries that dbauth-admin uses, and exits.
 *
 * Built by `make bench` with -Wl,--no-as-needed, so that the loader maps libpq, libssl, libcrypto, libcares and libstdc++ and
 * everything they need, although nothing here calls them. What is left is the work of the kernel and the dynamic
 * loader. dbauth-admin loads libpq when it first calls it; this program, as most do, at its start.
 *
 *   cc -O2 -Wall -Wextra -o link_only Benchmarks/link_only.c -Wl,--no-as-needed -lpq -lssl -lcrypto -lcares -lstdc++ -lm
 */
int main(void) { return 0; }
