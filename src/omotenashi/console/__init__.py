"""The staff API: one file per noun under ``routes``, each question one function, one error body everywhere.

It listens on 127.0.0.1 behind a bearer token. Its collaborators are passed in by ``boot``; ``ports`` says what it wants of them.
"""
