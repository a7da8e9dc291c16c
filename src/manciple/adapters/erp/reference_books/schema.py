"""The reference ERP's tables. Quantities and amounts are exact decimals, kept as text."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS supplier (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, currency TEXT NOT NULL,
  blocked INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS item (
  id TEXT PRIMARY KEY, description TEXT NOT NULL, category TEXT NOT NULL, unit TEXT NOT NULL,
  stocked INTEGER NOT NULL, gtin TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pack (
  item TEXT NOT NULL REFERENCES item (id), unit TEXT NOT NULL, content TEXT NOT NULL,
  PRIMARY KEY (item, unit)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS site (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, company TEXT NOT NULL, city TEXT NOT NULL,
  zone TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS offer (
  supplier TEXT NOT NULL REFERENCES supplier (id), item TEXT NOT NULL REFERENCES item (id),
  valid_from TEXT NOT NULL, valid_to TEXT, supplier_item TEXT, price TEXT NOT NULL,
  per TEXT NOT NULL, per_unit TEXT NOT NULL, currency TEXT NOT NULL, order_unit TEXT NOT NULL,
  minimum TEXT, lead_days INTEGER, preferred INTEGER NOT NULL,
  PRIMARY KEY (supplier, item, valid_from)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stock (
  item TEXT NOT NULL REFERENCES item (id), site TEXT NOT NULL REFERENCES site (id),
  on_hand TEXT NOT NULL, allocated TEXT NOT NULL, PRIMARY KEY (item, site))
  STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS closed_period (month TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS purchase_order (
  number TEXT PRIMARY KEY, external TEXT NOT NULL UNIQUE,
  supplier TEXT NOT NULL REFERENCES supplier (id), site TEXT NOT NULL REFERENCES site (id),
  currency TEXT NOT NULL, revision INTEGER NOT NULL,
  version INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS order_line (
  po TEXT NOT NULL REFERENCES purchase_order (number), line TEXT NOT NULL,
  item TEXT NOT NULL REFERENCES item (id), unit TEXT NOT NULL, ordered TEXT NOT NULL,
  price TEXT NOT NULL, per TEXT NOT NULL, needed_by TEXT NOT NULL,
  confirmed TEXT, promised TEXT, confirmed_as_of TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (po, line)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS coding (
  po TEXT NOT NULL, line TEXT NOT NULL, cost_centre TEXT NOT NULL, account TEXT NOT NULL,
  PRIMARY KEY (po, line)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS order_line_item ON order_line (item);
CREATE TABLE IF NOT EXISTS cancellation (
  po TEXT NOT NULL, line TEXT NOT NULL, quantity TEXT NOT NULL, revision INTEGER NOT NULL,
  reason TEXT NOT NULL, FOREIGN KEY (po, line) REFERENCES order_line (po, line)) STRICT;
CREATE INDEX IF NOT EXISTS cancellation_line ON cancellation (po, line);

CREATE TABLE IF NOT EXISTS receipt (
  number TEXT PRIMARY KEY, external TEXT NOT NULL UNIQUE,
  po TEXT NOT NULL REFERENCES purchase_order (number), site TEXT NOT NULL,
  received_on TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS receipt_line (
  receipt TEXT NOT NULL REFERENCES receipt (number), po TEXT NOT NULL, line TEXT NOT NULL,
  received TEXT NOT NULL, accepted TEXT NOT NULL, PRIMARY KEY (receipt, line),
  FOREIGN KEY (po, line) REFERENCES order_line (po, line)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS receipt_line_line ON receipt_line (po, line);

CREATE TABLE IF NOT EXISTS supplier_return (
  number TEXT PRIMARY KEY, external TEXT NOT NULL UNIQUE,
  po TEXT NOT NULL REFERENCES purchase_order (number), site TEXT NOT NULL,
  step TEXT NOT NULL, picked_on TEXT, shipped_on TEXT,
  version INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS return_line (
  return TEXT NOT NULL REFERENCES supplier_return (number), position INTEGER NOT NULL,
  po TEXT NOT NULL, line TEXT NOT NULL, returned TEXT NOT NULL, replaced TEXT NOT NULL,
  PRIMARY KEY (return, position),
  FOREIGN KEY (po, line) REFERENCES order_line (po, line)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS return_line_line ON return_line (po, line);

CREATE TABLE IF NOT EXISTS invoice (
  number TEXT PRIMARY KEY, external TEXT NOT NULL UNIQUE,
  supplier TEXT NOT NULL REFERENCES supplier (id), supplier_number TEXT NOT NULL,
  dated TEXT NOT NULL, currency TEXT NOT NULL, credit INTEGER NOT NULL, tax TEXT NOT NULL,
  total TEXT NOT NULL, UNIQUE (supplier, supplier_number)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS invoice_part (
  number TEXT PRIMARY KEY REFERENCES invoice (number), supplier TEXT NOT NULL,
  supplier_number TEXT NOT NULL, part INTEGER NOT NULL,
  UNIQUE (supplier, supplier_number, part)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS invoice_line (
  invoice TEXT NOT NULL REFERENCES invoice (number), position INTEGER NOT NULL,
  po TEXT NOT NULL, line TEXT NOT NULL, quantity TEXT NOT NULL, amount TEXT NOT NULL,
  PRIMARY KEY (invoice, position),
  FOREIGN KEY (po, line) REFERENCES order_line (po, line)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS invoice_line_line ON invoice_line (po, line);
CREATE TABLE IF NOT EXISTS invoice_charge (
  invoice TEXT NOT NULL REFERENCES invoice (number), position INTEGER NOT NULL,
  code TEXT NOT NULL, description TEXT NOT NULL, amount TEXT NOT NULL,
  PRIMARY KEY (invoice, position)) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS ledger (
  id INTEGER PRIMARY KEY, document TEXT NOT NULL, account TEXT NOT NULL,
  amount TEXT NOT NULL, currency TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS ledger_account ON ledger (account);

DROP VIEW IF EXISTS line_total;
CREATE VIEW line_total AS
SELECT o.external AS "order", l.line, o.supplier, o.currency, l.item, l.unit, l.ordered,
  (SELECT coalesce(decimal_sum(quantity), '0') FROM cancellation c
    WHERE c.po = l.po AND c.line = l.line) AS cancelled,
  l.confirmed, l.promised,
  (SELECT coalesce(decimal_sum(received), '0') FROM receipt_line r
    WHERE r.po = l.po AND r.line = l.line) AS received,
  (SELECT coalesce(decimal_sum(accepted), '0') FROM receipt_line r
    WHERE r.po = l.po AND r.line = l.line) AS accepted,
  (SELECT coalesce(decimal_sum(returned), '0') FROM return_line t
    WHERE t.po = l.po AND t.line = l.line) AS returned,
  (SELECT coalesce(decimal_sum(replaced), '0') FROM return_line t
    WHERE t.po = l.po AND t.line = l.line) AS replaced,
  (SELECT coalesce(decimal_sum(quantity), '0') FROM invoice_line i
    WHERE i.po = l.po AND i.line = l.line) AS invoiced,
  (SELECT coalesce(decimal_sum(amount), '0') FROM invoice_line i
    WHERE i.po = l.po AND i.line = l.line) AS amount_invoiced
FROM order_line l JOIN purchase_order o ON o.number = l.po;
"""
"""A return's lines are booked when it is shipped.
A credit note's lines are negative in invoice_line; debits are positive in ledger.
"""
