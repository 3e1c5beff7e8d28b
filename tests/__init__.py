"""Public tests go to students, hidden tests stay with teachers, machinery tests are our own."""
