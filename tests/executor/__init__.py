"""The compiled executor: it answers what graphql-core answers, over a torture schema and over the gateway's own."""
