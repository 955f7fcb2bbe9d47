"""What executes chapters: the request, the plan, a process for each, its state."""
