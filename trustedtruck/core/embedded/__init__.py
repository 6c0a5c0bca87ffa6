"""PostgreSQL, Valkey and the product's processes under one supervisor. Imports no Django."""
