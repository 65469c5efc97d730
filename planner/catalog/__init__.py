"""Facts as data files, each row with source and date, and one look-up for each kind. No computing, no network."""
