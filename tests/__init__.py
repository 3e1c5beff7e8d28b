"""Tests: public ones for students, hidden ones for teachers, machinery ones for the project."""
