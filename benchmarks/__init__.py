"""Benchmarks: what `make bench` and its sisters run, and the peers that the gateway is measured against."""
