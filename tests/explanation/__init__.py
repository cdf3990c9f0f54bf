"""Why a trial is in an answer, or is not."""
