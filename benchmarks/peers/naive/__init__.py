"""The naive peer: Strawberry, dataloaders and SQLModel sessions, as most Python teams would build them, and well.

One dataloader a panel, batched by select-in, the newest few by row_number, a session for each loader's call (one
session cannot run two queries at once), a pool as large as the gateway's, uvloop and httptools, and Strawberry's
defaults, so no cache of parsed documents. Its schema is the part of the gateway's that the measured documents ask for,
so it answers the very same documents.
"""
