"""Figures of problem 3, one module a section."""
