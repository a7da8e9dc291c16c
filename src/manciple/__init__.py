"""Manciple: procurement orchestration for distributors.

The ERP keeps the books; Manciple decides, routes, waits, retries, explains and measures.
"""
