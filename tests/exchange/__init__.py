"""Tests of the exchange: control numbers, answers, papers of warehouses and stock lists."""
