-- 0019_purge_in_turn.sql
-- why: every process may ask for the purge of old events; one at a time does it
-- breaking: no
-- lock: none
-- undo: put purge_inbound_events of 0015 back

-- Deletes up to p_limit events that are older than p_age_days and whose work is finished; answers how many, or null when
-- another session is at it. Eight days at least: Meta repeats a delivery for seven, and without the row it would count as new.
create or replace function truffles.purge_inbound_events(p_age_days integer, p_limit integer) returns integer
language plpgsql security definer set search_path = truffles, pg_temp as $$
declare
  v_deleted integer;
begin
  if p_age_days < 8 then
    raise exception 'events are kept for at least 8 days, not %', p_age_days using errcode = 'invalid_parameter_value';
  end if;
  if not pg_try_advisory_xact_lock(hashtextextended('truffles.purge_inbound_events', 0)) then
    return null;
  end if;
  with finished as (
    select e.id from inbound_events e left join turns t on t.client_id = e.client_id and t.id = e.turn_id
     where e.received_at < now() - p_age_days * interval '1 day'
       and e.processed_at is not null and (e.turn_id is null or t.status <> 'claimed')
     limit p_limit for update of e skip locked)
  delete from inbound_events e using finished f where e.id = f.id;
  get diagnostics v_deleted = row_count;
  return v_deleted;
end $$;
