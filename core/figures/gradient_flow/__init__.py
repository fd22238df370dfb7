"""Figures of problem 1."""
