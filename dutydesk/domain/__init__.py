"""The rules of the desk: no database, no screen; standard library and arrow only."""
