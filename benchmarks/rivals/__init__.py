"""The jobs in other people's libraries."""
