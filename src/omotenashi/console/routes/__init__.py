"""The staff API's nouns. Each module has ``routes(desk)``: its handlers, bound to the collaborators."""
