-- What Prefect's wire has beside what deployments live on.

ALTER TABLE deployments ADD COLUMN storage_document_id TEXT REFERENCES block_documents (id) ON DELETE SET NULL;
ALTER TABLE deployments ADD COLUMN infrastructure_document_id TEXT REFERENCES block_documents (id) ON DELETE SET NULL;

-- The status that was last told as an event; none: NOT_READY, as all begin.
ALTER TABLE deployments ADD COLUMN told_status TEXT;
ALTER TABLE work_pools ADD COLUMN told_status TEXT;
ALTER TABLE work_queues ADD COLUMN told_status TEXT;
