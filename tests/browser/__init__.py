"""GraphiQL in a browser, and the routes, build and documents behind it."""
