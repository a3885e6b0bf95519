// Nothing is to be run here: who is served this is recorded, and the edge tells the page so in the same answer.
