-- Sealed evidence: bytes stored once under their SHA-256, and the custody of every one of them.
-- breaking: no

create schema vault;

-- A place in the store that is being written and belongs to nobody yet; what a crash leaves here is swept.
create table vault.incoming (
  location text primary key,
  started_at timestamptz not null
);
create index incoming_started on vault.incoming (started_at);

create table vault.seal (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  md5 text not null check (md5 ~ '^[0-9a-f]{32}$'),
  sha1 text not null check (sha1 ~ '^[0-9a-f]{40}$'),
  size_bytes bigint not null check (size_bytes >= 0),
  media_type text,
  -- Null once destroyed. Unique, so that no two seals can share bytes.
  location text unique,
  key_id text not null,
  sealed_at timestamptz not null,
  verified_at timestamptz,
  damaged_at timestamptz,
  damage text,
  destroyed_at timestamptz,
  check ((location is null) = (destroyed_at is not null))
);

-- Which file records hold these bytes. A seal without holders is swept.
create table vault.holding (
  sha256 text not null references vault.seal (sha256),
  file_id text not null primary key check (file_id ~ '^[0-9a-f]{32}$'),
  report_id bigint not null,
  held_at timestamptz not null,
  released_at timestamptz
);
create index holding_sha256 on vault.holding (sha256) where released_at is null;
create index holding_report on vault.holding (report_id);

create table vault.custody (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  sha256 text not null,
  act text not null check (act in ('received', 'verified', 'read', 'released', 'damaged', 'destroyed')),
  actor_kind text not null,
  actor_id text not null,
  report_id bigint,
  file_id text,
  note text
);
create index custody_sha256 on vault.custody (sha256, id);
create index custody_report on vault.custody (report_id, id) where report_id is not null;

create trigger custody_append_only before update or delete or truncate on vault.custody
  for each statement execute function access.refuse_change();
