"""What every request passes before a route sees it, from the outside in: observing, secure headers, limits, CORS, sign-in."""
