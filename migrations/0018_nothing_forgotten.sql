-- 0018_nothing_forgotten.sql
-- why: a turn that fails before its conversation exists still reaches a manager, and a message without an outcome is found
-- breaking: no
-- lock: handovers and turns, ACCESS EXCLUSIVE for an instant (the check on turns reads the table: about a second per million rows)
-- undo: drop function reconcile_inbox; drop the checks and the index; delete handovers without a conversation and make it required

-- A handover without a conversation: its customer's address could not be read (another master key, a refused row).
-- It gets its conversation as soon as that is mended.
alter table truffles.handovers alter column conversation_id drop not null;
create index handovers_stranded_idx on truffles.handovers (client_id) where conversation_id is null and status <> 'resolved';

-- A finished turn has its outcome, and only a finished one has.
alter table truffles.turns add constraint turns_outcome_recorded_check check ((status = 'claimed') = (outcome is null));

-- Compares what was accepted with what has an outcome, for events that are older than p_older_than_ms. Answers one row per
-- client with events that have none; alerted = true when error_logs said so within p_repeat_after_ms already.
-- A lane that has waiting events but would never be claimed is made ready, and counted in rearmed.
create function truffles.reconcile_inbox(p_older_than_ms integer, p_repeat_after_ms integer)
returns table (client_id uuid, events integer, oldest_at timestamptz, rearmed integer, alerted boolean)
language plpgsql security definer set search_path = truffles, pg_temp as $$
#variable_conflict use_column
declare
  v_before timestamptz := clock_timestamp() - p_older_than_ms * interval '1 millisecond';
begin
  return query
    with waiting as (
      select e.client_id, e.channel, e.lane_key, e.received_at from inbound_events e
       where e.turn_id is null and e.processed_at is null and e.received_at < v_before
    ), running as (
      select e.client_id, e.received_at from turns t join inbound_events e on e.turn_id = t.id
       where t.status = 'claimed' and t.claimed_at < clock_timestamp() and e.received_at < v_before
    ), rearmed_lanes as (
      update conversation_lanes l set due_at = clock_timestamp()
        from (select distinct w.client_id, w.channel, w.lane_key from waiting w) w
       where l.client_id = w.client_id and l.channel = w.channel and l.lane_key = w.lane_key
         and l.due_at is null and l.active_turn_id is null
      returning l.client_id
    )
    select open_events.client_id, count(*)::integer, min(open_events.received_at),
           (select count(*)::integer from rearmed_lanes r where r.client_id = open_events.client_id),
           exists (select from error_logs l where l.client_id = open_events.client_id and l.code = 'TRF_TURN_OVERDUE'
                      and l.created_at > clock_timestamp() - p_repeat_after_ms * interval '1 millisecond')
      from (select w.client_id, w.received_at from waiting w union all select r.client_id, r.received_at from running r) open_events
     group by open_events.client_id;
  if found then
    perform pg_notify('truffles_inbox', '');
  end if;
end $$;
revoke all on function truffles.reconcile_inbox(integer, integer) from public;
grant execute on function truffles.reconcile_inbox(integer, integer) to truffles_app;
