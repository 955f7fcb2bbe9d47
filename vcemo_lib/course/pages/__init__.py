"""What people see of a run: pages, index, tables."""
