"""The database behind the store port: SQLAlchemy Core over SQLite or Postgres, and its migrations.

`opening.py` is the way in; `tables.py` the schema; one file per repository; one store per database.
"""
