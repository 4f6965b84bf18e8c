"""Request and response types that server and SDK share."""
