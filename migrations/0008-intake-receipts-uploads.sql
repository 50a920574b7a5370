-- Signed receipts, uploads that can be resumed, and what is left of bytes that were not kept.
-- breaking: no

-- SHA-1 stands beside the other digests, because a receipt names all of them.
alter table intake.report_file add column sha1 text check (sha1 ~ '^[0-9a-f]{40}$');
update intake.report_file file set sha1 = seal.sha1 from vault.seal seal where seal.sha256 = file.sha256;

-- Made in the transaction that files the report, and kept exactly as it was given out.
create table intake.receipt (
  report_id bigint primary key references intake.report (id),
  provider_id uuid not null references access.provider (id),
  made_at timestamptz not null,
  key_id text not null,
  -- A JWS in compact serialization (RFC 7515, section 7.1).
  body text not null check (body <> '')
);
create trigger receipt_append_only before update or delete or truncate on intake.receipt
  for each statement execute function access.refuse_change();

-- An upload that comes in several requests: open while bytes come, complete while they are sealed into one file.
create table intake.upload (
  id text primary key check (id ~ '^[0-9a-f]{32}$'),
  report_id bigint not null references intake.report (id),
  provider_id uuid not null references access.provider (id),
  state text not null check (state in ('open', 'complete', 'sealed', 'ended')),
  -- Null while the sender does not know it yet.
  length_bytes bigint check (length_bytes >= 0),
  offset_bytes bigint not null default 0 check (offset_bytes >= 0),
  -- As sent; emptied when the upload ends.
  metadata text,
  upload_name text,
  -- Whoever wrote last owns the offset: a request whose token stands here no longer may add nothing.
  writer text,
  opened_at timestamptz not null,
  modified_at timestamptz not null,
  ended_at timestamptz,
  file_id text references intake.report_file (id),
  check (offset_bytes <= coalesce(length_bytes, offset_bytes)),
  check ((state = 'sealed') = (file_id is not null)),
  check ((state in ('sealed', 'ended')) = (ended_at is not null)),
  check (state not in ('complete', 'sealed') or offset_bytes = length_bytes)
);
create index upload_report on intake.upload (report_id, id);
create index upload_unsealed on intake.upload (modified_at) where state = 'complete';

-- One encrypted piece of an upload. Its place also stands in vault.incoming, so that it is swept once it is let go.
create table vault.part (
  upload_id text not null check (upload_id ~ '^[0-9a-f]{32}$'),
  position integer not null check (position >= 1),
  location text not null unique,
  -- As in vault.seal.
  store text not null default 'local',
  key_id text not null,
  size_bytes bigint not null check (size_bytes > 0),
  received_at timestamptz not null,
  primary key (upload_id, position)
);
create index part_key on vault.part (key_id);

-- What came in and was not kept: sizes, digests where the bytes were whole, and why; never content.
create table vault.tombstone (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  reason text not null check (reason in ('refused', 'ended')),
  -- The refusal's code, or what ended the upload.
  note text not null,
  report_id bigint,
  upload_id text,
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  sha1 text,
  md5 text,
  size_bytes bigint not null check (size_bytes >= 0),
  received_at timestamptz not null,
  actor_kind text not null,
  actor_id text not null
);
create index tombstone_report on vault.tombstone (report_id, id) where report_id is not null;
create trigger tombstone_append_only before update or delete or truncate on vault.tombstone
  for each statement execute function access.refuse_change();
