"""Mends what is found: edits in the text, everything else byte for byte as it was.

`offers` and `comments` say which edits mend a finding, `edits` applies them, `trees` makes sure that nothing else
changed, `files` writes, and `run` goes round until nothing is left to mend.
"""
