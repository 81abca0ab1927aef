-- A small application as one finds it: its role logs in with a password and owns everything.
SET client_min_messages = warning;
CREATE ROLE shop LOGIN PASSWORD :'password';
CREATE ROLE reporting NOLOGIN;
GRANT USAGE, CREATE ON SCHEMA public TO shop;
SET ROLE shop;
CREATE TYPE status AS ENUM ('open', 'paid', 'shipped');
CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY,
  customer bigint REFERENCES customers,
  status status NOT NULL DEFAULT 'open',
  placed date NOT NULL DEFAULT current_date,
  PRIMARY KEY (id, placed)
) PARTITION BY RANGE (placed);
CREATE TABLE orders_2026 PARTITION OF orders FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE orders_other PARTITION OF orders DEFAULT;
CREATE VIEW open_orders AS SELECT * FROM orders WHERE status = 'open';
CREATE MATERIALIZED VIEW order_counts AS SELECT customer, count(*) AS orders FROM orders GROUP BY customer;
CREATE FUNCTION total_orders() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM orders';
GRANT SELECT ON customers, open_orders TO reporting;
INSERT INTO customers (name) VALUES ('Ada'), ('Grace');
