-- The audit log: rows of the audit and of custody, sealed in order into a Merkle tree that anyone can check.
-- breaking: no

-- What waits to be sealed. A row comes in with the row that it names, in the same commit, and goes when it gets its
-- position: so nothing depends on the order of ids or of commits, and writers wait for nobody.
create table access.log_pending (
  id bigint generated always as identity primary key,
  source text not null,
  row_id bigint not null
);
-- Rows live for seconds, so space is taken back by number and not by share.
alter table access.log_pending set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- Runs with its owner's rights: whoever may write an audit row need not be able to reach the log.
create function access.note_for_log() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into access.log_pending (source, row_id) select tg_argv[0], id from new_rows order by id;
  return null;
end
$$;

create trigger audit_logged after insert on access.audit
  referencing new table as new_rows
  for each statement execute function access.note_for_log('audit');
create trigger custody_logged after insert on vault.custody
  referencing new table as new_rows
  for each statement execute function access.note_for_log('custody');

-- The triggers lock out writers until this commits, so no row can slip between them and these two.
insert into access.log_pending (source, row_id) select 'audit', id from access.audit order by id;
insert into access.log_pending (source, row_id) select 'custody', id from vault.custody order by id;

-- Which row stands at which position. The salt makes its hash say nothing about it.
create table access.log_entry (
  position bigint primary key check (position >= 0),
  row_id bigint not null,
  source text not null,
  salt bytea not null check (octet_length(salt) = 16),
  unique (source, row_id)
);

-- Hashes of the tree, 256 of one level in a row: level 0 are the entries, level 1 the roots of full rows of level 0.
create table access.log_tile (
  level smallint not null check (level between 0 and 7),
  tile bigint not null check (tile >= 0),
  hashes bytea not null check (octet_length(hashes) between 32 and 8192 and octet_length(hashes) % 32 = 0),
  primary key (level, tile)
);
-- Hashes do not compress.
alter table access.log_tile alter column hashes set storage external;

-- Every signed state of the log, as a signed note (C2SP tlog-checkpoint).
create table access.log_checkpoint (
  size bigint primary key check (size >= 1),
  root bytea not null check (octet_length(root) = 32),
  note text not null,
  signed_at timestamptz not null
);

-- What witnesses signed besides: one signature line each (C2SP tlog-cosignature).
create table access.log_cosignature (
  size bigint not null references access.log_checkpoint (size),
  witness text not null,
  line text not null,
  cosigned_at timestamptz not null,
  primary key (size, witness)
);

-- How it stands with each witness: the size that it last cosigned, and what is wrong, if anything is.
create table access.log_witness (
  name text primary key,
  size bigint not null default 0 check (size >= 0),
  asked_at timestamptz not null,
  answered_at timestamptz,
  trouble text
);

create trigger log_entry_append_only before update or delete or truncate on access.log_entry
  for each statement execute function access.refuse_change();
create trigger log_checkpoint_append_only before update or delete or truncate on access.log_checkpoint
  for each statement execute function access.refuse_change();
create trigger log_cosignature_append_only before update or delete or truncate on access.log_cosignature
  for each statement execute function access.refuse_change();
create trigger log_tile_append_only before delete or truncate on access.log_tile
  for each statement execute function access.refuse_change();

-- A row of hashes may grow at its end and nothing else.
create function access.refuse_tile_change() returns trigger language plpgsql as $$
begin
  if new.level <> old.level or new.tile <> old.tile
    or substring(new.hashes from 1 for octet_length(old.hashes)) <> old.hashes then
    raise exception 'access.log_tile is append-only' using errcode = 'restrict_violation';
  end if;
  return new;
end
$$;
create trigger log_tile_grows before update on access.log_tile
  for each row execute function access.refuse_tile_change();
