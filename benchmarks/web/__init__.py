"""The page in a browser, and the server with many clients at it."""
