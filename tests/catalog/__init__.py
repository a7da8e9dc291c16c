"""The catalog: records, packs, registration."""
