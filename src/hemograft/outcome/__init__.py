"""Outcomes: consensus definitions, one row per patient, and summaries with their Monte Carlo error."""
