"""The service as its clients see it: a server in a process of its own, asked over loopback."""
