"""Figures of problem 2, one module a section."""
