"""Mutation runs: the program with inputs that are almost right."""
