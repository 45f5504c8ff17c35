"""Scoring: keeps what filters look at of RFM and life cycles, and tells changes of stage; for jobs and for writes."""
