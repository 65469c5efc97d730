"""What an engine or a trainer printed about its memory, beside what planner says of it.

A log becomes one `Measured`, a config or the log's own arguments become one `Plan`, and the two are compared part by
part. One module per kind of log.
"""
