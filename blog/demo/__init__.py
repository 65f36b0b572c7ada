"""The demo trip "Along the Tumen": what it is made of, and how it is built by the product's own ways."""
