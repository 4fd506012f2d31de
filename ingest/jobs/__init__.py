"""Work that goes on behind a page: uploads being read, stored documents read again.

:class:`JobService` takes work in and tells how far it is; :class:`JobRunner`, one a process, does it.
"""

from ingest.jobs.records import Job, JobFile, JobOptions
from ingest.jobs.runner import JobRunner
from ingest.jobs.service import JobService

__all__ = ["Job", "JobFile", "JobOptions", "JobRunner", "JobService"]
