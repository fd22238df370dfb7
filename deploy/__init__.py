"""The app as a hosted service: a server, and the settings of what stands around it."""
