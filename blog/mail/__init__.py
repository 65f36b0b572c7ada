"""Mail on its way: kept in the database, sent by the worker."""
