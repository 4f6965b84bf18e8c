"""The database behind the store port: SQLAlchemy Core over SQLite or Postgres, and its migrations."""
