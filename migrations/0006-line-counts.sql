-- Counts of the line that cost the same however long it is.
-- breaking: no

-- How many entries there are of each kind, so that a count costs the same however long the line is. Changes are
-- noted as rows of their own, so that people and jobs never wait for each other here; a job folds them in.
create table assess.line_tally (
  environment text not null,
  provider_id uuid not null,
  urgency smallint not null,
  state text not null,
  entries bigint not null,
  primary key (environment, provider_id, urgency, state)
);
create table assess.line_change (
  id bigint generated always as identity primary key,
  environment text not null,
  provider_id uuid not null,
  urgency smallint not null,
  state text not null,
  entries integer not null
);

-- Nobody may add an entry between the first count and the triggers.
lock table assess.line_entry in share row exclusive mode;
insert into assess.line_tally (environment, provider_id, urgency, state, entries)
select environment, provider_id, urgency, state, count(*) from assess.line_entry group by 1, 2, 3, 4;

create function assess.note_line_change() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    insert into assess.line_change (environment, provider_id, urgency, state, entries)
    select environment, provider_id, urgency, state, -count(*) from before_rows group by 1, 2, 3, 4;
  end if;
  if tg_op <> 'DELETE' then
    insert into assess.line_change (environment, provider_id, urgency, state, entries)
    select environment, provider_id, urgency, state, count(*) from after_rows group by 1, 2, 3, 4;
  end if;
  return null;
end
$$;

create trigger line_counted_in after insert on assess.line_entry
  referencing new table as after_rows
  for each statement execute function assess.note_line_change();
create trigger line_recounted after update on assess.line_entry
  referencing old table as before_rows new table as after_rows
  for each statement execute function assess.note_line_change();
create trigger line_counted_out after delete on assess.line_entry
  referencing old table as before_rows
  for each statement execute function assess.note_line_change();

create view assess.line_count as
  select environment, provider_id, urgency, state, entries from assess.line_tally
  union all
  select environment, provider_id, urgency, state, entries from assess.line_change;
