"""Setting planner up in a repository: what is there, and the files that it takes."""
