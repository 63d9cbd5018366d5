"""The only SQL of this floor: domain values in, domain values out."""
