-- Several stores and keys at once: a seal names its store, keys are known by id, re-sealing, copies set aside.
-- breaking: no

-- `local`, or the address of an object store as it was configured, for example `s3://evidence/bureau`.
alter table vault.incoming add column store text not null default 'local';
alter table vault.seal add column store text not null default 'local';

-- The older rule was narrower, so no row needs to be looked at again.
alter table vault.custody drop constraint custody_act_check;
alter table vault.custody add constraint custody_act_check check (act in (
  'received', 'verified', 'read', 'released', 'damaged', 'destroyed',
  'moved', 'resealed', 'quarantined', 'restored', 'erased'
)) not valid;

-- Every key that this bureau has made its own, by id; the keys themselves are never here.
create table vault.key (
  key_id text primary key,
  kind text not null check (kind in ('file', 'kms')),
  made_at timestamptz not null,
  -- Since when nothing new is sealed under it.
  retired_at timestamptz,
  -- The transaction that retired it: whoever began after its end knows of it.
  retired_in xid8,
  -- Since when it is gone for good.
  removed_at timestamptz,
  check ((retired_at is null) = (retired_in is null)),
  check (removed_at is null or retired_at is not null)
);

-- Sealing again what stands: under another key, or in another store.
create table vault.reseal_run (
  id uuid primary key,
  kind text not null check (kind in ('rotate', 'move')),
  key_id text,
  store text,
  asked_at timestamptz not null,
  asked_by_kind text not null,
  asked_by_id text not null,
  -- How far this pass has come; every pass begins again at the lowest SHA-256.
  after_sha256 text not null default '',
  files bigint not null default 0,
  size_bytes bigint not null default 0,
  total_files bigint not null default 0,
  total_bytes bigint not null default 0,
  -- Damaged ones, which stay where they are until they are restored.
  left_files bigint not null default 0,
  step_at timestamptz,
  problem text,
  done_at timestamptz,
  check (case kind when 'rotate' then key_id is not null else store is not null end)
);
-- One at a time.
create unique index reseal_run_running on vault.reseal_run ((true)) where done_at is null;
create index reseal_run_asked on vault.reseal_run (asked_at desc);

-- Damaged copies whose seal has sound bytes again. Kept until a person lets them go or the file is destroyed.
create table vault.quarantine (
  location text primary key,
  store text not null,
  sha256 text not null references vault.seal (sha256),
  key_id text not null,
  since timestamptz not null,
  reason text not null
);
create index quarantine_sha256 on vault.quarantine (sha256);
create index quarantine_key on vault.quarantine (key_id);

create index seal_key on vault.seal (key_id, sha256) where location is not null;
create index seal_store on vault.seal (store, sha256) where location is not null;
-- What was not looked at for longest.
create index seal_verified on vault.seal (verified_at nulls first) where location is not null and damaged_at is null;
create index seal_damaged on vault.seal (damaged_at) where location is not null and damaged_at is not null;
