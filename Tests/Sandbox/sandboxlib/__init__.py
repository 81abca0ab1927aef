"""PostgreSQL servers on loopback that behave like Amazon RDS, for tests and for experiments."""
