-- The database's own roles: the secret that their passwords come from, and a view that no longer lends its owner's rights.
-- breaking: no

-- Passwords of the roles are derived from this, so that every machine of a bureau knows them and none has to keep them.
-- Read and written by the owner alone.
create table platform.role_secret (
  only_row boolean primary key default true check (only_row),
  secret bytea not null check (octet_length(secret) = 32),
  made_at timestamptz not null
);

-- Whoever reads the counts needs a right to the rows that they are made of, and sees only the rows that they may see.
alter view assess.line_count set (security_invoker = true);
