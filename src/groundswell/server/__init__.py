"""The HTTP edge: REST, the workers' portal and the requesters' console. No rules here."""
