/*
 * The floor for start-up: a program that links the libraries dbauth-admin links, and exits.
 *
 * Built by `make bench` with -Wl,--no-as-needed, so that the loader maps libpq, libssl, libcrypto, libcares and libstdc++ and
 * everything they need, although nothing here calls them. What is left is the work of the kernel and the dynamic
 * loader, which no program with these libraries can avoid.
 *
 *   cc -O2 -Wall -Wextra -o link_only Benchmarks/link_only.c -Wl,--no-as-needed -lpq -lssl -lcrypto -lcares -lstdc++ -lm
 */
int main(void) { return 0; }
